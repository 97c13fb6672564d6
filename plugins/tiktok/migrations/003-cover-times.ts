import type { Knex } from 'knex';
import { column } from '../../../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tiktok_videos', (table) => {
    // When TikTok told the cover's address, which it does without the numbers too; null = with the row.
    column.time(table, 'cover_at').nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tiktok_videos', (table) => table.dropColumn('cover_at'));
}
