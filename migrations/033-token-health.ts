import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('credentials', (table) => {
    // The last refresh that failed since tokens last came; null while the newest tokens are from an answer.
    column.time(table, 'refresh_failed_at').nullable();
    table.string('refresh_failed_code', 80).nullable();
  });
  await knex.schema.alterTable('oauth_states', (table) => {
    // Begun on the page that reconnects one channel after the other: the login leads back there.
    table.boolean('in_walk').notNullable().defaultTo(false);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('oauth_states', (table) => {
    table.dropColumn('in_walk');
  });
  await knex.schema.alterTable('credentials', (table) => {
    table.dropColumn('refresh_failed_at');
    table.dropColumn('refresh_failed_code');
  });
}
