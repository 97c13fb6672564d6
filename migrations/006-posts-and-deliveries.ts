import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await createPosts(knex);
  await createDeliveries(knex);
  await createAttempts(knex);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['attempts', 'deliveries', 'post_media', 'posts']) await knex.schema.dropTable(table);
}

async function createPosts(knex: Knex): Promise<void> {
  await knex.schema.createTable('posts', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'team_id', 'teams').notNullable();
    table.text('caption').notNullable();
    // The form's own number: the same form sent twice makes one post; `nonce_body` tells a changed form from a repeated one.
    column.ascii(table, 'nonce', 64).notNullable();
    column.hash(table, 'nonce_body').notNullable();
    // Goes up with every edit: of two people who change the same version only the first succeeds. `edit_body` is
    // what that edit sent, so that the same edit sent twice is one.
    table.integer('version').notNullable().defaultTo(1);
    column.hash(table, 'edit_body').nullable();
    column.doneBy(table, 'created_by');
    column.time(table, 'created_at').notNullable();
    column.time(table, 'updated_at').notNullable();
    // The worst of its deliveries' states and its due time, kept for the list of posts.
    table.string('state', 20).notNullable();
    column.time(table, 'due_at').nullable();
    table.unique(['team_id', 'nonce']);
    table.index(['team_id', 'updated_at', 'id']);
    table.index(['team_id', 'state', 'updated_at', 'id']);
  });
  await knex.schema.createTable('post_media', (table) => {
    column.reference(table, 'post_id', 'posts').notNullable();
    table.bigInteger('media_id').unsigned().notNullable().references('id').inTable('media');
    table.integer('position').notNullable();
    table.primary(['post_id', 'position']);
    table.index(['media_id']);
  });
}

async function createDeliveries(knex: Knex): Promise<void> {
  await knex.schema.createTable('deliveries', (table) => {
    table.bigIncrements('id');
    column.reference(table, 'post_id', 'posts').notNullable();
    column.reference(table, 'team_id', 'teams').notNullable();
    table.bigInteger('channel_id').unsigned().notNullable().references('id').inTable('channels');
    table.string('plugin', 40).notNullable();
    table.string('state', 20).notNullable();
    table.string('hold', 20).nullable();
    table.integer('revision').notNullable().defaultTo(1);
    column.json(table, 'options').notNullable();
    column.json(table, 'consent').nullable();
    // What was chosen (wall clock and zone) and the instant it means.
    table.string('due_wall', 16).nullable();
    table.string('due_zone', 64).nullable();
    column.time(table, 'due_at').nullable();
    table.integer('percent').nullable();
    column.ascii(table, 'outcome_code', 80).nullable();
    // The explanation a person reads: sentence, who, nextStep, code, logId; whether it may have been posted.
    column.json(table, 'outcome').nullable();
    column.json(table, 'remote_ids').nullable();
    // The first of them, for finding the post that a video of the network came from.
    column.ascii(table, 'remote_id', 120).nullable();
    table.text('url').nullable();
    table.boolean('link_pending').notNullable().defaultTo(false);
    column.time(table, 'published_at').nullable();
    column.time(table, 'updated_at').notNullable();
    table.unique(['post_id', 'channel_id']);
    table.index(['team_id', 'state', 'due_at', 'id']);
    table.index(['channel_id', 'state', 'due_at', 'id']);
    table.index(['channel_id', 'remote_id']);
  });
}

async function createAttempts(knex: Knex): Promise<void> {
  await knex.schema.createTable('attempts', (table) => {
    table.bigIncrements('id');
    table.bigInteger('delivery_id').unsigned().notNullable().references('id').inTable('deliveries');
    table.integer('n').notNullable();
    table.string('plugin', 40).notNullable();
    table.bigInteger('credential_id').unsigned().notNullable().references('id').inTable('credentials');
    table.integer('revision').notNullable();
    column.ascii(table, 'reference', 120).nullable();
    // Sealed: it holds the upload address, which is a secret.
    table.text('progress', 'mediumtext').nullable();
    column.time(table, 'started_at').notNullable();
    column.time(table, 'point_of_no_return_at').nullable();
    // open, superseded, failed, published
    table.string('outcome', 20).notNullable();
    table.string('reason', 80).nullable();
    column.time(table, 'ended_at').nullable();
    // The two core invariants as database errors: at most one open attempt of a delivery, and at most one
    // past the point of no return that is not proven dead.
    table.specificType(
      'open_delivery',
      "bigint generated always as (case when outcome = 'open' then delivery_id end) virtual",
    );
    table.specificType(
      'committed_delivery',
      "bigint generated always as (case when point_of_no_return_at is not null and outcome in ('open', 'published') then delivery_id end) virtual",
    );
    table.unique(['delivery_id', 'n']);
    table.unique(['plugin', 'reference']);
    table.unique(['open_delivery']);
    table.unique(['committed_delivery']);
  });
}
