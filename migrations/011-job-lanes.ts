import type { Knex } from 'knex';
import { z } from 'zod';

export async function up(knex: Knex): Promise<void> {
  // The channel that a job is for, 0 where it is for none: workers take turns over channels when more is due than they
  // have slots for.
  await knex.schema.alterTable('jobs', (table) => {
    table.bigInteger('lane').notNullable().defaultTo(0);
    table.index(['state', 'lane', 'run_at', 'id'], 'jobs_lane_index');
  });
  await fillLanes(knex);
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', (table) => {
    table.dropIndex([], 'jobs_lane_index');
    table.dropColumn('lane');
  });
}

const batch = 500;
const deliveryRow = z.object({ id: z.number(), channel_id: z.number() });

/** Of the deliveries whose job may still be waiting. By key, which has an index; a cast of the key would not use it. */
async function fillLanes(knex: Knex): Promise<void> {
  for (let after = 0; ;) {
    const rows: unknown = await knex('deliveries')
      .where('id', '>', after)
      .whereIn('state', ['scheduled', 'publishing', 'processing', 'published'])
      .orderBy('id')
      .limit(batch)
      .select('id', 'channel_id');
    const found = z.array(deliveryRow).parse(rows);
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.id;
    for (const lane of new Set(found.map((row) => row.channel_id))) {
      const keys = found.filter((row) => row.channel_id === lane).map((row) => String(row.id));
      await knex('jobs').where({ kind: 'publish-delivery' }).whereIn('key', keys).update({ lane });
    }
  }
}
