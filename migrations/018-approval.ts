import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

const waiting = 'deliveries_team_id_needs_approval_due_at_id_index';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('teams', (table) => {
    table.boolean('needs_approval').notNullable().defaultTo(false);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    // Nobody who may has agreed to what is stored: it is not sent, whatever else becomes of it.
    table.boolean('needs_approval').notNullable().defaultTo(false);
    // Who approved this revision, and when.
    column.json(table, 'approval').nullable();
    table.index(['team_id', 'needs_approval', 'due_at', 'id'], waiting);
  });
  await knex.schema.alterTable('posts', (table) => {
    // Who sent it back to its author last, when, and why.
    column.json(table, 'sent_back').nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => {
    table.dropColumn('sent_back');
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropIndex([], waiting);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropColumns('needs_approval', 'approval');
  });
  await knex.schema.alterTable('teams', (table) => {
    table.dropColumn('needs_approval');
  });
}
