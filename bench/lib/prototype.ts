import type { Database } from '../../core/db/database.ts';

/**
 * The least that a claim loop can be: claims a few due rows and completes them one by one, with no fence, no lease,
 * no timeline. What the product's own worker is compared with.
 */
export interface Prototype {
  fill(count: number): Promise<void>;
  /** Works off all that is due, ten at a time. */
  drain(): Promise<void>;
}

const table = 'bench_jobs';

export async function createPrototype(db: Database): Promise<Prototype> {
  await db.knex.schema.createTable(table, (jobs) => {
    jobs.bigIncrements('id');
    jobs.string('status', 10).notNullable();
    jobs.bigInteger('scheduled_at').notNullable();
    jobs.index(['status', 'scheduled_at', 'id']);
  });
  return {
    async fill(count) {
      const rows = Array.from({ length: count }, (_none, n) => ({ status: 'waiting', scheduled_at: n }));
      await db.knex.batchInsert(table, rows, 200);
    },
    async drain() {
      for (let ids = await claim(db); ids.length > 0; ids = await claim(db)) {
        await Promise.all(ids.map((id) => db.knex(table).where({ id }).update({ status: 'done' })));
      }
    },
  };
}

const batch = 10;

async function claim(db: Database): Promise<readonly number[]> {
  return db.kind === 'sqlite' ? claimOnSqlite(db) : claimOnMariaDb(db);
}

async function claimOnSqlite({ knex }: Database): Promise<readonly number[]> {
  const due = knex(table).where('status', 'waiting').orderBy(['scheduled_at', 'id']).limit(batch).select('id');
  return idsOf(await knex(table).whereIn('id', due).update({ status: 'running' }).returning('id'));
}

async function claimOnMariaDb(db: Database): Promise<readonly number[]> {
  return db.transaction(async (sql) => {
    const due = sql(table).where('status', 'waiting').orderBy(['scheduled_at', 'id']).limit(batch);
    const ids = idsOf(await due.forUpdate().skipLocked().select('id'));
    if (ids.length > 0)
      await sql(table)
        .whereIn('id', [...ids])
        .update({ status: 'running' });
    return ids;
  });
}

function idsOf(rows: readonly { readonly id: unknown }[]): readonly number[] {
  return rows.map((row) => Number(row.id));
}
