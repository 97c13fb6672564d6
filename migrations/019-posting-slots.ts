import type { Knex } from 'knex';
import { column } from '../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  // When a channel usually posts, on the clocks of its team: a wall time of a weekday, whatever the offset is that week.
  await knex.schema.createTable('posting_slots', (table) => {
    column.reference(table, 'channel_id', 'channels').notNullable();
    // 1 = Monday to 7 = Sunday, as ISO 8601 counts.
    table.integer('weekday').notNullable();
    // HH:mm
    column.ascii(table, 'wall_time', 5).notNullable();
    table.primary(['channel_id', 'weekday', 'wall_time']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('posting_slots');
}
