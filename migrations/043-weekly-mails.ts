import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // A row for each person and team that wants the mail about each week; nobody has it by default.
  await knex.schema.createTable('weekly_mails', (table) => {
    column.reference(table, 'user_id', 'users').notNullable();
    column.reference(table, 'team_id', 'teams').notNullable();
    column.time(table, 'next_at').notNullable().index();
    table.primary(['user_id', 'team_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('weekly_mails');
}
