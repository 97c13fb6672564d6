import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // Written in the transaction that made it true: told exactly when it happened.
  await knex.schema.createTable('notifications', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'team_id', 'teams').notNullable();
    // delivery-failed, delivery-needs-attention, reconnect-needed, access-ending
    table.string('kind', 40).notNullable();
    // The delivery or channel it is about.
    table.bigInteger('subject_id').unsigned().notNullable();
    column.json(table, 'facts').notNullable();
    column.time(table, 'at').notNullable().index();
    table.index(['kind', 'subject_id', 'at']);
  });
  // Whoever could act on it when it happened.
  await knex.schema.createTable('notification_recipients', (table) => {
    column.reference(table, 'user_id', 'users').notNullable();
    table.bigInteger('team_id').unsigned().notNullable();
    column.reference(table, 'notification_id', 'notifications').notNullable();
    column.time(table, 'told_at').notNullable();
    column.time(table, 'read_at').nullable();
    // waiting, sending (until mail_at, then it counts as waiting again), sent, skipped, given-up
    table.string('mail', 10).notNullable();
    column.time(table, 'mail_at').notNullable();
    table.integer('mail_tries').notNullable().defaultTo(0);
    table.primary(['user_id', 'team_id', 'notification_id']);
    table.index(['user_id', 'team_id', 'read_at']);
    table.index(['mail', 'mail_at']);
    table.index(['notification_id']);
  });
  // Mails are on until a person turns a kind of them off.
  await knex.schema.createTable('mail_refusals', (table) => {
    column.reference(table, 'user_id', 'users').notNullable();
    table.string('kind', 40).notNullable();
    table.primary(['user_id', 'kind']);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['mail_refusals', 'notification_recipients', 'notifications']) await knex.schema.dropTable(table);
}
