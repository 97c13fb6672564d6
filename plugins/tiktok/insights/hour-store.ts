import { z } from 'zod';
import type { Table } from './profile-store.ts';

/** When a video was published, UTC milliseconds, and how often it has been seen. */
export interface SeenAt {
  readonly at: number;
  readonly views: number;
}

/** More than any profile has; of more, the newest. */
const most = 60_000;

/** All SQL of when a channel posts. */
export class HourStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Public videos with known views that were published before. One statement.
   * @param until UTC milliseconds
   */
  async publishedBefore(channelId: number, until: number): Promise<readonly SeenAt[]> {
    const rows: unknown = await this.#table('videos')
      .where({ channel_id: channelId })
      .where('published_at', '<', until)
      .whereNull('missing_since')
      .whereNotNull('views')
      .orderBy('published_at', 'desc')
      .limit(most)
      .select('views', { at: 'published_at' });
    return seen.parse(rows);
  }
}

const seen = z.array(z.object({ at: z.int(), views: z.int() }));
