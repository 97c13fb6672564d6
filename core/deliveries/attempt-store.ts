import { z } from 'zod';
import type { Attempt } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { type RowChange, updateRows, valueOfEach } from '../db/update-rows.ts';

interface NewAttempt {
  readonly deliveryId: number;
  readonly n: number;
  readonly plugin: string;
  readonly credentialId: number;
  readonly revision: number;
  readonly startedAt: number;
}

interface Claimed {
  readonly id: number;
  readonly fence: number;
}

/** One that begins, for whoever holds the claim. */
export interface AttemptBegin {
  readonly attempt: NewAttempt;
  readonly claim: Claimed;
}

/**
 * Begins attempts of different deliveries in one statement that does nothing for whoever has lost the claim.
 * @returns how many of the claims are still held
 */
export async function insertAttempts(
  { knex: sql, kind }: Pick<Database, 'knex' | 'kind'>,
  begins: readonly AttemptBegin[],
): Promise<number> {
  const each = (of: (begin: AttemptBegin) => number | string) =>
    valueOfEach(
      sql,
      'jobs.id',
      begins.map((begin) => [begin.claim.id, of(begin)]),
    );
  const row = {
    delivery_id: each(({ attempt }) => attempt.deliveryId),
    n: each(({ attempt }) => attempt.n),
    plugin: each(({ attempt }) => attempt.plugin),
    credential_id: each(({ attempt }) => attempt.credentialId),
    revision: each(({ attempt }) => attempt.revision),
    started_at: each(({ attempt }) => attempt.startedAt),
    outcome: 'open',
  };
  const names = Object.keys(row);
  const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
  // MariaDB and MySQL would read past a cancel that is not committed yet.
  const lock = kind === 'mysql' ? ' for update' : '';
  const answer: unknown = await sql.raw(
    `insert into attempts (${names.join(', ')}) select ${marks(names.length)} from jobs ` +
      `where jobs.id in (${marks(begins.length)}) and jobs.fence = ?${lock}`,
    [...Object.values(row), ...begins.map(({ claim }) => claim.id), each(({ claim }) => claim.fence)],
  );
  return insertAnswer.parse(answer);
}

/** Which of the claims are held now: a fence only rises, so those were held before as well. */
export async function areHeld(sql: Sql, claims: readonly Claimed[]): Promise<readonly boolean[]> {
  const ids = claims.map(({ id }) => id);
  const rows: unknown = await sql('jobs').whereIn('id', ids).select('id', 'fence');
  const jobs = z.array(z.object({ id: rowId, fence: z.int() })).parse(rows);
  return claims.map((claim) => jobs.some(({ id, fence }) => id === claim.id && fence === claim.fence));
}

/** Of better-sqlite3 and of mysql2. */
const insertAnswer = z.union([
  z.object({ changes: z.number() }).transform(({ changes }) => changes),
  z.tuple([z.object({ affectedRows: z.number() }), z.unknown()]).transform(([{ affectedRows }]) => affectedRows),
]);

/**
 * Gives an open attempt up for a new one, before its point of no return, for whoever holds the claim.
 * @returns false when the claim is lost
 */
export async function replaceAttempt(db: Database, { attempt, claim }: AttemptBegin): Promise<boolean> {
  return db.transaction(async (sql) => {
    const held: unknown[] = await sql('jobs').where({ id: claim.id, fence: claim.fence }).forUpdate().select('id');
    if (held.length === 0) return false;
    await supersedeOpenAttempt(sql, attempt.deliveryId, { reason: 'outdated', now: attempt.startedAt });
    return (await insertAttempts({ knex: sql, kind: db.kind }, [{ attempt, claim }])) === 1;
  });
}

type AttemptOutcome = 'open' | 'superseded' | 'failed' | 'published';

interface AttemptChange {
  readonly sealedProgress?: string;
  readonly reference?: string;
  readonly pointOfNoReturnAt?: number;
  readonly end?: {
    readonly outcome: Exclude<AttemptOutcome, 'open'>;
    readonly reason: string | null;
    readonly at: number;
  };
}

export interface AttemptUpdate {
  readonly deliveryId: number;
  readonly n: number;
  readonly change: AttemptChange;
}

/** @returns false when one of the attempts is not open any more: the caller's picture of it is wrong */
export async function updateOpenAttempts(sql: Sql, updates: readonly AttemptUpdate[]): Promise<boolean> {
  const changes = updates
    .map(({ deliveryId, change }) => ({ key: deliveryId, columns: columnsOf(change) }))
    .filter(({ columns }) => Object.keys(columns).length > 0);
  const n = valueOfEach(
    sql,
    'delivery_id',
    updates.map((update) => [update.deliveryId, update.n]),
  );
  const where = { table: 'attempts', key: 'delivery_id' };
  const changed = await updateRows(
    sql,
    { ...where, only: (attempts) => void attempts.where({ outcome: 'open' }).where('n', n) },
    changes,
  );
  return changed === changes.length;
}

function columnsOf({ sealedProgress, reference, pointOfNoReturnAt, end }: AttemptChange): RowChange['columns'] {
  return {
    ...(sealedProgress === undefined ? {} : { progress: sealedProgress }),
    ...(reference === undefined ? {} : { reference }),
    ...(pointOfNoReturnAt === undefined ? {} : { point_of_no_return_at: pointOfNoReturnAt }),
    ...(end === undefined ? {} : { outcome: end.outcome, reason: end.reason?.slice(0, 80) ?? null, ended_at: end.at }),
  };
}

/** Ends an open attempt that nothing irrevocable belongs to. */
export async function supersedeOpenAttempt(
  sql: Sql,
  deliveryId: number,
  { reason, now }: { readonly reason: string; readonly now: number },
): Promise<void> {
  await sql('attempts')
    .where({ delivery_id: deliveryId, outcome: 'open' })
    .whereNull('point_of_no_return_at')
    .update({ outcome: 'superseded', reason, ended_at: now });
}

/** Of the attempt that is open or published; null before it and when there is none. */
export async function findPointOfNoReturn(sql: Sql, deliveryId: number): Promise<number | null> {
  const rows: unknown = await sql('attempts')
    .where({ delivery_id: deliveryId })
    .whereIn('outcome', ['open', 'published'])
    .whereNotNull('point_of_no_return_at')
    .select('point_of_no_return_at');
  return z.array(z.object({ point_of_no_return_at: rowTime })).parse(rows)[0]?.point_of_no_return_at ?? null;
}

/** Attempts between two others, oldest first. */
export async function selectEarlierAttempts(
  sql: Sql,
  deliveryId: number,
  { afterN, beforeN }: { readonly afterN: number; readonly beforeN: number },
): Promise<Attempt['earlier']> {
  const rows: unknown = await sql('attempts')
    .where({ delivery_id: deliveryId })
    .where('n', '>', afterN)
    .where('n', '<', beforeN)
    .orderBy('n')
    .select('started_at', 'outcome', 'reason');
  return z
    .array(z.object({ started_at: rowTime, outcome: z.string(), reason: z.string().nullable() }))
    .parse(rows)
    .map(({ started_at, ...rest }) => ({ ...rest, startedAt: started_at }));
}

/** Ends the open attempt because a person says what became of it; past the point of no return nobody else may. */
export async function endAttemptByPerson(
  sql: Sql,
  deliveryId: number,
  end: { readonly outcome: 'superseded' | 'published'; readonly reason: string; readonly now: number },
): Promise<void> {
  await sql('attempts')
    .where({ delivery_id: deliveryId, outcome: 'open' })
    .update({ outcome: end.outcome, reason: end.reason, ended_at: end.now });
}

/** How many attempts there were so far. */
export async function selectLastAttemptN(sql: Sql, deliveryId: number): Promise<number> {
  const rows: unknown = await sql('attempts').where({ delivery_id: deliveryId }).max({ n: 'n' });
  return z.tuple([z.object({ n: z.int().nullable() })]).parse(rows)[0].n ?? 0;
}

/** The delivery that a living attempt with this reference belongs to, published ones included: their link may still come. */
export async function findDeliveryByReference(
  sql: Sql,
  plugin: string,
  reference: string,
): Promise<number | undefined> {
  const rows: unknown = await sql('attempts')
    .where({ plugin, reference })
    .whereIn('outcome', ['open', 'published'])
    .select('delivery_id');
  return z.array(z.object({ delivery_id: rowId })).parse(rows)[0]?.delivery_id;
}
