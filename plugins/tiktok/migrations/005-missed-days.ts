import type { Knex } from 'knex';
import { column } from '../../../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tiktok_profiles', (table) => {
    // Where at TikTok the copied picture lay, without what is signed and expires: another path is another picture.
    table.text('avatar_path').nullable();
    // When a person asked for everything anew; null once that has been answered.
    column.time(table, 'asked_at').nullable();
  });
  await knex.schema.createTable('tiktok_missed_days', (table) => {
    column.reference(table, 'channel_id', 'channels').notNullable();
    // YYYY-MM-DD in the team's zone.
    column.ascii(table, 'day', 10).notNullable();
    column.ascii(table, 'reason', 10).notNullable();
    table.primary(['channel_id', 'day']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('tiktok_missed_days');
  await knex.schema.alterTable('tiktok_profiles', (table) => table.dropColumns('avatar_path', 'asked_at'));
}
