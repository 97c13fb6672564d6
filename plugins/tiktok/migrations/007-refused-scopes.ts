import type { Knex } from 'knex';
import { column } from '../../../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tiktok_profiles', (table) => {
    // Permissions that were granted and that TikTok refused at the last look, a JSON list; null = none.
    column.json(table, 'refused').nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tiktok_profiles', (table) => table.dropColumn('refused'));
}
