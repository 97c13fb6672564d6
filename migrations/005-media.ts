import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('media', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'team_id', 'teams').notNullable();
    table.string('file_name', 255).notNullable();
    column.ascii(table, 'stored_name', 80).notNullable().unique();
    table.string('kind', 10).notNullable();
    table.string('type', 60).notNullable();
    table.bigInteger('bytes').notNullable();
    column.hash(table, 'sha256').notNullable();
    table.integer('width').notNullable();
    table.integer('height').notNullable();
    table.integer('duration_ms').nullable();
    table.double('frame_rate').nullable();
    table.string('codec', 40).nullable();
    table.integer('rotation').notNullable().defaultTo(0);
    column.ascii(table, 'poster_name', 80).nullable();
    column.doneBy(table, 'created_by');
    column.time(table, 'created_at').notNullable();
    // The bytes are gone; the row stays for the posts that were published with it.
    column.time(table, 'deleted_at').nullable();
    table.index(['team_id', 'deleted_at', 'id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('media');
}
