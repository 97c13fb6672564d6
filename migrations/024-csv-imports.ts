import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // A file that was read and reported, until it is imported or a day has passed.
  await knex.schema.createTable('csv_imports', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'team_id', 'teams').notNullable();
    column.doneBy(table, 'created_by');
    column.time(table, 'created_at').notNullable();
    table.string('file_name', 255).notNullable();
    // SHA-256 of its bytes: the same file again is the same report.
    column.hash(table, 'hash').notNullable();
    column.json(table, 'content').notNullable();
    table.unique(['team_id', 'hash']);
    table.index(['created_at']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('csv_imports');
}
