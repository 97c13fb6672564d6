import {
  type CredentialSet,
  type DoctorCheck,
  type Finding,
  type FindingFacts,
  findingsOf,
  type Translate,
} from '#plugin-api';
import { pageTimeoutMs } from '../api/client.ts';
import type { TikTokClient } from '../api/client.ts';
import type { Failure } from '../api/replies.ts';
import type { ErrorBook } from '../errors.ts';
import { linkToField } from './settings-link.ts';

export const keyOutcomes = {
  ok: { tone: 'ok' },
  missing: { tone: 'bad', who: 'admin', steps: 3 },
  swapped: { tone: 'bad', who: 'admin', steps: 3 },
  refused: { tone: 'bad', who: 'admin', steps: 3 },
  'kept-refused': { tone: 'warn', who: 'admin', steps: 3 },
  'wrong-set': { tone: 'warn', who: 'admin', steps: 3 },
  unanswered: { tone: 'warn', who: 'network', steps: 1 },
} as const;

interface KeyParts {
  readonly t: Translate;
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
  readonly settings: {
    active(): Promise<CredentialSet | undefined>;
    complete(): Promise<readonly CredentialSet[]>;
  };
}

/** Whether TikTok accepts App ID and App Secret of each set, and whether they look like that set's. */
export function keyCheck(parts: KeyParts): DoctorCheck {
  const { t, settings } = parts;
  const found = findingsOf(t, 'tiktok-doctor:keys', keyOutcomes);
  const run = async (): Promise<Finding> => {
    const [active, sets] = await Promise.all([settings.active(), settings.complete()]);
    if (active === undefined) return found('missing');
    const inUse = factsOf(t, active);
    if (looksSwapped(active)) return found('swapped', inUse);
    const kept = sets.filter(({ id }) => id !== active.id);
    const [failure, ...others] = await Promise.all([active, ...kept].map((set) => ask(parts, set)));
    if (failure !== undefined && isRefusal(failure)) return found('refused', { ...inUse, ...printOf(failure) });
    if (failure !== undefined) return found('unanswered', { ...inUse, ...printOf(failure) });
    const strange = [active, ...kept].find(looksOfOtherSet);
    if (strange !== undefined) return found('wrong-set', factsOf(t, strange));
    const at = others.findIndex((one) => one !== undefined && isRefusal(one));
    const [refusedSet, refusal] = [kept[at], others[at]];
    if (refusedSet !== undefined && refusal !== undefined) {
      return found('kept-refused', { ...factsOf(t, refusedSet), ...printOf(refusal) });
    }
    return found('ok', inUse);
  };
  return { id: 'keys', label: t('tiktok-doctor:keys.label'), run };
}

function factsOf(t: Translate, { id }: CredentialSet): Pick<FindingFacts, 'values' | 'links'> {
  const values = { set: t(`tiktok:settings.sets.${id}.label`), place: t(`tiktok-doctor:place.${id}`) };
  return { values, links: [linkToField(t, id, 'appId')] };
}

/** The client-credentials grant: it needs no person (developers.tiktok.com/doc/client-access-token-management). */
async function ask({ client }: KeyParts, set: CredentialSet): Promise<Failure | undefined> {
  const app = { key: set.appKey, secret: set.text('appSecret') };
  const reply = await client.clientCredentials(app, { timeoutMs: pageTimeoutMs });
  return reply.ok ? undefined : reply;
}

/** Anything else says nothing of the keys: no answer, a gateway's page, too many calls. */
function isRefusal({ code }: Failure): boolean {
  return ['invalid_client', 'unauthorized_client', 'access_denied', 'invalid_request'].includes(code);
}

function printOf({ code, logId }: Failure) {
  return { code, place: 'token', logId };
}

// Client keys usually begin `aw` in production and `sbaw` in a sandbox: seen, not documented, so they only warn.

function looksSwapped(set: CredentialSet): boolean {
  return isLikeKey(set.text('appSecret')) && !isLikeKey(set.appKey);
}

function looksOfOtherSet({ id, appKey }: CredentialSet): boolean {
  if (!isLikeKey(appKey)) return false;
  return (id === 'sandbox') !== appKey.startsWith('sb');
}

function isLikeKey(text: string): boolean {
  return /^(?:sb)?aw[a-z0-9]+$/u.test(text);
}
