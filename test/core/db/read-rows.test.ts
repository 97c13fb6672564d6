import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { Database } from '../../../core/db/database.ts';
import { readRows } from '../../../core/db/read-rows.ts';
import { onEachDatabase } from '../../support/each-database.ts';

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

describe('A SQLite file', () => {
  let folder: string;
  let file: string;
  let db: Database;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-reader-'));
    file = path.join(folder, 'castdeck.db');
    db = await connectDatabase({ kind: 'sqlite', file });
    await db.knex.schema.createTable('words', (table) => void table.string('word'));
  });
  afterEach(async () => {
    await db.close();
    await rm(folder, { recursive: true });
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
    const other = await connectDatabase({ kind: 'sqlite', file });
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
    const refused = await readRows(db.knex, "insert into words (word) values ('one') returning word", []).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(Error);
    expect(await words()).to.deep.equal([]);
  });
});
