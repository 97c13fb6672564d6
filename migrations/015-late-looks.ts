import type { Knex } from 'knex';

// Posts of a channel whose link is missing, without reading the others: `published_at` is set in the same statement as
// `remote_id`, so the wider index costs a post nothing.
const links = 'deliveries_channel_id_remote_id_published_at_index';
const linksBefore = 'deliveries_channel_id_remote_id_index';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('deliveries', (table) => {
    table.index(['channel_id', 'remote_id', 'published_at'], links);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropIndex([], linksBefore);
  });
  await knex.schema.alterTable('webhook_events', (table) => {
    table.index(['at']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('webhook_events', (table) => {
    table.dropIndex(['at']);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.index(['channel_id', 'remote_id'], linksBefore);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropIndex([], links);
  });
}
