import type { BestOrder, ChannelOverview, ChannelOverviews, ChannelVideo, Log, VideoCover } from '#plugin-api';
import { type Channel, viewOf } from '../channels/channel.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

/** What all networks together tell of a team's channels. A network that cannot answer takes no page away. */
export interface Overviews {
  /** By channel: `failed` where its network could not tell; a channel whose network tells nothing is left out. */
  load(
    channels: readonly Channel[],
    period: { readonly days: number },
  ): Promise<ReadonlyMap<number, ChannelOverview | 'failed'>>;
  /** Best first, over all channels. */
  best(channels: readonly Channel[], order: BestOrder): Promise<readonly ChannelVideo[]>;
  /** What is known of these published posts, by what their network calls them. */
  find(
    channels: readonly Channel[],
    posts: readonly { readonly channelId: number; readonly remoteId: string }[],
  ): Promise<ReadonlyMap<string, ChannelVideo>>;
  /** By channel, newest first; those of which nothing is known are left out. */
  latest(channels: readonly Channel[], limit: number): Promise<ReadonlyMap<number, readonly VideoCover[]>>;
}

interface OverviewParts {
  readonly registry: PluginRegistry;
  readonly log: Log;
}

interface Group {
  readonly plugin: string;
  readonly overview: ChannelOverviews;
  readonly channels: readonly Channel[];
}

export function createOverviews(parts: OverviewParts): Overviews {
  return {
    load: async (channels, period) => {
      const told = groupsOf(parts, channels).map(async ({ plugin, overview, channels: own }) => {
        const found = await asked(parts, plugin, () => overview.load(own.map(viewOf), period));
        return own.map(({ id }) => [id, found?.get(id) ?? 'failed'] as const);
      });
      return new Map((await Promise.all(told)).flat());
    },
    best: async (channels, order) => {
      const told = groupsOf(parts, channels).map(({ plugin, overview, channels: own }) =>
        asked(parts, plugin, () => overview.best(own.map(viewOf), order)),
      );
      const all = (await Promise.all(told)).flatMap((videos) => videos ?? []);
      return all.sort((one, other) => (other[order.by] ?? 0) - (one[order.by] ?? 0)).slice(0, order.limit);
    },
    find: async (channels, posts) => {
      const told = groupsOf(parts, channels).map(async ({ plugin, overview, channels: own }) => {
        const ids = new Set(own.map(({ id }) => id));
        const remoteIds = posts.filter(({ channelId }) => ids.has(channelId)).map(({ remoteId }) => remoteId);
        if (remoteIds.length === 0) return [];
        return asked(parts, plugin, () => overview.find(own.map(viewOf), remoteIds));
      });
      const all = (await Promise.all(told)).flatMap((videos) => videos ?? []);
      return new Map(all.map((video) => [videoKey(video), video]));
    },
    latest: async (channels, limit) => {
      const told = groupsOf(parts, channels).map(async ({ plugin, overview, channels: own }) => {
        const found = await asked(parts, plugin, () => overview.latest(own.map(viewOf), limit));
        return [...(found ?? [])];
      });
      return new Map((await Promise.all(told)).flat());
    },
  };
}

/** Two networks may use the same ids. */
export function videoKey({ channelId, remoteId }: { readonly channelId: number; readonly remoteId: string }): string {
  return `${channelId} ${remoteId}`;
}

/** Networks that tell how channels do, with the channels that each has here. */
function groupsOf({ registry }: OverviewParts, channels: readonly Channel[]): readonly Group[] {
  return registry.all().flatMap(({ plugin: { id }, parts }) => {
    const own = channels.filter((channel) => channel.plugin === id);
    const overview = parts.channelOverviews;
    return overview === undefined || own.length === 0 ? [] : [{ plugin: id, overview, channels: own }];
  });
}

async function asked<T>({ log }: OverviewParts, plugin: string, question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    log.error({ err: error, plugin }, 'The overview of channels could not be read');
    return undefined;
  }
}
