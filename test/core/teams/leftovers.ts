import { expect } from 'chai';
import { z } from 'zod';
import type { Database } from '../../../core/db/database.ts';

/** Rows that any table of the database has of the team, acts of people left out; of some tables whatever is in them. */
export async function leftoversOf({ knex, kind }: Database, teamId: number): Promise<readonly string[]> {
  const found: unknown =
    kind === 'sqlite'
      ? await knex('sqlite_master').where({ type: 'table' }).where('sql', 'like', '%`team_id`%').pluck('name')
      : await knex('information_schema.columns')
          .where({ column_name: 'team_id' })
          .whereRaw('table_schema = database()')
          .pluck('table_name');
  const tables = z.array(z.string()).parse(found);
  expect(tables).to.include.members(['posts', 'deliveries', 'media', 'uploads', 'batches', 'saved_captions']);
  const left: string[] = [];
  for (const table of tables) {
    const rows: unknown[] = await knex(table).where({
      team_id: teamId,
      ...(table === 'events' ? { is_act: false } : {}),
    });
    if (rows.length > 0) left.push(`${table}: ${rows.length}`);
  }
  for (const table of ['teams', 'attempts', 'post_media', 'posting_slots', 'credentials']) {
    const rows: unknown[] = await knex(table).where(table === 'teams' ? { id: teamId } : {});
    if (rows.length > 0) left.push(`${table}: ${rows.length}`);
  }
  return left;
}
