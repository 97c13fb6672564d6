import type { PluginHost } from '#plugin-api';
import type { TikTokClient } from '../api/client.ts';
import type { ErrorBook } from '../errors.ts';
import { MissedDayStore } from './missed-day-store.ts';
import { NumberStore } from './number-store.ts';
import { ProfileStore, type Table } from './profile-store.ts';
import { VideoStore } from './video-store.ts';

/** All stores on the same tables, in a transaction or not. */
export interface InsightStores {
  readonly profiles: ProfileStore;
  readonly videos: VideoStore;
  readonly numbers: NumberStore;
  readonly missed: MissedDayStore;
}

/** What every part of the insights is made of. */
export interface InsightParts extends InsightStores {
  readonly host: Pick<
    PluginHost,
    'channelFolder' | 'channels' | 'clock' | 'jobs' | 'deliveries' | 'folder' | 't' | 'table' | 'transaction'
  >;
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
}

export function storesOn(table: Table): InsightStores {
  return {
    profiles: new ProfileStore(table),
    videos: new VideoStore(table),
    numbers: new NumberStore(table),
    missed: new MissedDayStore(table),
  };
}

export function insightParts(given: Omit<InsightParts, keyof InsightStores>): InsightParts {
  return { ...given, ...storesOn((name) => given.host.table(name)) };
}
