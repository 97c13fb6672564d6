import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('saved_captions', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'team_id', 'teams').notNullable();
    // caption, hashtags
    table.string('kind', 10).notNullable();
    table.string('name', 120).notNullable();
    table.text('text').notNullable();
    column.doneBy(table, 'created_by');
    column.time(table, 'created_at').notNullable();
    column.time(table, 'updated_at').notNullable();
    table.index(['team_id', 'kind', 'name', 'id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('saved_captions');
}
