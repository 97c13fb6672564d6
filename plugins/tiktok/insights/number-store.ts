import { z } from 'zod';
import type { Table } from './profile-store.ts';
import type { VideoCounts } from './video.ts';

/** A video's numbers at a moment, UTC milliseconds. */
export interface VideoNumbers extends VideoCounts {
  readonly videoId: string;
  /** The day, week or month it stands for; see `slotOf`. */
  readonly slot: string;
  readonly at: number;
  /** Whole days since it was published. */
  readonly ageDays: number;
}

/**
 * All SQL of the videos' numbers over time. A row is written when a number has changed: until the next one they stood
 * still. One without numbers stands where the video was no longer public for a while.
 */
export class NumberStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** One statement, however many they are; of one slot the last numbers stay. */
  async save(channelId: number, numbers: readonly VideoNumbers[]): Promise<void> {
    if (numbers.length === 0) return;
    const rows = numbers.map(({ videoId, ageDays, ...rest }) => {
      return { channel_id: channelId, video_id: videoId, age_days: ageDays, ...rest };
    });
    await this.#table('video_numbers').insert(rows).onConflict(['channel_id', 'video_id', 'slot']).merge();
  }

  /** Of these videos, oldest first. @param mostAgeDays leaves out what is later in a video's life */
  async ofVideos(
    channelId: number,
    videoIds: readonly string[],
    mostAgeDays = Number.MAX_SAFE_INTEGER,
  ): Promise<readonly VideoNumbers[]> {
    const rows: unknown[] = await this.#table('video_numbers')
      .where({ channel_id: channelId })
      .whereIn('video_id', videoIds)
      .where('age_days', '<=', mostAgeDays)
      .orderBy('at');
    return rows.map((row) => numbersRow.parse(row));
  }
}

const counter = z.int().nullable();
const numbersRow = z
  .object({
    video_id: z.string(),
    slot: z.string(),
    at: z.int(),
    age_days: z.int(),
    views: counter,
    likes: counter,
    comments: counter,
    shares: counter,
  })
  .transform(({ video_id, age_days, slot, at, views, likes, comments, shares }): VideoNumbers => {
    return { videoId: video_id, slot, at, ageDays: age_days, views, likes, comments, shares };
  });
