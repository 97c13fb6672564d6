import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // What a person typed into a draft, each as typed: nothing is due yet, so neither has to be a date or a time.
  await knex.schema.alterTable('posts', (table) => {
    table.string('planned_date', 40).nullable();
    table.string('planned_time', 40).nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => table.dropColumns('planned_date', 'planned_time'));
}
