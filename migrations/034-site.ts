import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // What makes this installation somebody's own: name, colour, texts of the home page, sender, language.
  await knex.schema.createTable('site_settings', (table) => {
    column.ascii(table, 'field', 60).notNullable().primary();
    table.text('value').notNullable();
    column.time(table, 'updated_at').notNullable();
    column.doneBy(table, 'updated_by');
  });
  // In the database and not on a disk, so that every process on every machine serves the same.
  await knex.schema.createTable('site_pictures', (table) => {
    column.ascii(table, 'kind', 20).notNullable().primary();
    column.hash(table, 'hash').notNullable();
    // base64
    table.text('content', 'mediumtext').notNullable();
    column.time(table, 'updated_at').notNullable();
    column.doneBy(table, 'updated_by');
  });
  await knex.schema.createTable('site_files', (table) => {
    table.bigIncrements('id');
    // The path it answers at, byte for byte.
    column.ascii(table, 'place', 255).notNullable().unique();
    // base64
    table.text('content').notNullable();
    column.time(table, 'updated_at').notNullable();
    column.doneBy(table, 'updated_by');
  });
  // Every version that was saved; the newest of a page counts. `language` is 'all' for a text for every reader.
  await knex.schema.createTable('legal_texts', (table) => {
    table.bigIncrements('id');
    column.ascii(table, 'page', 20).notNullable();
    column.ascii(table, 'language', 10).notNullable();
    table.text('content', 'mediumtext').notNullable();
    column.time(table, 'saved_at').notNullable();
    column.doneBy(table, 'saved_by');
    table.index(['page', 'language', 'id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['legal_texts', 'site_files', 'site_pictures', 'site_settings']) {
    await knex.schema.dropTable(table);
  }
}
