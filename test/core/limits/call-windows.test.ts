import { expect } from 'chai';
import type { CallWindow } from '#plugin-api';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { Database } from '../../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { type CallWindows, createCallWindows } from '../../../core/limits/call-windows.ts';
import { purge } from '../../../core/queue/purge-store.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';

const minute = 60_000;
const window: CallWindow = { name: 'video/init', per: 'account', limit: 5, withinMs: minute };
const whose = 'credential/1';

onEachDatabase('A window of calls', (db) => {
  let clock: TestClock;
  let windows: CallWindows;
  beforeEach(() => {
    clock = createTestClock();
    windows = createCallWindows({ db: db(), clock });
  });

  it('gives as many places as its limit and says when the next is free', async () => {
    const start = clock.now();
    for (let n = 0; n < 5; n += 1) {
      expect(await windows.take(whose, window)).to.deep.equal({ taken: true });
      clock.advance(1_000);
    }
    expect(await windows.take(whose, window)).to.deep.equal({ taken: false, at: start + minute + 1 });
    clock.advance(minute - 5_000);
    expect(await windows.take(whose, window)).to.have.property('taken', false);
    clock.advance(1);
    expect(await windows.take(whose, window)).to.deep.equal({ taken: true });
    expect(await windows.take(whose, window)).to.deep.equal({ taken: false, at: start + 1_000 + minute + 1 });
  });

  it('gives several places at once or none of them, and says when there is room for all', async () => {
    const start = clock.now();
    await windows.take(whose, window);
    clock.advance(1_000);
    const three = { ...window, places: 3 };
    expect(await windows.take(whose, three)).to.deep.equal({ taken: true });
    expect(await windows.take(whose, { ...window, places: 2 })).to.deep.equal({
      taken: false,
      at: start + minute + 1,
    });
    expect(await windows.take(whose, three)).to.deep.equal({ taken: false, at: start + 1_000 + minute + 1 });
    expect(await windows.take(whose, window)).to.have.property('taken', true);
  });

  it('writes places that were taken at once as one, and reads those that were written one by one', async () => {
    await windows.take(whose, { ...window, places: 3 });
    const [at, rows] = [clock.now(), () => db().knex('call_windows').pluck('places')];
    expect(await rows()).to.deep.equal([JSON.stringify([[at, null, 3]])]);
    await db()
      .knex('call_windows')
      .update({ places: JSON.stringify([1, 2, 3, 4].map(() => [at, null])) });
    expect(await windows.take(whose, window)).to.have.property('taken', true);
    expect(await windows.take(whose, window)).to.have.property('taken', false);
  });

  it('counts each name and each account by itself', async () => {
    const one = { ...window, limit: 1 };
    expect(await windows.take(whose, one)).to.have.property('taken', true);
    expect(await windows.take(whose, { ...one, name: 'status/fetch' })).to.have.property('taken', true);
    expect(await windows.take('credential/2', one)).to.have.property('taken', true);
    expect(await windows.take(whose, one)).to.have.property('taken', false);
  });

  it('counts a member once, from its latest time', async () => {
    const users = (member: string): CallWindow => ({ ...window, name: 'users', limit: 2, member });
    const start = clock.now();
    await windows.take(whose, users('a'));
    clock.advance(1_000);
    await windows.take(whose, users('b'));
    clock.advance(1_000);
    expect(await windows.take(whose, users('a'))).to.have.property('taken', true);
    expect(await windows.take(whose, users('c'))).to.deep.equal({ taken: false, at: start + 1_000 + minute + 1 });
  });

  it('is forgotten once its last place has ended', async () => {
    const rows = () => db().knex('call_windows').select('bucket');
    const clean = () => purge(db().knex, { now: clock.now(), finishedBefore: 0, unseenBefore: 0 });
    await windows.take(whose, window);
    clock.advance(minute);
    await clean();
    expect(await rows()).to.have.lengthOf(1);
    clock.advance(2);
    await clean();
    expect(await rows()).to.have.lengthOf(0);
    expect(await windows.take(whose, window)).to.have.property('taken', true);
  });

  it('does not go back in time with a clock that is behind', async () => {
    const behind = createCallWindows({ db: db(), clock: { now: () => clock.now() - 30_000 } });
    for (let n = 0; n < 5; n += 1) await windows.take(whose, window);
    clock.advance(minute + 1);
    expect(await windows.take(whose, window)).to.have.property('taken', true);
    for (let n = 0; n < 4; n += 1) expect(await behind.take(whose, window)).to.have.property('taken', true);
    expect(await behind.take(whose, window)).to.deep.equal({ taken: false, at: clock.now() + minute + 1 });
  });
});

describe('A window of calls that several processes want at once, on MariaDB', () => {
  let server: MariaDbServer | undefined;
  let connections: Database[] = [];
  before(needs('mariadbd'));
  before(async function () {
    this.timeout(120_000);
    server = await startMariaDb();
    const target = await server.createDatabase();
    connections = await Promise.all([1, 2, 3].map(() => connectDatabase(target)));
    const [first] = connections;
    if (first !== undefined) await migrateToLatest(first, [coreMigrations]);
  });
  after(async () => {
    await Promise.all(connections.map((db) => db.close()));
    await server?.stop();
  });

  it('never gives more places than its limit in any stretch of its length', async () => {
    const clock = createTestClock();
    const all = connections.map((db) => createCallWindows({ db, clock }));
    const taken: number[] = [];
    for (let step = 0; step < 25; step += 1) {
      const asked = [0, 1, 2, 3].flatMap(() => all.map((windows) => windows.take(whose, window)));
      const answers = await Promise.all(asked);
      for (const answer of answers) if (answer.taken) taken.push(clock.now());
      clock.advance(7_000);
    }
    const most = Math.max(...taken.map((from) => taken.filter((at) => at >= from && at <= from + minute).length));
    expect(most).to.equal(5);
    expect(taken).to.have.lengthOf(15);
  });
});
