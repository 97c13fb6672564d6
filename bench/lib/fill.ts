import type { Database, Sql } from '../../core/db/database.ts';

interface Rows {
  readonly from: number;
  readonly to: number;
}

/** A table expression `numbers(n)` from … to, made inside the database. */
export function numbers(db: Database, { from, to }: Rows): string {
  return db.kind === 'sqlite'
    ? `(with recursive numbers(n) as (values(${from}) union all select n + 1 from numbers where n < ${to}) select n from numbers) numbers`
    : `(select seq as n from seq_${from}_to_${to}) numbers`;
}

export interface JobFill extends Rows {
  readonly db: Database;
  readonly state: 'waiting' | 'finished';
  readonly kind: string;
  /** `run_at` of job n is `firstAt + n * stepMs`. */
  readonly firstAt: number;
  readonly stepMs: number;
  /** Job n is for the channel n modulo these, counted from 1; for none unless said. */
  readonly lanes?: number;
}

/** Jobs with the numbers as their keys. */
export async function fillJobs({ db, state, kind, firstAt, stepMs, lanes = 0, ...rows }: JobFill): Promise<void> {
  await db.knex.raw(
    `insert into jobs (kind, ${db.kind === 'sqlite' ? '"key"' : '`key`'}, payload, state, lane, run_at, created_at, updated_at)
     select ?, n, '{}', ?, ${lanes === 0 ? '0' : `1 + n % ${lanes}`}, ? + n * ?, 0, 0 from ${numbers(db, rows)}`,
    [kind, state, firstAt, stepMs],
  );
}

export interface DeliveryFill extends Rows {
  readonly teamId: number;
  readonly authorId: number;
  readonly plugin: string;
  /** Post n goes to the channel at n modulo their number. */
  readonly channelIds: readonly number[];
  readonly state: 'scheduled' | 'published';
  readonly firstAt: number;
  readonly stepMs: number;
}

/** Posts, deliveries and jobs, all with the same numbers, as the composer would have left them. */
export async function fillDeliveries(db: Database, kind: string, fill: DeliveryFill): Promise<void> {
  await db.transaction(async (sql) => {
    await insertPosts(db, sql, fill);
    await insertDeliveries(db, sql, fill);
  });
  const { from, to, firstAt, stepMs } = fill;
  const state = fill.state === 'scheduled' ? 'waiting' : 'finished';
  await fillJobs({ db, state, kind, firstAt, stepMs, from, to });
}

async function insertPosts(db: Database, sql: Sql, fill: DeliveryFill): Promise<void> {
  await sql.raw(
    `insert into posts (id, team_id, caption, nonce, nonce_body, created_by, created_at, updated_at, state, due_at)
     select n, ?, 'First batch, still warm', n, 'x', ?, 0, 0, ?, ? + n * ? from ${numbers(db, fill)}`,
    [fill.teamId, fill.authorId, fill.state, fill.firstAt, fill.stepMs],
  );
}

async function insertDeliveries(db: Database, sql: Sql, fill: DeliveryFill): Promise<void> {
  const channel = `case n % ${fill.channelIds.length} ${fill.channelIds.map((id, n) => `when ${n} then ${id}`).join(' ')} end`;
  await sql.raw(
    `insert into deliveries (id, post_id, team_id, channel_id, plugin, state, options, due_wall, due_zone, due_at, updated_at)
     select n, n, ?, ${channel}, ?, ?, '{}', '2026-11-21T13:00', 'Europe/Copenhagen', ? + n * ?, 0 from ${numbers(db, fill)}`,
    [fill.teamId, fill.plugin, fill.state, fill.firstAt, fill.stepMs],
  );
}
