import type { Knex } from 'knex';

// The calendar asks for a month of one team: what is due in it, and the drafts planned in it.
const ofDueTime = ['team_id', 'due_at', 'id'];
const ofPlannedDate = ['team_id', 'state', 'planned_date', 'id'];

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => {
    table.index(ofDueTime);
    table.index(ofPlannedDate);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('posts', (table) => {
    table.dropIndex(ofDueTime);
    table.dropIndex(ofPlannedDate);
  });
}
