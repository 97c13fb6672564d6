import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

const waiting = 'deliveries_team_id_needs_approval_due_at_id_index';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('teams', (table) => {
    table.boolean('needs_approval').notNullable().defaultTo(false);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    // Nobody who may has agreed to what is stored: it is not sent, whatever else becomes of it.
    table.boolean('needs_approval').notNullable().defaultTo(false);
    // Who approved this revision, and when.
    column.json(table, 'approval').nullable();
    table.index(['team_id', 'needs_approval', 'due_at', 'id'], waiting);
  });
  await knex.schema.alterTable('posts', (table) => {
    // Who sent it back to its author last, when, and why.
    column.json(table, 'sent_back').nullable();
  });
  await knex('deliveries').where({ hold: 'approval' }).update({ needs_approval: true });
}

/** What waits becomes a draft: without these columns nothing would keep it from going out at its time. */
export async function down(knex: Knex): Promise<void> {
  await makeDraftsOfWaiting(knex);
  await knex.schema.alterTable('posts', (table) => {
    table.dropColumn('sent_back');
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropIndex([], waiting);
  });
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropColumns('needs_approval', 'approval');
  });
  await knex.schema.alterTable('teams', (table) => {
    table.dropColumn('needs_approval');
  });
}

const atOnce = 500;

async function makeDraftsOfWaiting(knex: Knex): Promise<void> {
  const waiting: { id: number; post_id: number }[] = await knex('deliveries')
    .where({ state: 'scheduled', needs_approval: true })
    .select('id', 'post_id');
  const none = { due_wall: null, due_zone: null, due_at: null };
  for (let n = 0; n < waiting.length; n += atOnce) {
    const some = waiting.slice(n, n + atOnce);
    const ids = some.map(({ id }) => id);
    const change = { ...none, state: 'draft', hold: null, consent: null, revision: knex.raw('revision + 1') };
    await knex('deliveries').whereIn('id', ids).update(change);
    await knex('jobs').where({ kind: 'publish-delivery' }).whereIn('key', ids.map(String)).delete();
    // Where nothing else is left of a post it shows as a draft; otherwise it goes on showing what is worse than that.
    const alive = knex('deliveries').select('post_id').whereNotIn('state', ['draft', 'cancelled']);
    await knex('posts')
      .whereIn(
        'id',
        some.map((row) => row.post_id),
      )
      .whereNotIn('id', alive)
      .update({ state: 'draft', due_at: null });
  }
}
