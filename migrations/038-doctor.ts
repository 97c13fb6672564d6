import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // What each check of the setup found last; nobody needs what it found before.
  await knex.schema.createTable('doctor_findings', (table) => {
    column.ascii(table, 'name', 80).notNullable().primary();
    table.string('tone', 10).notNullable();
    column.json(table, 'finding').notNullable();
    column.time(table, 'checked_at').notNullable();
    // Null: from the command line.
    column.doneBy(table, 'checked_by');
  });
  // When a call to a webhook address was last refused for a reason. One row for each: strangers can write here.
  await knex.schema.createTable('webhook_refusals', (table) => {
    table.string('plugin', 40).notNullable();
    column.ascii(table, 'code', 40).notNullable();
    column.time(table, 'at').notNullable();
    table.primary(['plugin', 'code']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['webhook_refusals', 'doctor_findings']) await knex.schema.dropTable(table);
}
