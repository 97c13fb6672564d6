import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

const inOrder = ['team_id', 'batch_id', 'batch_place', 'id'];

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('batches', (table) => {
    table.bigIncrements('id').unsigned();
    column.reference(table, 'team_id', 'teams').notNullable();
    column.doneBy(table, 'created_by');
    column.time(table, 'created_at').notNullable();
    // Name of the file that it was imported from; null where the files were uploaded into it.
    table.string('source', 255).nullable();
    // SHA-256 of that file: the same one makes no second batch.
    column.hash(table, 'import_hash').nullable();
    // Null until every row of the file has its draft: an import that was cut short goes on.
    column.time(table, 'filled_at').nullable();
    // Channels of new rows, and each channel's options as typed.
    column.json(table, 'options').notNullable();
    table.unique(['team_id', 'import_hash']);
    table.index(['team_id', 'created_at', 'id']);
  });
  // No foreign key: SQLite would rebuild the whole table for it, and a batch is never deleted before its team.
  await knex.schema.alterTable('posts', (table) => {
    table.bigInteger('batch_id').unsigned().nullable();
    table.integer('batch_place').nullable();
    table.index(inOrder);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => {
    table.dropIndex(inOrder);
    table.dropColumns('batch_id', 'batch_place');
  });
  await knex.schema.dropTable('batches');
}
