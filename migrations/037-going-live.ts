import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // What an admin says was done in a network's portal, which tells of it by no call.
  await knex.schema.createTable('going_live_marks', (table) => {
    table.string('plugin', 40).notNullable();
    column.ascii(table, 'step', 40).notNullable();
    column.time(table, 'marked_at').notNullable();
    column.doneBy(table, 'marked_by');
    table.primary(['plugin', 'step']);
  });
  // What the check of the app's icon found; the picture itself goes to the network.
  await knex.schema.createTable('going_live_icons', (table) => {
    table.string('plugin', 40).notNullable().primary();
    table.string('file_name', 255).notNullable();
    table.integer('width').notNullable();
    table.integer('height').notNullable();
    table.integer('bytes').notNullable();
    column.time(table, 'checked_at').notNullable();
    column.doneBy(table, 'checked_by');
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['going_live_icons', 'going_live_marks']) await knex.schema.dropTable(table);
}
