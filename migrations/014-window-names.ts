import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // A bucket is a hash: what an operator is shown of a window stands beside it. Rows of before have no name and are
  // gone with the window's length.
  await knex.schema.alterTable('call_windows', (table) => {
    table.string('name', 80).notNullable().defaultTo('');
    table.integer('places_limit').notNullable().defaultTo(0);
    table.bigInteger('within_ms').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('call_windows', (table) => {
    table.dropColumns('name', 'places_limit', 'within_ms');
  });
}
