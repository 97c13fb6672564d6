import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // What a person has typed over a scheduled post and not saved to it.
  await knex.schema.createTable('working_copies', (table) => {
    column.reference(table, 'post_id', 'posts').notNullable();
    column.reference(table, 'user_id', 'users').notNullable();
    // The version of the post that it was typed over.
    table.integer('version').notNullable();
    column.json(table, 'form').notNullable();
    column.time(table, 'updated_at').notNullable();
    table.primary(['post_id', 'user_id']);
  });
  // Who wrote which version last. No foreign key: SQLite would rebuild the whole table for it.
  await knex.schema.alterTable('posts', (table) => {
    table.bigInteger('revised_by').unsigned().nullable();
    table.integer('revised_version').nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => table.dropColumns('revised_by', 'revised_version'));
  await knex.schema.dropTable('working_copies');
}
