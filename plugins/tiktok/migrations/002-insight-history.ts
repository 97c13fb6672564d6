import type { Knex } from 'knex';
import { column } from '../../../core/db/columns.ts';

/** What people sort by; each list is read from its own index. */
const sorted = ['views', 'likes', 'comments', 'shares', 'engagement', 'duration_seconds'];
const indexOf = (name: string): string => `tiktok_videos_by_${name}`;

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('tiktok_profiles', (table) => {
    // Of the list of all videos: a pass that is under way, null when there is none, and how far it is.
    column.time(table, 'pass_began_at').nullable();
    table.bigInteger('pass_cursor').nullable();
    table.integer('pass_seen').nullable();
    // Public videos after the last complete pass.
    table.integer('listed').nullable();
    column.time(table, 'recent_at').nullable();
  });
  await knex.schema.alterTable('tiktok_snapshots', (table) => {
    // When a complete pass over the videos ended on that day; null = on that day there was none.
    column.time(table, 'videos_at').nullable();
  });
  await knex.schema.alterTable('tiktok_videos', (table) => {
    // Parts per million: likes, comments and shares of views. Null where one is unknown or nobody has seen it.
    table.integer('engagement').nullable();
    // The post of ours that it is.
    table.bigInteger('post_id').unsigned().nullable();
    column.time(table, 'first_seen_at').nullable();
  });
  await knex.schema.alterTable('tiktok_videos', (table) => {
    for (const name of sorted) table.index(['channel_id', name, 'video_id'], indexOf(name));
  });
  await knex.schema.createTable('tiktok_video_numbers', (table) => {
    column.reference(table, 'channel_id', 'channels').notNullable();
    column.ascii(table, 'video_id', 32).notNullable();
    // The first day, in the team's zone, of the day, week or month that it stands for, YYYY-MM-DD; its last numbers stay.
    column.ascii(table, 'slot', 10).notNullable();
    column.time(table, 'at').notNullable();
    // Whole days since it was published.
    table.integer('age_days').notNullable();
    for (const counter of ['views', 'likes', 'comments', 'shares']) table.bigInteger(counter).nullable();
    table.primary(['channel_id', 'video_id', 'slot']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('tiktok_video_numbers');
  await knex.schema.alterTable('tiktok_videos', (table) => {
    for (const name of sorted) table.dropIndex(['channel_id', name, 'video_id'], indexOf(name));
  });
  await knex.schema.alterTable('tiktok_videos', (table) => table.dropColumns('engagement', 'post_id', 'first_seen_at'));
  await knex.schema.alterTable('tiktok_snapshots', (table) => table.dropColumn('videos_at'));
  await knex.schema.alterTable('tiktok_profiles', (table) =>
    table.dropColumns('pass_began_at', 'pass_cursor', 'pass_seen', 'listed', 'recent_at'),
  );
}
