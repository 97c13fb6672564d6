import type { ChannelRoute } from '#plugin-api';
import { HourStore } from './hour-store.ts';
import { fewest, hourTables, readable } from './hour-table.ts';
import type { InsightParts } from './parts.ts';

/** A younger video is still being shown to people: its views would speak against the hour it came in. */
const grownDays = 7;
const dayMs = 24 * 3_600_000;

/** When the channel posted, beside what became of it. */
export function whenRoute(parts: InsightParts): ChannelRoute {
  const store = new HourStore((name) => parts.host.table(name));
  return {
    method: 'get',
    path: 'when',
    permission: 'team.see',
    handle: async ({ channel }) => {
      const profile = await parts.profiles.find(channel.id);
      const videos = await store.publishedBefore(channel.id, parts.host.clock.now() - grownDays * dayMs);
      const tables = readable(hourTables(videos, channel.zone));
      const model = {
        base: `/team/${channel.teamId}/channels/${channel.id}`,
        zone: channel.zone,
        toldAt: profile?.videosAt ?? null,
        counted: videos.length,
        ...{ tables, fewest, grownDays },
      };
      return { kind: 'view', view: 'when', model };
    },
  };
}
