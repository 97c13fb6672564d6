import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

/** Links from the command line by which one person connects a channel to one team, on another machine. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('connect_links', (table) => {
    column.hash(table, 'token_hash').notNullable().primary();
    table.string('plugin', 40).notNullable();
    column.reference(table, 'team_id', 'teams').notNullable();
    column.reference(table, 'user_id', 'users').notNullable();
    column.time(table, 'expires_at').notNullable().index();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('connect_links');
}
