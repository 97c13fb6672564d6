import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // What was done to a picture when it came in, as JSON; null where it is kept as it came, and for videos.
  await knex.schema.alterTable('media', (table) => {
    column.json(table, 'changed').nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('media', (table) => table.dropColumns('changed'));
}
