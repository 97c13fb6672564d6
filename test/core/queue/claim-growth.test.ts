import { expect } from 'chai';
import { z } from 'zod';
import { claimDueJobs, findNextDueAt } from '../../../core/queue/claim-store.ts';
import { DueJobs } from '../../../core/queue/due-jobs.ts';
import { saveJobs } from '../../../core/queue/job-store.ts';
import { lookAround } from '../../../core/queue/worker-store.ts';
import { openTestDatabase } from '../../support/database.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';

describe('Claiming from a long queue, on SQLite', () => {
  it('looks each job that is claimed or saved up by its id, and not among all that waits', async () => {
    const db = await openTestDatabase();
    await db.knex.raw(
      `with recursive s(n) as (select 1 union all select n + 1 from s where n < 2000)
       insert into jobs (kind, key, payload, state, run_at, created_at, updated_at) select 'test', n, '{}', 'waiting', n, 0, 0 from s`,
    );
    const updates: { readonly sql: string; readonly bindings: readonly (string | number)[] }[] = [];
    db.knex.on('query', (query: (typeof updates)[number]) => {
      if (query.sql.startsWith('update')) updates.push(query);
    });
    const claims = await claimDueJobs(db, { owner: 'a', limit: 10, now: 3_000, leaseUntil: 4_000 });
    const change = { state: 'finished', runAt: 1, failures: 0 } as const;
    const saves = claims.map((claim) => ({ claim, change }));
    expect(await saveJobs(db.knex, saves, 3_000)).to.equal(10);
    expect(updates).to.have.lengthOf(2);
    for (const { sql, bindings } of [...updates]) {
      const plan: unknown = await db.knex.raw(`explain query plan ${sql}`, [...bindings]);
      expect(JSON.stringify(plan), sql).to.contain('SEARCH jobs USING INTEGER PRIMARY KEY');
    }
    await db.close();
  });
});

describe('Claiming from a long queue, on MariaDB', () => {
  let server: MariaDbServer;
  before(async function () {
    this.timeout(120_000);
    server = await startMariaDb();
  });
  after(() => server.stop());

  it('reads a few rows although 30,000 jobs wait and 20,000 are finished', async function () {
    this.timeout(120_000);
    const db = await openTestDatabase({ mariadb: server });
    const fill = (state: string, from: number, to: number) =>
      db.knex.raw(
        `insert into jobs (kind, \`key\`, payload, state, run_at, created_at, updated_at)
         select 'test', seq, '{}', ?, seq * 1000, 0, 0 from seq_${from}_to_${to}`,
        [state],
      );
    await fill('finished', 30_001, 50_000);
    await fill('waiting', 50_001, 80_000);
    await db.knex.raw('analyze table jobs');
    const now = 50_020_500;

    // One connection, so that its counters are those of these statements.
    const read = await db.transaction(async (sql) => {
      const one = { ...db, knex: sql, transaction: <T>(work: (own: typeof sql) => Promise<T>) => work(sql) };
      const before = await rowsRead(sql);
      expect(await findNextDueAt(one)).to.equal(50_001_000);
      expect((await lookAround(sql, now)).expired).to.deep.equal([]);
      expect(await claimDueJobs(one, { owner: 'a', limit: 10, now, leaseUntil: now + 1 })).to.have.lengthOf(10);
      return (await rowsRead(sql)) - before;
    });
    expect(read).to.be.at.most(80);
    await db.close();
  });

  it('reads no more rows of a flood of 30,000 due jobs than of one of 1,000', async function () {
    this.timeout(120_000);
    const db = await openTestDatabase({ mariadb: server });
    await db.knex.raw(
      `insert into jobs (kind, \`key\`, payload, state, run_at, lane, created_at, updated_at)
       select 'test', seq, '{}', 'waiting', seq, 1 + seq mod 3, 0, 0 from seq_1_to_30000`,
    );
    await db.knex.raw('analyze table jobs');
    const [few, many] = [await readByClaim(db, 1_000), await readByClaim(db, 29_000)];
    expect(many).to.be.at.most(few * 1.1);
    expect(many).to.be.at.most(250);
    await db.close();
  });
});

/** Ten free slots, everything up to `now` due. */
async function readByClaim(db: TestDatabase, now: number): Promise<number> {
  return db.transaction(async (sql) => {
    const one = { ...db, knex: sql, transaction: <T>(work: (own: typeof sql) => Promise<T>) => work(sql) };
    const due = new DueJobs(one, { slots: 10, random: () => 0.5 });
    const before = await rowsRead(sql);
    const demand = { owner: 'a', free: 10, held: new Map<number, number>(), mostSuspects: 1, leaseUntil: now + 1 };
    expect((await due.claim({ ...demand, now })).claims).to.have.lengthOf(10);
    return (await rowsRead(sql)) - before;
  });
}

type TestDatabase = Awaited<ReturnType<typeof openTestDatabase>>;
type Sql = Awaited<ReturnType<typeof openTestDatabase>>['knex'];

const status = z.tuple([z.array(z.object({ Value: z.coerce.number() }))], z.unknown());

async function rowsRead(sql: Sql): Promise<number> {
  const answer: unknown = await sql.raw("show session status like 'Handler_read%'");
  return status.parse(answer)[0].reduce((sum, row) => sum + row.Value, 0);
}
