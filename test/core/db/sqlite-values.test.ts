import { expect } from 'chai';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { Database } from '../../../core/db/database.ts';

describe('Many rows at once on SQLite', () => {
  let db: Database;
  let statements: string[] = [];
  beforeEach(async () => {
    db = await connectDatabase({ kind: 'sqlite', file: ':memory:' });
    await db.knex.raw('create table buns (id integer primary key, name text, sold integer default 5)');
    db.knex.on('query', ({ sql }: { sql: string }) => void statements.push(sql));
    statements = [];
  });
  afterEach(() => db.close());
  const all = () => db.knex('buns').orderBy('id');

  it('are one list of values, in the order of the columns whatever that of the keys', async () => {
    await db.knex('buns').insert([
      { id: 1, name: 'Lucia', sold: 3 },
      { sold: null, name: "Semla's ? values (?, ?)", id: 2 },
    ]);
    expect(statements).to.deep.equal(['insert into `buns` (`id`, `name`, `sold`) values (?, ?, ?), (?, ?, ?)']);
    expect(await all()).to.deep.equal([
      { id: 1, name: 'Lucia', sold: 3 },
      { id: 2, name: "Semla's ? values (?, ?)", sold: null },
    ]);
  });

  it('take the place of those that are there, with what is said of them', async () => {
    const rows = [
      { id: 1, name: 'Lucia', sold: 1 },
      { id: 2, name: 'Semla', sold: 2 },
    ];
    await db.knex('buns').insert(rows).onConflict('id').merge();
    const more = db.knex.raw('buns.sold + ?', [10]);
    await db.knex('buns').insert(rows).onConflict('id').merge({ sold: more }).where('buns.id', '<', 2);
    await db.knex('buns').insert(rows).onConflict('id').ignore();
    expect(await all()).to.deep.equal([{ ...rows[0], sold: 11 }, rows[1]]);
  });

  it('are written as before where they are not all alike', async () => {
    await db.knex('buns').insert([{ id: 1, name: 'Lucia' }, { id: 2 }]);
    await db.knex('buns').insert([
      { id: 3, name: db.knex.raw('upper(?)', ['semla']) },
      { id: 4, name: 'Wreath' },
    ]);
    expect(await all()).to.deep.equal([
      { id: 1, name: 'Lucia', sold: 5 },
      { id: 2, name: null, sold: 5 },
      { id: 3, name: 'SEMLA', sold: 5 },
      { id: 4, name: 'Wreath', sold: 5 },
    ]);
  });
});
