import { z } from 'zod';
import type { Attempt } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';

export interface NewAttempt {
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

/**
 * Begins an attempt in one statement that does nothing for whoever has lost the claim.
 * @returns false when the claim is lost
 */
export async function insertAttempt(
  db: Pick<Database, 'knex' | 'kind'>,
  attempt: NewAttempt,
  claim: Claimed,
): Promise<boolean> {
  const row = {
    delivery_id: attempt.deliveryId,
    n: attempt.n,
    plugin: attempt.plugin,
    credential_id: attempt.credentialId,
    revision: attempt.revision,
    started_at: attempt.startedAt,
    outcome: 'open',
  };
  const names = Object.keys(row);
  const marks = names.map(() => '?').join(', ');
  // MariaDB and MySQL would read past a cancel that is not committed yet.
  const lock = db.kind === 'mysql' ? ' for update' : '';
  const answer: unknown = await db.knex.raw(
    `insert into attempts (${names.join(', ')}) select ${marks} from jobs where jobs.id = ? and jobs.fence = ?${lock}`,
    [...Object.values(row), claim.id, claim.fence],
  );
  return insertAnswer.parse(answer) === 1;
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
export async function replaceAttempt(db: Database, attempt: NewAttempt, claim: Claimed): Promise<boolean> {
  return db.transaction(async (sql) => {
    const held: unknown[] = await sql('jobs').where({ id: claim.id, fence: claim.fence }).forUpdate().select('id');
    if (held.length === 0) return false;
    await supersedeOpenAttempt(sql, attempt.deliveryId, { reason: 'outdated', now: attempt.startedAt });
    return insertAttempt({ knex: sql, kind: db.kind }, attempt, claim);
  });
}

type AttemptOutcome = 'open' | 'superseded' | 'failed' | 'published';

export interface AttemptChange {
  readonly sealedProgress?: string;
  readonly reference?: string;
  readonly pointOfNoReturnAt?: number;
  readonly end?: {
    readonly outcome: Exclude<AttemptOutcome, 'open'>;
    readonly reason: string | null;
    readonly at: number;
  };
}

/** @returns false when the attempt is not open any more: the caller's picture of it is wrong */
export async function updateOpenAttempt(
  sql: Sql,
  attempt: { readonly deliveryId: number; readonly n: number },
  change: AttemptChange,
): Promise<boolean> {
  const { sealedProgress, reference, pointOfNoReturnAt, end } = change;
  const columns = {
    ...(sealedProgress === undefined ? {} : { progress: sealedProgress }),
    ...(reference === undefined ? {} : { reference }),
    ...(pointOfNoReturnAt === undefined ? {} : { point_of_no_return_at: pointOfNoReturnAt }),
    ...(end === undefined ? {} : { outcome: end.outcome, reason: end.reason?.slice(0, 80) ?? null, ended_at: end.at }),
  };
  if (Object.keys(columns).length === 0) return true;
  const changed = await sql('attempts')
    .where({ delivery_id: attempt.deliveryId, n: attempt.n, outcome: 'open' })
    .update(columns);
  return changed === 1;
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
