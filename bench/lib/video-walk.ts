import type { Database } from '../../core/db/database.ts';
import { ownTable } from '../../core/plugin-host/host.ts';
import { VideoListStore } from '../../plugins/tiktok/insights/video-list-store.ts';
import { VideoStore } from '../../plugins/tiktok/insights/video-store.ts';
import { startOfFill, stepOfFill, videoId } from './fill-lists.ts';

/** A page of the videos that `fillVideos` made. */
export interface Place {
  readonly channelId: number;
  readonly sort: 'date' | 'views';
  readonly limit: number;
  /** It begins after this one of the list, counted from 0; null = at the beginning. */
  readonly n: number | null;
}

export function videosAt(db: Database, { channelId, sort, limit, n }: Place): Promise<unknown> {
  const table = (name: string, by?: { readonly index: string }) => ownTable('tiktok', db, { name, ...by });
  const list = new VideoListStore(table, new VideoStore(table));
  const selection = { channelId, sort, direction: 'desc' } as const;
  if (n === null) return list.page(selection, { limit });
  const value = sort === 'date' ? startOfFill - n * stepOfFill : 10_000_000 - n;
  return list.page(selection, { limit, after: { value, videoId: videoId(n) } });
}
