import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import { countJobs } from '../../../core/operations/snapshot-store.ts';
import { pageOfJobs, selectKinds } from '../../../core/operations/job-list-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam } from '../../support/factories.ts';
import { rowsRead } from '../../support/rows-read.ts';
import { addDelivery } from './delivery-rows.ts';
import { addJob, addWorker, openOperations } from './operations-world.ts';

onEachDatabase('The operator’s page, however much there is', (db) => {
  it('asks the same few statements for four jobs and for 30,000', async function () {
    this.timeout(60_000);
    const { browser, web } = await openOperations(db());
    await addWorker(db(), { seenAt: web.clock.now() });
    const { deliveryId } = await addDelivery(db(), (await createTeam(db())).id);
    await addJob(db(), { kind: 'publish-delivery', key: String(deliveryId) });
    await addJob(db(), { kind: 'purge', key: 'all', runAt: 1 });
    // The first page of a session notes where it is asked from.
    await browser.get('/admin/jobs');
    const statements = countStatements(db());
    const ask = async (path: string) => {
      statements.reset();
      const asker = path === '/metrics' ? web.stranger() : browser;
      expect((await asker.get(path)).status, path).to.equal(200);
      return statements.count();
    };
    const paths = ['/admin/jobs', '/admin/jobs?kind=purge', '/admin/jobs?state=failed', '/admin/jobs/now', '/metrics'];
    const few: number[] = [];
    for (const path of paths) few.push(await ask(path));
    await fill(db(), 30_000);
    const many: number[] = [];
    for (const path of paths) many.push(await ask(path));
    expect(many).to.deep.equal(few);
    // The session and its person take four of them, a link to the post two more.
    expect(Math.max(...many)).to.be.at.most(14);
    expect(many.at(-1), 'of /metrics: those of the snapshot alone').to.equal(5);
    expect((await browser.get('/admin/jobs')).text).to.contain('10,000+');
  });

  it('reads a part of an index that does not grow', async function () {
    this.timeout(60_000);
    await addJob(db(), { kind: 'purge', key: 'all', runAt: 40_000_000 });
    await fill(db(), 30_000);
    if (db().kind === 'mysql') await db().knex.raw('analyze table jobs');
    const list = { state: 'waiting', kind: undefined, limit: 25, isOfMany: false } as const;
    const key = { runAt: 15_000_000, id: 1 };
    const ways = {
      middle: (reader: Reader) => pageOfJobs(reader, { ...list, after: key }),
      backwards: (reader: Reader) => pageOfJobs(reader, { ...list, before: key }),
      deliveries: (reader: Reader) =>
        pageOfJobs(reader, { ...list, kind: 'publish-delivery', isOfMany: true, after: key }),
      'one of a rare kind': (reader: Reader) => pageOfJobs(reader, { ...list, kind: 'purge' }),
      kinds: selectKinds,
    };
    for (const [name, way] of Object.entries(ways)) expect(await reads(db(), way), name).to.be.at.most(120);
    // Up to ten thousand are counted twice (waiting, due) and the next thousand looked at, by way of a temporary table.
    expect(await reads(db(), ({ sql }) => countJobs(sql, 20_000_000)), 'counts').to.be.at.most(45_000);
    expect(await selectKinds({ sql: db().knex, kind: db().kind })).to.deep.equal(['publish-delivery', 'purge']);
  });
});

type Reader = Parameters<typeof pageOfJobs>[0];

/** Rows that MariaDB reads for it; SQLite does not count them. */
async function reads(db: Database, way: (reader: Reader) => Promise<unknown>): Promise<number> {
  // One connection, so that its counters are those of these statements.
  return db.transaction(async (sql) => {
    const one = { knex: sql, kind: db.kind };
    const before = await rowsRead(one);
    await way({ sql, kind: db.kind });
    return (await rowsRead(one)) - before;
  });
}

async function fill(db: Database, count: number): Promise<void> {
  const into = 'insert into jobs (kind, `key`, payload, state, run_at, created_at, updated_at)';
  const row = "select 'publish-delivery', 1000000 + n, '{}', 'waiting', n * 1000, 0, 0";
  await db.knex.raw(
    db.kind === 'mysql'
      ? `${into} ${row} from (select seq as n from seq_1_to_${count}) as s`
      : `with recursive s(n) as (select 1 union all select n + 1 from s where n < ${count}) ${into} ${row} from s`,
  );
}

function countStatements({ knex }: Database) {
  let count = 0;
  knex.on('query', () => {
    count += 1;
  });
  return {
    reset: () => {
      count = 0;
    },
    count: () => count,
  };
}
