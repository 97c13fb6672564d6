import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('teams', (table) => {
    // Since when nobody sees it any more; its records go bit by bit, and this row last.
    column.time(table, 'deleted_at').nullable();
  });
  await knex.schema.alterTable('one_time_links', (table) => {
    // Of a link for a new e-mail address: the address, which counts once the link was followed.
    table.string('email', 254).nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex('one_time_links').where({ purpose: 'address' }).delete();
  await knex.schema.alterTable('one_time_links', (table) => {
    table.dropColumn('email');
  });
  await knex.schema.alterTable('teams', (table) => {
    table.dropColumn('deleted_at');
  });
}
