import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await createCredentials(knex);
  await createChannels(knex);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['channels', 'credentials']) await knex.schema.dropTable(table);
}

async function createCredentials(knex: Knex): Promise<void> {
  // One per (plugin, app, account), shared by every channel of that account over teams that never see each other.
  await knex.schema.createTable('credentials', (table) => {
    table.bigIncrements('id');
    table.string('plugin', 40).notNullable();
    column.ascii(table, 'app_key', 120).notNullable();
    column.ascii(table, 'account_id', 128).notNullable();
    column.ascii(table, 'union_id', 128).nullable();
    // Which credential set it was connected with, e.g. sandbox or live.
    table.string('mode', 40).notNullable();
    table.text('access_token').notNullable();
    table.text('refresh_token').notNullable();
    table.text('scopes').notNullable();
    column.time(table, 'access_expires_at').notNullable();
    column.time(table, 'refresh_expires_at').notNullable();
    table.string('state', 20).notNullable();
    table.integer('version').notNullable().defaultTo(1);
    column.ascii(table, 'refresh_owner', 64).nullable();
    column.time(table, 'refresh_until').nullable();
    column.time(table, 'refreshed_at').notNullable();
    table.unique(['plugin', 'app_key', 'account_id']);
    table.index(['state', 'access_expires_at']);
  });
}

async function createChannels(knex: Knex): Promise<void> {
  await knex.schema.createTable('channels', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'team_id', 'teams').notNullable();
    table.bigInteger('credential_id').unsigned().notNullable().references('id').inTable('credentials');
    table.string('plugin', 40).notNullable();
    column.ascii(table, 'account_id', 128).notNullable();
    table.string('nickname', 255).notNullable();
    table.string('username', 255).nullable();
    column.ascii(table, 'avatar', 80).nullable();
    table.boolean('is_paused').notNullable().defaultTo(false);
    column.doneBy(table, 'connected_by');
    column.time(table, 'connected_at').notNullable();
    // A disconnected channel stays for its posts' history, without a place among the connected ones.
    column.time(table, 'disconnected_at').nullable();
    table.specificType(
      'connected_account',
      'varchar(128) generated always as (case when disconnected_at is null then account_id end) virtual',
    );
    table.unique(['team_id', 'plugin', 'connected_account']);
    table.index(['plugin', 'account_id']);
  });
}
