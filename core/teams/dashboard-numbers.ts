import type { ChannelOverview, ChannelVideo, Translate } from '#plugin-api';
import type { Channel } from '../channels/channel.ts';
import type { DeliveryState } from '../deliveries/delivery.ts';
import { isOld } from '../insights/number-age.ts';
import { type Overviews, videoKey } from '../insights/overviews.ts';

/** A delivery as its network knows it; without an id there, or before, nothing can be known of it. */
interface Sent {
  readonly channelId: number;
  readonly remoteId: string | null;
}

/** What networks tell for the dashboard. */
export interface DashboardNumbers {
  readonly channels: ReadonlyMap<number, ChannelOverview | 'failed'>;
  /** What is known of a published delivery. */
  of(sent: Sent): ChannelVideo | undefined;
}

/** How far back changes of followers are told. */
const followerDays = 7;

/** A number of statements that grows neither with the channels nor with the deliveries. */
export async function loadNumbers(
  overviews: Overviews,
  channels: readonly Channel[],
  deliveries: readonly Sent[],
): Promise<DashboardNumbers> {
  const sent = deliveries.flatMap(({ channelId, remoteId }) => (remoteId === null ? [] : [{ channelId, remoteId }]));
  const [found, videos] = await Promise.all([
    overviews.load(channels, { days: followerDays }),
    overviews.find(channels, sent),
  ]);
  return {
    channels: found,
    of: ({ channelId, remoteId }) => (remoteId === null ? undefined : videos.get(videoKey({ channelId, remoteId }))),
  };
}

/** Null where its network tells nothing of it. */
export function followersOf({ channels }: DashboardNumbers, channel: Channel): ChannelOverview['followers'] | null {
  const told = channels.get(channel.id);
  return told === undefined || told === 'failed' ? null : told.followers;
}

/** When its numbers were read, where that is so long ago that it must be said. UTC ms. */
export function oldReadAt({ channels }: DashboardNumbers, channel: Channel, now: number): number | null {
  const told = channels.get(channel.id);
  const readAt = told === undefined || told === 'failed' ? null : told.readAt;
  return isOld(readAt, now) ? readAt : null;
}

interface DuePart extends Sent {
  readonly state: DeliveryState;
}

/** The views of a post that is out on all its channels; null where they are not known of each. */
export function viewsOf(numbers: DashboardNumbers, parts: readonly DuePart[]): number | null {
  const views = parts.map((part) => (part.state === 'published' ? (numbers.of(part)?.views ?? null) : null));
  const known = views.filter((one) => one !== null);
  if (known.length === 0 || known.length < parts.length) return null;
  return known.reduce((sum, one) => sum + one, 0);
}

/** How many channels it goes to, or what became of it on each. */
export function dueLine(t: Translate, parts: readonly DuePart[]): string {
  const counts = new Map<DeliveryState, number>();
  for (const { state } of parts) counts.set(state, (counts.get(state) ?? 0) + 1);
  if (counts.size < 2) return t('frame:team.channels', { count: parts.length });
  return [...counts].map(([state, count]) => t(`dashboard:parts.${state}`, { count })).join(', ');
}
