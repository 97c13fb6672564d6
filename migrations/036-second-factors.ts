import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('second_factors', (table) => {
    column.reference(table, 'user_id', 'users').notNullable().primary();
    table.text('sealed_secret').notNullable();
    // The half minute whose code was taken last: none of it or before it is taken again.
    table.bigInteger('last_step').notNullable();
    column.time(table, 'created_at').notNullable();
  });
  await knex.schema.createTable('recovery_codes', (table) => {
    column.reference(table, 'user_id', 'users').notNullable();
    column.hash(table, 'code_hash').notNullable();
    table.primary(['user_id', 'code_hash']);
  });
  // Browsers that a person has signed in with: there the right password works while strangers guess.
  await knex.schema.createTable('known_devices', (table) => {
    column.reference(table, 'user_id', 'users').notNullable();
    column.hash(table, 'token_hash').notNullable().index();
    column.time(table, 'seen_at').notNullable().index();
    table.primary(['user_id', 'token_hash']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['known_devices', 'recovery_codes', 'second_factors']) await knex.schema.dropTable(table);
}
