import type { Translate } from '#plugin-api';
import type { TimeWords } from '../web/times.ts';
import type { QuotaWarning } from './forecast-service.ts';

const hourMs = 3_600_000;

/** A warning in words, in the team's zone: what is full, and the next time that is not. */
export function sayQuota(t: Translate, warning: QuotaWarning, time: TimeWords) {
  const { username, nickname, counts, taken, limit, withinMs, endsAt, freeAt } = warning;
  const who = username === null ? nickname : `@${username}`;
  const facts = { who, taken, limit, hours: Math.round(withinMs / hourMs), at: time.short(endsAt) };
  const next = freeAt === null ? t('forecast:noneFree') : t('forecast:nextFree', { at: time.short(freeAt) });
  return { channelId: warning.channelId, what: t(`forecast:full.${counts}`, facts), next };
}
