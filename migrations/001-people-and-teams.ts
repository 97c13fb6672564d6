import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    table.bigIncrements('id');
    table.string('email', 254).notNullable().unique();
    table.string('name', 120).notNullable();
    column.ascii(table, 'password_hash', 255).nullable();
    table.boolean('is_admin').notNullable().defaultTo(false);
    table.string('theme', 10).notNullable().defaultTo('auto');
    column.time(table, 'created_at').notNullable();
    column.time(table, 'disabled_at').nullable();
  });
  await knex.schema.createTable('teams', (table) => {
    table.bigIncrements('id');
    table.string('name', 120).notNullable();
    table.string('zone', 64).notNullable();
    table.integer('grace_seconds').notNullable().defaultTo(86_400);
    column.time(table, 'created_at').notNullable();
  });
  await knex.schema.createTable('members', (table) => {
    column.reference(table, 'team_id', 'teams').notNullable();
    column.reference(table, 'user_id', 'users').notNullable();
    table.string('role', 10).notNullable();
    column.time(table, 'created_at').notNullable();
    table.primary(['team_id', 'user_id']);
    table.index(['user_id', 'team_id']);
  });
  await createLinks(knex);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['attempt_counts', 'one_time_links', 'members', 'teams', 'users'])
    await knex.schema.dropTable(table);
}

async function createLinks(knex: Knex): Promise<void> {
  await knex.schema.createTable('one_time_links', (table) => {
    table.bigIncrements('id');
    column.hash(table, 'token_hash').notNullable().unique();
    table.string('purpose', 20).notNullable();
    column.reference(table, 'user_id', 'users').notNullable();
    // An invitation names the team and the role that whoever sent it meant; the address holds neither.
    column.reference(table, 'team_id', 'teams').nullable();
    table.string('role', 10).nullable();
    column.doneBy(table, 'created_by');
    column.time(table, 'created_at').notNullable();
    column.time(table, 'expires_at').notNullable();
    column.time(table, 'used_at').nullable();
  });
  // How often something guarded was tried in a span of time; counted here because every web process must count as one.
  await knex.schema.createTable('attempt_counts', (table) => {
    column.ascii(table, 'bucket', 160).notNullable().primary();
    table.integer('attempts').notNullable();
    column.time(table, 'expires_at').notNullable().index();
  });
}
