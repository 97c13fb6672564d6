import { expect } from 'chai';
import { z } from 'zod';
import { onEachDatabase } from '../../support/each-database.ts';

onEachDatabase('Many rows at once', (database) => {
  const knex = () => database().knex;
  let statements: string[] = [];
  const note = ({ sql }: { readonly sql: string }): void => void statements.push(sql);
  before(async () => {
    await knex().schema.createTable('buns', (table) => {
      table.integer('id').primary();
      table.string('name');
      table.integer('sold').defaultTo(5);
    });
    knex().on('query', note);
  });
  beforeEach(async () => {
    await knex()('buns').delete();
    statements = [];
  });
  const all = async (): Promise<unknown> => {
    const rows: unknown = await knex()('buns').orderBy('id');
    return z.array(z.object({ id: z.number(), name: z.string().nullable(), sold: z.number().nullable() })).parse(rows);
  };

  it('are one list of values, in the order of the columns whatever that of the keys', async () => {
    await knex()('buns').insert([
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
    await knex()('buns').insert(rows).onConflict('id').merge();
    const other = rows.map((row) => ({ ...row, name: 'Wreath', sold: 0 }));
    await knex()('buns').insert(other).onConflict('id').ignore();
    expect(await all()).to.deep.equal(rows);
    const more = knex().raw('buns.sold + ?', [10]);
    await knex()('buns').insert(other).onConflict('id').merge({ sold: more });
    expect(await all()).to.deep.equal(rows.map((row) => ({ ...row, sold: row.sold + 10 })));
    await knex()('buns').insert(other).onConflict('id').merge();
    expect(await all()).to.deep.equal(other);
    // knex has no such condition for MariaDB.
    if (database().kind === 'mysql') return;
    await knex()('buns').insert(rows).onConflict('id').merge({ sold: more }).where('buns.id', '<', 2);
    expect(await all()).to.deep.equal([{ ...other[0], sold: 10 }, other[1]]);
  });

  it('are written as before where they are not all alike', async () => {
    await knex()('buns').insert([
      { id: 3, name: knex().raw('upper(?)', ['semla']) },
      { id: 4, name: 'Wreath' },
    ]);
    await knex()('buns').insert([
      { id: 1, name: 'Lucia', sold: 1 },
      { id: 2, sold: 2 },
    ]);
    expect(await all()).to.deep.equal([
      { id: 1, name: 'Lucia', sold: 1 },
      { id: 2, name: null, sold: 2 },
      { id: 3, name: 'SEMLA', sold: 5 },
      { id: 4, name: 'Wreath', sold: 5 },
    ]);
  });
});
