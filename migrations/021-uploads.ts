import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // How much of a file has arrived is the length of its file on disk, and stands nowhere else.
  await knex.schema.createTable('uploads', (table) => {
    column.ascii(table, 'id', 32).notNullable().primary();
    column.reference(table, 'team_id', 'teams').notNullable();
    column.reference(table, 'user_id', 'users').notNullable();
    table.string('file_name', 255).notNullable();
    table.bigInteger('bytes').notNullable();
    // The outcome, once all has arrived: the media made of it, or why it was refused.
    column.reference(table, 'media_id', 'media').nullable();
    table.text('problem').nullable();
    // Whose request writes to the file now, and whether another one waits for its turn.
    column.ascii(table, 'lock_token', 32).nullable();
    column.time(table, 'locked_until').nullable();
    table.boolean('is_wanted').notNullable().defaultTo(false);
    column.time(table, 'created_at').notNullable();
    column.time(table, 'updated_at').notNullable();
    table.index(['team_id', 'user_id', 'created_at']);
    table.index(['updated_at']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('uploads');
}
