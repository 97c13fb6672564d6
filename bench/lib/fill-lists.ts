import path from 'node:path';
import type { Database } from '../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../core/db/migrate.ts';
import { projectRoot } from '../../core/project-root.ts';
import { numbers } from './fill.ts';

/** UTC ms; the nth row is so many steps later. */
export const startOfFill = 1_800_000_000_000;
export const stepOfFill = 60_000;

interface Files {
  readonly teamId: number;
  readonly userId: number;
  readonly files: number;
}

/** Videos of the library, one for each post of the same number. */
export async function fillFiles(db: Database, { teamId, userId, files }: Files): Promise<void> {
  const rows = numbers(db, { from: 1, to: files });
  await db.knex.raw(
    `insert into media (id, team_id, file_name, stored_name, kind, type, bytes, sha256, width, height, rotation, created_by, created_at)
     select n, ?, 'buns.mp4', n, 'video', 'video/mp4', 1000, 'x', 1080, 1920, 0, ?, 0 from ${rows}`,
    [teamId, userId],
  );
  await db.knex.raw(`insert into post_media (post_id, media_id, position) select n, n, 0 from ${rows}`);
}

/** The nth video of the list by date, counted from 0, has n less views than the first. */
export async function fillVideos(db: Database, channelId: number, videos: number): Promise<void> {
  const folder = path.join(projectRoot, 'plugins/tiktok/migrations');
  await migrateToLatest(db, [coreMigrations, { owner: 'tiktok', folder }]);
  await db.knex.raw(
    `insert into tiktok_videos (channel_id, video_id, published_at, caption, duration_seconds, views, likes, comments, shares, engagement, seen_at, first_seen_at)
     select ?, ${idOf(db)}, ? - n * ?, 'Cardamom buns #fika', 34, 10000000 - n, 400, 12, 8, 42, 0, 0
     from ${numbers(db, { from: 0, to: videos - 1 })}`,
    [channelId, startOfFill, stepOfFill],
  );
}

/** Nineteen digits, the newest the highest; as `videoId` writes it. */
function idOf({ kind }: Database): string {
  return kind === 'sqlite' ? `cast(7999999999999999999 - n as text)` : `cast(7999999999999999999 - n as char)`;
}

/** Of the nth of the list by date. */
export function videoId(n: number): string {
  return String(7_999_999_999_999_999_999n - BigInt(n));
}
