import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('paperboy_prints', (table) => {
    table.bigIncrements('id');
    table.string('reference', 80).collate('ascii_bin').notNullable().unique();
    table.bigInteger('channel_id').unsigned().notNullable().index();
    table.text('line').notNullable();
    table.bigInteger('printed_at').notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('paperboy_prints');
}
