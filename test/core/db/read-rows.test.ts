import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { Database, DatabaseTarget } from '../../../core/db/database.ts';
import { readRows } from '../../../core/db/read-rows.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { sharedMariaDb, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';

onEachDatabase('A statement whose text stays the same', (db) => {
  it('answers rows by the names of their columns, and none where there are none', async () => {
    const read = (most: number) =>
      readRows(db().knex, 'select 7 as n, ? as word, null as lacking from (select 1 as one) as few where 1 <= ?', [
        'ä',
        most,
      ]);
    expect(await read(1)).to.deep.equal([{ n: 7, word: 'ä', lacking: null }]);
    expect(await read(0)).to.deep.equal([]);
  });
});

/** Read beside the pool: what holds for each of them. */
function readBeside(title: string, open: () => Promise<Opened>): void {
  describe(title, function () {
    this.timeout(30_000);
    let opened: Opened;
    let db: Database;
    beforeEach(async () => {
      opened = await open();
      db = await connectDatabase(opened.target);
      await db.knex.schema.createTable('words', (table) => void table.string('word'));
    });
    afterEach(async () => {
      await db.close();
      await opened.close();
    });

    const words = (sql = db.knex) => readRows(sql, 'select word from words order by word', []);

    it('is read beside a transaction of the same process, as another process would: what is committed, without waiting', async () => {
      await db.knex('words').insert({ word: 'one' });
      expect(await words()).to.deep.equal([{ word: 'one' }]);
      await db.transaction(async (sql) => {
        await sql('words').insert({ word: 'two' });
        expect(await words()).to.deep.equal([{ word: 'one' }]);
        expect(await words(sql)).to.deep.equal([{ word: 'one' }, { word: 'two' }]);
      });
      expect(await words()).to.deep.equal([{ word: 'one' }, { word: 'two' }]);
      const other = await connectDatabase(opened.target);
      await other.knex('words').delete();
      await other.close();
      expect(await words()).to.deep.equal([]);
    });

    it('is read as it is after a change of its tables', async () => {
      await words();
      await db.knex.schema.alterTable('words', (table) => void table.integer('n').defaultTo(3));
      await db.knex('words').insert({ word: 'one' });
      expect(await words()).to.deep.equal([{ word: 'one' }]);
      expect(await readRows(db.knex, 'select word, n from words', [])).to.deep.equal([{ word: 'one', n: 3 }]);
    });

    it('is not written by what only reads', async () => {
      const written = "insert into words (word) values ('one') returning word";
      const refused = await readRows(db.knex, written, []).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Error);
      expect(await words()).to.deep.equal([]);
    });

    it('answers many that ask at once, each with its own rows', async () => {
      const asked = Array.from({ length: 60 }, (_, n) => n);
      const answers = await Promise.all(asked.map((n) => readRows(db.knex, 'select ? + 1 as n', [n])));
      expect(answers.map(([row]) => nOf.parse(row).n)).to.deep.equal(asked.map((n) => n + 1));
    });
  });
}

const nOf = z.object({ n: z.coerce.number() });

interface Opened {
  readonly target: DatabaseTarget;
  close(): Promise<void>;
}

readBeside('A SQLite file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-reader-'));
  const target = { kind: 'sqlite', file: path.join(folder, 'castdeck.db') } as const;
  return { target, close: () => rm(folder, { recursive: true }) };
});

describe('On a server', () => {
  before(needs('mariadbd'));
  readBeside('A database', async () => {
    const server = await sharedMariaDb();
    const target = await server.createDatabase();
    return { target, close: () => server.dropDatabase(target) };
  });
});

describe('A database whose server dies', function () {
  this.timeout(30_000);
  before(needs('mariadbd'));

  it('is read again as soon as the server is back, and the pages in between learn that it is gone', async () => {
    const server = await startMariaDb();
    const db = await connectDatabase(await server.createDatabase());
    const read = () => readRows(db.knex, 'select ? + 1 as n', [1]).then((rows) => nOf.parse(rows[0]).n);
    expect(await Promise.all([read(), read(), read()])).to.deep.equal([2, 2, 2]);
    await server.kill9();
    expect(await read().catch((error: unknown) => error)).to.be.instanceOf(Error);
    await server.restart();
    expect(await Promise.all([read(), read(), read()])).to.deep.equal([2, 2, 2]);
    await db.close();
    await server.stop();
  });
});
