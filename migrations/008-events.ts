import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // Append-only: the timeline of a delivery and the record of people's acts. The pages read this one log.
  await knex.schema.createTable('events', (table) => {
    table.bigIncrements('id');
    column.time(table, 'at').notNullable();
    table.bigInteger('team_id').nullable();
    table.bigInteger('actor_id').nullable();
    // E.g. delivery, channel, team, user, plugin.
    table.string('subject', 20).notNullable();
    column.ascii(table, 'subject_id', 60).notNullable();
    table.string('kind', 60).notNullable();
    column.json(table, 'facts').notNullable();
    table.index(['subject', 'subject_id', 'id']);
    table.index(['team_id', 'id']);
  });
  await knex.schema.createTable('webhook_events', (table) => {
    table.string('plugin', 40).notNullable();
    column.hash(table, 'identity_hash').notNullable();
    table.string('event', 80).notNullable();
    column.time(table, 'at').notNullable();
    table.primary(['plugin', 'identity_hash']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['webhook_events', 'events']) await knex.schema.dropTable(table);
}
