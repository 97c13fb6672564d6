import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('jobs', (table) => {
    table.bigIncrements('id');
    table.string('kind', 60).notNullable();
    // What the job is about, e.g. a delivery's number: the same kind and key exists once.
    column.ascii(table, 'key', 120).notNullable();
    column.json(table, 'payload').notNullable();
    // waiting, running, finished, failed
    table.string('state', 10).notNullable();
    column.time(table, 'run_at').notNullable();
    column.ascii(table, 'lease_owner', 64).nullable();
    column.time(table, 'lease_until').nullable();
    // Raised by every claim and by every act of a person: whoever holds an older number has lost.
    table.bigInteger('fence').notNullable().defaultTo(0);
    // Claims whose process died, in a row.
    table.integer('deaths').notNullable().defaultTo(0);
    table.integer('failures').notNullable().defaultTo(0);
    table.text('last_error').nullable();
    // Woken while it runs: what its worker is looking at may be of before, so it does not wait when the worker is done.
    column.time(table, 'woken_at').nullable();
    column.time(table, 'created_at').notNullable();
    column.time(table, 'updated_at').notNullable();
    table.unique(['kind', 'key']);
    table.index(['state', 'run_at', 'id']);
    table.index(['state', 'lease_until']);
  });
  await knex.schema.createTable('workers', (table) => {
    column.ascii(table, 'id', 64).notNullable().primary();
    table.string('host', 120).notNullable();
    table.integer('pid').notNullable();
    column.time(table, 'started_at').notNullable();
    column.time(table, 'seen_at').notNullable();
    column.json(table, 'facts').notNullable();
  });
  await knex.schema.createTable('call_times', (table) => {
    table.bigIncrements('id');
    column.ascii(table, 'bucket', 160).notNullable();
    column.time(table, 'at').notNullable();
    table.index(['bucket', 'at']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['call_times', 'workers', 'jobs']) await knex.schema.dropTable(table);
}
