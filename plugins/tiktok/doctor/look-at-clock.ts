import { type Clock, type DoctorCheck, type DoctorLook, type Finding, findingsOf, type Translate } from '#plugin-api';
import { pageTimeoutMs } from '../api/client.ts';
import type { TikTokClient } from '../api/client.ts';

export const clockOutcomes = {
  ok: { tone: 'ok' },
  ahead: { tone: 'bad', who: 'admin', steps: 2 },
  behind: { tone: 'bad', who: 'admin', steps: 2 },
  unanswered: { tone: 'warn', who: 'network', steps: 1 },
} as const;

const mostApartMs = 5_000;

interface ClockParts {
  readonly t: Translate;
  readonly clock: Clock;
  readonly client: Pick<TikTokClient, 'serverTime'>;
}

/** Whether the time we go by is TikTok's: due times, the ends of tokens and the ages of events hang on it. */
export function clockCheck({ t, clock, client }: ClockParts): DoctorCheck {
  const found = findingsOf(t, 'tiktok-doctor:clock', clockOutcomes);
  const run = async ({ signal }: DoctorLook): Promise<Finding> => {
    const askedAt = clock.now();
    const theirs = await client.serverTime({ timeoutMs: pageTimeoutMs, signal });
    if (theirs === undefined) return found('unanswered');
    // The header names whole seconds, cut off: on average the moment was half a second later.
    const apartMs = (askedAt + clock.now()) / 2 - (theirs + 500);
    const values = { seconds: Number((Math.abs(apartMs) / 1000).toFixed(1)) };
    if (apartMs > mostApartMs) return found('ahead', { values });
    return found(apartMs < -mostApartMs ? 'behind' : 'ok', { values });
  };
  return { id: 'clock', label: t('tiktok-doctor:clock.label'), run };
}
