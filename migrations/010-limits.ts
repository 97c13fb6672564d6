import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // One row for each sliding window, so that taking a place is one conditional update: counting rows and inserting
  // one more would let two processes into the last place.
  await knex.schema.createTable('call_windows', (table) => {
    column.hash(table, 'bucket').notNullable().primary();
    table.bigInteger('version').notNullable();
    // The places taken: [[time, member or null], …].
    column.json(table, 'places').notNullable();
    // When the last place ends: the row says nothing any more.
    column.time(table, 'empty_at').notNullable();
    table.index(['empty_at']);
  });
  await knex.schema.createTable('call_counts', (table) => {
    table.string('plugin', 40).notNullable();
    column.ascii(table, 'endpoint', 120).notNullable();
    // The hour's first millisecond.
    column.time(table, 'hour').notNullable();
    table.bigInteger('calls').notNullable();
    // Answered with a 4xx, and without a usable answer: none at all, or a 5xx.
    table.bigInteger('refused').notNullable();
    table.bigInteger('failed').notNullable();
    table.primary(['hour', 'plugin', 'endpoint']);
  });
  await knex.schema.dropTable('call_times');
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.createTable('call_times', (table) => {
    table.bigIncrements('id');
    column.ascii(table, 'bucket', 160).notNullable();
    column.time(table, 'at').notNullable();
    table.index(['bucket', 'at']);
  });
  for (const table of ['call_counts', 'call_windows']) await knex.schema.dropTable(table);
}
