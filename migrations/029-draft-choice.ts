import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // Immediately, Schedule or Draft as chosen in a draft, which is due at nothing all the same.
  await knex.schema.alterTable('posts', (table) => {
    table.string('planned_when', 20).nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => table.dropColumns('planned_when'));
}
