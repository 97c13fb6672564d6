import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';

type Failure = NonNullable<Parameters<Simulator['control']['setSwitches']>[0]['failures']>[number];

/** What TikTok does with a delivery: the same however often it is asked. */
export interface Fate {
  readonly name: string;
  readonly privacy: 'PUBLIC_TO_EVERYONE' | 'SELF_ONLY';
  readonly failures: readonly Failure[];
}

const always = { times: 1_000_000 };
const everybody = { privacy: 'PUBLIC_TO_EVERYONE' } as const;
const refused = { kind: 'refuse', status: 403, ...always } as const;

export const fates: readonly Fate[] = [
  { name: 'published for everybody', ...everybody, failures: [] },
  { name: 'published for nobody else', privacy: 'SELF_ONLY', failures: [] },
  {
    name: 'not accepted by TikTok',
    ...everybody,
    failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'picture_size_check_failed', ...always }],
  },
  {
    name: 'failed by TikTok itself, once',
    ...everybody,
    failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'internal' }],
  },
  {
    name: 'failed by TikTok itself, always',
    ...everybody,
    failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'internal', ...always }],
  },
  {
    name: 'banned from posting',
    ...everybody,
    failures: [{ endpoint: 'video/init', ...refused, code: 'spam_risk_user_banned_from_posting' }],
  },
  {
    name: 'an audience that TikTok does not offer any more',
    ...everybody,
    failures: [{ endpoint: 'video/init', ...refused, code: 'privacy_level_option_mismatch' }],
  },
  {
    name: 'posted, and its publish id forgotten',
    ...everybody,
    failures: [{ endpoint: 'status/fetch', ...refused, status: 400, code: 'invalid_publish_id' }],
  },
];
