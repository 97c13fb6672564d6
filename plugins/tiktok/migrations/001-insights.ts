import type { Knex } from 'knex';
import { column } from '../../../core/db/columns.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('tiktok_profiles', (table) => {
    column.reference(table, 'channel_id', 'channels').primary();
    table.text('bio').nullable();
    table.text('link').nullable();
    table.boolean('is_verified').nullable();
    for (const counter of ['followers', 'following', 'likes', 'videos']) table.bigInteger(counter).nullable();
    column.time(table, 'profile_at').nullable();
    column.time(table, 'videos_at').nullable();
    // Why the last sync stopped, as an explanation for people; null when it went through.
    column.json(table, 'problem').nullable();
  });
  await knex.schema.createTable('tiktok_snapshots', (table) => {
    column.reference(table, 'channel_id', 'channels').notNullable();
    // The day in the team's zone, YYYY-MM-DD; the last numbers of the day stay.
    column.ascii(table, 'day', 10).notNullable();
    for (const counter of ['followers', 'following', 'likes', 'videos']) table.bigInteger(counter).nullable();
    column.time(table, 'at').notNullable();
    table.primary(['channel_id', 'day']);
  });
  await knex.schema.createTable('tiktok_videos', (table) => {
    column.reference(table, 'channel_id', 'channels').notNullable();
    column.ascii(table, 'video_id', 32).notNullable();
    column.time(table, 'published_at').notNullable();
    table.text('caption').notNullable();
    table.integer('duration_seconds').nullable();
    table.text('share_url').nullable();
    // Expires six hours after it was told; the picture itself is copied when somebody looks.
    table.text('cover_url').nullable();
    for (const counter of ['views', 'likes', 'comments', 'shares']) table.bigInteger(counter).nullable();
    column.time(table, 'seen_at').notNullable();
    // Since when TikTok no longer lists it: removed, or made private.
    column.time(table, 'missing_since').nullable();
    table.primary(['channel_id', 'video_id']);
    table.index(['channel_id', 'published_at', 'video_id'], 'tiktok_videos_by_date');
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['tiktok_videos', 'tiktok_snapshots', 'tiktok_profiles']) await knex.schema.dropTable(table);
}
