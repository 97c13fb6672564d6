import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { systemClock } from '../../../core/clock.ts';
import { connectDatabase } from '../../../core/db/connect.ts';
import { createDatabaseClock, measureRepeatedly } from '../../../core/db/database-clock.ts';
import type { Database } from '../../../core/db/database.ts';
import {
  coreMigrations,
  isEmptyDatabase,
  migrateToLatest,
  pendingMigrations,
  undoAllMigrations,
} from '../../../core/db/migrate.ts';
import { openTestDatabase } from '../../support/database.ts';
import { failureOf } from '../../support/failure.ts';
import { locksWaitedFor, type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';

const paperboy = { owner: 'paperboy', folder: path.resolve('test/support/plugins/paperboy/migrations') };
/** A machine that stands still while the database is asked for its time is off by half of that. */
const roomMs = 20_000;
const team = (name: string) => ({ name, zone: 'Europe/Berlin', created_at: 1 });

for (const kind of ['sqlite', 'mysql'] as const) {
  describe(`the database (${kind})`, function () {
    this.timeout(120_000);
    let server: MariaDbServer | undefined;
    let db: Database;

    before(async () => {
      if (kind === 'mysql') server = await startMariaDb();
    });
    after(() => server?.stop());
    beforeEach(async () => {
      db = await openTestDatabase(server === undefined ? {} : { mariadb: server });
    });
    afterEach(() => db.close());

    it('has nothing pending after migrating, and migrating again does nothing', async () => {
      expect(await pendingMigrations(db, [coreMigrations])).to.deep.equal([]);
      expect(await migrateToLatest(db, [coreMigrations])).to.deep.equal([]);
    });

    it('runs the migrations of a plugin under names without extension, and undoes all of them', async () => {
      const folders = [coreMigrations, paperboy];
      expect(await pendingMigrations(db, folders)).to.deep.equal(['paperboy/001-prints']);
      expect(await migrateToLatest(db, folders)).to.deep.equal(['paperboy/001-prints']);
      expect(await db.knex.schema.hasTable('paperboy_prints')).to.equal(true);
      await undoAllMigrations(db, folders);
      expect(await isEmptyDatabase(db)).to.equal(true);
      expect(await db.knex.schema.hasTable('users')).to.equal(false);
      expect(await migrateToLatest(db, folders)).to.have.length.above(5);
    });

    it('keeps working when a plugin was removed, and refuses what a newer version wrote', async () => {
      await migrateToLatest(db, [coreMigrations, paperboy]);
      expect(await pendingMigrations(db, [coreMigrations])).to.deep.equal([]);
      await db.knex('migrations_done').insert({ name: 'core/999-later', batch: 9, migration_time: null });
      expect((await failureOf(pendingMigrations(db, [coreMigrations]))).message).to.contain(
        'newer Castdeck (it has core/999-later)',
      );
    });

    it('gives numbers for BIGINT, text for JSON and 0 and 1 for booleans', async () => {
      const [id] = await db
        .knex('users')
        .insert({ email: 'a@example.org', name: 'A', is_admin: true, created_at: 1_900_000_000_000 });
      expect(id).to.equal(1);
      const row: unknown = await db.knex('users').first('created_at', 'is_admin', 'id');
      expect(row).to.deep.equal({ created_at: 1_900_000_000_000, is_admin: 1, id: 1 });
      const event = { at: 1, subject: 'user', subject_id: '1', kind: 'x', facts: '{"a":[1]}' };
      await db.knex('events').insert(event);
      expect(await db.knex('events').first('facts')).to.deep.equal({ facts: '{"a":[1]}' });
      expect(await db.knex('users').count({ n: '*' }).sum({ s: 'id' }).first()).to.deep.equal({ n: 1, s: 1 });
    });

    it('compares ids of networks byte for byte', async () => {
      const seen = { plugin: 'paperboy', event: 'x', at: 1 };
      await db.knex('webhook_events').insert([
        { ...seen, identity_hash: 'abc' },
        { ...seen, identity_hash: 'ABC' },
      ]);
      expect(await db.knex('webhook_events').where('identity_hash', 'abc').select('identity_hash')).to.have.length(1);
    });

    it('keeps every character a person can type', async () => {
      const name = 'ไทย 👩‍👩‍👧 \u2028 Ω';
      await db.knex('teams').insert(team(name));
      expect(await db.knex('teams').first('name')).to.deep.equal({ name });
    });

    it('keeps nothing of a transaction that fails', async () => {
      const work = db.transaction(async (sql) => {
        await sql('teams').insert(team('A'));
        throw new Error('second thoughts');
      });
      expect((await failureOf(work)).message).to.equal('second thoughts');
      expect(await db.knex('teams').select('id')).to.deep.equal([]);
    });

    it('checks foreign keys', async () => {
      await failureOf(
        Promise.resolve(db.knex('members').insert({ team_id: 9, user_id: 9, role: 'owner', created_at: 1 })),
      );
    });

    it('tells its time', async () => {
      const clock = createDatabaseClock(db, systemClock);
      expect(await clock.measure()).to.be.closeTo(0, roomMs);
      const behind = createDatabaseClock(db, { now: () => systemClock.now() - 90_000 });
      const offset = await behind.measure();
      expect(offset).to.be.closeTo(kind === 'mysql' ? 90_000 : 0, roomMs);
    });

    it('follows the database’s time while the host’s clock is set anew', async () => {
      let aheadMs = 0;
      const clock = createDatabaseClock(db, { now: () => systemClock.now() + aheadMs });
      const measuring = measureRepeatedly(clock, { everyMs: 10, log: silentLog });
      aheadMs = 90_000;
      const offMs = (): number => Math.abs(clock.now() - systemClock.now() - (kind === 'mysql' ? 0 : aheadMs));
      await until(() => offMs() < roomMs, 'it is the database’s time again');
      await measuring.stop();
    });

    it('runs a transaction again that met another', async () => {
      await db.knex('teams').insert([team('A'), team('B')]);
      let runs = 0;
      const conflict = kind === 'mysql' ? { errno: 1213 } : { code: 'SQLITE_BUSY_SNAPSHOT' };
      await db.transaction(async (sql) => {
        runs += 1;
        await sql('teams').where('id', 1).increment('grace_seconds', 1);
        if (runs < 3) throw Object.assign(new Error('conflict'), conflict);
      });
      expect(runs).to.equal(3);
      expect(await db.knex('teams').where('id', 1).first('grace_seconds')).to.deep.equal({ grace_seconds: 86_401 });
    });
  });
}

describe('the database on MariaDB alone', function () {
  this.timeout(30_000);
  let server: MariaDbServer;
  let db: Database;
  before(async () => {
    server = await startMariaDb();
    db = await openTestDatabase({ mariadb: server });
  });
  after(async () => {
    await db.close();
    await server.stop();
  });

  const first = async (sql: string): Promise<unknown> => {
    const answer: unknown = await db.knex.raw(sql);
    return Array.isArray(answer) ? answer[0] : undefined;
  };

  it('reads what is committed, at every connection', async () => {
    const isolation = () => first('select @@tx_isolation as level');
    const levels = await Promise.all([isolation(), isolation(), isolation()]);
    expect(levels).to.deep.equal(Array(3).fill([{ level: 'READ-COMMITTED' }]));
  });

  it('makes every table utf8mb4_unicode_ci whatever the database’s own default is', async () => {
    const target = await server.createDatabase();
    const latin = await connectDatabase(target);
    await latin.knex.raw(`alter database ${target.database} character set latin1`);
    await migrateToLatest(latin, [coreMigrations]);
    const answer: unknown = await latin.knex.raw(
      `select distinct table_collation as c from information_schema.tables where table_schema = '${target.database}' and table_name not like 'migrations_done%'`,
    );
    expect(answer)
      .to.have.property('0')
      .that.deep.equals([{ c: 'utf8mb4_unicode_ci' }]);
    await latin.close();
  });

  it('lets two that lock each other both finish', async () => {
    await db.knex('teams').insert([team('A'), team('B')]);
    let arrived = 0;
    let release = (): void => undefined;
    const both = new Promise<void>((resolve) => (release = resolve));
    const lockBoth = (names: readonly string[]) =>
      db.transaction(async (sql) => {
        for (const name of names) {
          await sql('teams').where({ name }).increment('grace_seconds', 1);
          arrived += 1;
          if (arrived === 2) release();
          await both;
        }
      });
    await Promise.all([lockBoth(['A', 'B']), lockBoth(['B', 'A'])]);
    expect(await db.knex('teams').distinct('grace_seconds')).to.deep.equal([{ grace_seconds: 86_402 }]);
  });

  it('runs a single statement again that met a transaction, and the transaction once', async () => {
    const others = Array.from({ length: 30 }, (_, n) => team(`other ${n}`));
    const [a = 0] = await db.knex('teams').insert([team('first'), team('second'), ...others]);
    const b = a + 1;
    let runs = 0;
    let single: Promise<unknown> | undefined;
    await db.transaction(async (sql) => {
      runs += 1;
      // The heavier of the two is not the one that MariaDB gives up.
      await sql('teams').where('id', '>', b).update({ zone: 'Europe/Paris' });
      await sql('teams').where({ id: b }).increment('grace_seconds', 1);
      single = db
        .knex('teams')
        .whereIn('id', [a, b])
        .increment('grace_seconds', 10)
        .then(() => undefined);
      await until(async () => (await locksWaitedFor(db)) > 0, 'the single statement waits');
      await sql('teams').where({ id: a }).increment('grace_seconds', 1);
    });
    await single;
    expect(runs).to.equal(1);
    expect(await db.knex('teams').whereIn('id', [a, b]).distinct('grace_seconds')).to.deep.equal([
      { grace_seconds: 86_411 },
    ]);
  });

  it('lets one of two that migrate at once wait for the other', async () => {
    const target = await server.createDatabase();
    const two = [await connectDatabase(target), await connectDatabase(target)];
    const ran = await Promise.all(two.map((one) => migrateToLatest(one, [coreMigrations])));
    expect(ran.map((names) => names.length).sort((a, b) => a - b)).to.deep.equal([
      0,
      Math.max(...ran.map((names) => names.length)),
    ]);
    await Promise.all(two.map((one) => one.close()));
  });

  it('comes back after its server died', async () => {
    await server.kill9();
    await failureOf(Promise.resolve(db.knex.raw('select 1')));
    await server.restart();
    expect(await first('select 1 as one')).to.deep.equal([{ one: 1 }]);
  });

  it('names host, database and user when it cannot be reached, never the password', async () => {
    const target = await server.createDatabase();
    const wrong: readonly (readonly [object, string])[] = [
      [{ user: 'nobody', password: 'canary' }, 'user or password is wrong'],
      [{ database: 'absent' }, 'that database does not exist'],
      [{ port: 1 }, 'nothing listens there'],
    ];
    for (const [part, reason] of wrong) {
      const failure = await failureOf(connectDatabase({ ...target, ...part }));
      expect(failure.name).to.equal('StartError');
      expect(failure.message)
        .to.match(/^DATABASE_URL: cannot reach the database/)
        .and.contain(reason)
        .and.not.contain('canary');
    }
  });
});

describe('the database in a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-db-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (name = 'x.db') => connectDatabase({ kind: 'sqlite', file: path.join(folder, name) });

  it('is opened in WAL mode with full safety, foreign keys and five seconds of patience', async () => {
    const db = await open('new/folder/x.db');
    const pragma = async (name: string): Promise<unknown> => db.knex.raw(`pragma ${name}`);
    expect(await pragma('journal_mode')).to.deep.equal([{ journal_mode: 'wal' }]);
    expect(await pragma('synchronous')).to.deep.equal([{ synchronous: 2 }]);
    expect(await pragma('foreign_keys')).to.deep.equal([{ foreign_keys: 1 }]);
    expect(await pragma('busy_timeout')).to.deep.equal([{ timeout: 5000 }]);
    await db.close();
  });

  it('takes the write lock at the beginning of a transaction, so that reading and then writing always works', async () => {
    const [one, two] = [await open(), await open()];
    await migrateToLatest(one, [coreMigrations]);
    await two.knex.raw('pragma busy_timeout=1');
    const begun: string[] = [];
    const work = (name: string) => async (sql: Knex) => {
      begun.push(name);
      const rows = await sql('teams').select('id');
      await sql('teams').insert(team(`${name} after ${rows.length}`));
    };
    await Promise.all([one.transaction(work('one')), two.transaction(work('two'))]);
    const names = await one.knex('teams').pluck<string[]>('name');
    expect(names.map((name) => name.slice(-1)).sort()).to.deep.equal(['0', '1']);
    await Promise.all([one.close(), two.close()]);
  });

  it('lets one of two that migrate at once wait for the other', async () => {
    const two = [await open(), await open()];
    // Waiting inside SQLite would keep this one process from doing what is waited for.
    for (const one of two) await one.knex.raw('pragma busy_timeout=1');
    const ran = await Promise.all(two.map((one) => migrateToLatest(one, [coreMigrations])));
    expect(ran.filter((names) => names.length === 0)).to.have.length(1);
    await Promise.all(two.map((one) => one.close()));
  });

  it('says so when the file is no database, or its folder cannot be made', async () => {
    writeFileSync(path.join(folder, 'x.db'), 'This is a letter, and a long one at that. '.repeat(100));
    expect((await failureOf(open())).message).to.equal(
      `DATABASE_URL: ${path.join(folder, 'x.db')} is not a SQLite database. Choose another file.`,
    );
    expect((await failureOf(open('x.db/y.db'))).message).to.match(/^DATABASE_URL: the folder of .* cannot be made/);
  });
});
