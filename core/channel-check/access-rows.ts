import type { CheckRow, Translate } from '#plugin-api';
import type { Credential } from '../credentials/credential-service.ts';

/** A row of a check that may name a moment. */
export interface TimedRow extends CheckRow {
  /** UTC milliseconds, shown behind the text. */
  readonly at?: number;
}

/** So long before a grant ends for good people are told. */
const endingMs = 14 * 86_400_000;

interface Access extends Pick<Credential, 'accessExpiresAt' | 'refreshExpiresAt' | 'refreshedAt'> {
  readonly isLost: boolean;
  readonly now: number;
}

/** Whether there is an access, how long it lasts and whether it is renewed: the same for every network. */
export function accessRows(access: Access, t: Translate): readonly TimedRow[] {
  if (access.isLost) return [row(t, { id: 'present', state: 'failed', word: 'lost' })];
  const { accessExpiresAt, refreshExpiresAt, refreshedAt, now } = access;
  const lasts = accessExpiresAt > now ? ({ state: 'ok', word: 'lasts' } as const) : undefined;
  const isOver = refreshExpiresAt <= now;
  const renewal = isOver ? 'over' : refreshExpiresAt - now < endingMs ? 'ending' : 'renewable';
  return [
    row(t, { id: 'present', state: 'ok', word: 'stored', at: refreshedAt }),
    row(t, { id: 'expiry', ...(lasts ?? { state: 'warning', word: 'ranOut' }), at: accessExpiresAt }),
    row(t, { id: 'renewal', state: stateOf[renewal], word: renewal, at: refreshExpiresAt }),
  ];
}

const stateOf = { over: 'failed', ending: 'warning', renewable: 'ok' } as const;

function row(
  t: Translate,
  { word, ...parts }: Pick<TimedRow, 'id' | 'state' | 'at'> & { readonly word: string },
): TimedRow {
  return { ...parts, title: t(`channel-check:access.${parts.id}`), text: t(`channel-check:access.${word}`) };
}
