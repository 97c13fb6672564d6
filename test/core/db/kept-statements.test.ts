import { expect } from 'chai';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { Database } from '../../../core/db/database.ts';
import { keepStatements, mostKept } from '../../../core/db/kept-statements.ts';

describe('Statements that a connection of SQLite keeps', () => {
  it('are prepared once while they are among those used last', () => {
    const prepared: string[] = [];
    const prepare = (sql: string): unknown => {
      prepared.push(sql);
      return { sql };
    };
    const connection = { prepare };
    keepStatements(connection);
    const first = connection.prepare('first');
    for (let n = 1; n < mostKept; n += 1) connection.prepare(`more ${n}`);
    expect(connection.prepare('first')).to.equal(first);
    connection.prepare('one too many');
    expect(connection.prepare('first'), 'used again meanwhile').to.equal(first);
    expect(prepared).to.have.lengthOf(mostKept + 1);
    connection.prepare('more 1');
    expect(prepared, 'the one used longest ago was given up').to.have.lengthOf(mostKept + 2);
  });

  describe('in a database', () => {
    let db: Database;
    beforeEach(async () => {
      db = await connectDatabase({ kind: 'sqlite', file: ':memory:' });
      await db.knex.raw('create table buns (id integer primary key, name text)');
      await db.knex('buns').insert({ name: 'Lucia' });
    });
    afterEach(() => db.close());
    const all = () => db.knex('buns').select('*');

    it('read tables as they are after a change of the schema', async () => {
      expect(await all()).to.deep.equal([{ id: 1, name: 'Lucia' }]);
      await db.knex.raw("alter table buns add column glaze text default 'sugar'");
      expect(await all()).to.deep.equal([{ id: 1, name: 'Lucia', glaze: 'sugar' }]);
      await db.knex.raw('alter table buns rename column name to title');
      expect(await all()).to.deep.equal([{ id: 1, title: 'Lucia', glaze: 'sugar' }]);
      await db.knex.raw('drop table buns');
      expect(await all().catch(String)).to.contain('no such table');
      await db.knex.raw('create table buns (name text, price integer)');
      await db.knex('buns').insert({ name: 'Semla', price: 4 });
      expect(await all()).to.deep.equal([{ name: 'Semla', price: 4 }]);
    });

    it('go on after one of them was refused, and see what a transaction left or took back', async () => {
      const add = (row: object) => db.transaction((sql) => sql('buns').insert(row));
      await add({ id: 2, name: 'Semla' });
      expect(await add({ id: 2, name: 'Semla' }).catch(String)).to.contain('UNIQUE');
      await add({ id: 3, name: 'Semla' });
      const gone = db.transaction(async (sql) => {
        await sql('buns').delete();
        throw new Error('taken back');
      });
      expect(await gone.catch(String)).to.contain('taken back');
      expect(await all()).to.have.lengthOf(3);
    });
  });
});
