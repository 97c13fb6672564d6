import type { Clock } from '#plugin-api';
import type { Channel } from '../channels/channel.ts';
import type { Database } from '../db/database.ts';
import type { Delivery, DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { Timings } from '../timings.ts';
import type { AttentionKey, AttentionPlace } from './attention.ts';
import { countAsking, selectAsking, selectEndingAccess } from './attention-store.ts';

/** A channel that somebody must log in for again, now or soon. */
export interface ChannelInNeed {
  readonly channel: Channel;
  /** UTC ms: until then its access can be renewed; null when that is over. */
  readonly endsAt: number | null;
}

interface AttentionPage {
  /** Those that only a person can decide first, then those that failed; within them the latest due first. */
  readonly deliveries: readonly Delivery[];
  /** Where the pages in front and behind begin. */
  readonly before: AttentionKey | null;
  readonly further: AttentionKey | null;
}

/** What needs a person in a team: deliveries and channels. */
export interface AttentionService {
  page(place: AttentionPlace): Promise<AttentionPage>;
  /** Those that must be reconnected first, then those whose access ends soonest. @param channels of the team, connected */
  channels(teamId: number, channels: readonly Channel[]): Promise<readonly ChannelInNeed[]>;
  counts(teamId: number, channels: readonly Channel[]): Promise<{ readonly posts: number; readonly channels: number }>;
}

export interface AttentionParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Pick<Timings, 'accessEndingMs'>;
  readonly desk: Pick<DeliveryDesk, 'ofPosts'>;
}

export function createAttentionService(parts: AttentionParts): AttentionService {
  const { db } = parts;
  return {
    page: (place) => loadPage(parts, place),
    channels: (teamId, channels) => channelsInNeed(parts, teamId, channels),
    async counts(teamId, channels) {
      const [posts, inNeed] = await Promise.all([
        countAsking(db.knex, teamId),
        channelsInNeed(parts, teamId, channels),
      ]);
      return { posts, channels: inNeed.length };
    },
  };
}

async function loadPage({ db, desk }: AttentionParts, place: AttentionPlace): Promise<AttentionPage> {
  const { rows, hasBefore, hasMore } = await selectAsking(db.knex, place);
  const postIds = [...new Set(rows.map(({ postId }) => postId))];
  const byId = new Map((await desk.ofPosts(place.teamId, postIds)).map((delivery) => [delivery.id, delivery]));
  return {
    deliveries: rows.flatMap(({ id }) => byId.get(id) ?? []),
    before: hasBefore ? (rows[0] ?? null) : null,
    further: hasMore ? (rows.at(-1) ?? null) : null,
  };
}

async function channelsInNeed(
  { db, clock, timings }: AttentionParts,
  teamId: number,
  channels: readonly Channel[],
): Promise<readonly ChannelInNeed[]> {
  if (channels.length === 0) return [];
  const now = clock.now();
  const ending = await selectEndingAccess(db.knex, teamId, now + timings.accessEndingMs);
  const inNeed = channels.flatMap((channel): ChannelInNeed[] => {
    if (channel.state === 'reconnect-needed') return [{ channel, endsAt: null }];
    const endsAt = ending.get(channel.id);
    if (endsAt === undefined) return [];
    return [{ channel, endsAt: endsAt <= now ? null : endsAt }];
  });
  return inNeed.sort((one, other) => (one.endsAt ?? 0) - (other.endsAt ?? 0));
}
