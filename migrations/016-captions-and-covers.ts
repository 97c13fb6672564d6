import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // The caption of one channel alone; null is the post's.
  await knex.schema.alterTable('deliveries', (table) => {
    table.text('caption').nullable();
  });
  // Of a video the milliseconds into it, of photos the place of one of them, from 0; null leaves it to the network.
  await knex.schema.alterTable('posts', (table) => {
    table.integer('cover').nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => table.dropColumns('cover'));
  await knex.schema.alterTable('deliveries', (table) => table.dropColumns('caption'));
}
