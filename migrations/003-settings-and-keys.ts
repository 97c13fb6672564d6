import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // One known text sealed with each key that has been used: a wrong key is noticed before anything is overwritten.
  await knex.schema.createTable('key_checks', (table) => {
    column.ascii(table, 'key_id', 40).notNullable().primary();
    table.text('sealed').notNullable();
    column.time(table, 'created_at').notNullable();
  });
  // `set_id` is empty for what belongs to the plugin as a whole (mode, enabled).
  await knex.schema.createTable('plugin_settings', (table) => {
    table.string('plugin', 40).notNullable();
    table.string('set_id', 40).notNullable();
    table.string('field', 60).notNullable();
    table.text('value').notNullable();
    table.boolean('is_sealed').notNullable().defaultTo(false);
    // The last four characters of a secret, so that its owner recognises it.
    table.string('hint', 8).nullable();
    column.time(table, 'updated_at').notNullable();
    column.doneBy(table, 'updated_by');
    table.primary(['plugin', 'set_id', 'field']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['plugin_settings', 'key_checks']) await knex.schema.dropTable(table);
}
