import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('sessions', (table) => {
    column.hash(table, 'id_hash').notNullable().primary();
    column.reference(table, 'user_id', 'users').nullable().index();
    column.json(table, 'data').notNullable();
    column.time(table, 'created_at').notNullable();
    column.time(table, 'seen_at').notNullable();
    column.time(table, 'expires_at').notNullable().index();
  });
  await knex.schema.createTable('oauth_states', (table) => {
    column.hash(table, 'state_hash').notNullable().primary();
    column.hash(table, 'session_hash').notNullable();
    column.reference(table, 'user_id', 'users').notNullable();
    column.reference(table, 'team_id', 'teams').notNullable();
    table.string('plugin', 40).notNullable();
    table.bigInteger('channel_id').nullable();
    table.string('set_id', 40).notNullable();
    table.text('sealed_verifier').notNullable();
    table.boolean('in_popup').notNullable().defaultTo(false);
    column.time(table, 'expires_at').notNullable().index();
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['oauth_states', 'sessions']) await knex.schema.dropTable(table);
}
