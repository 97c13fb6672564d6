import { setImmediate as othersTurn } from 'node:timers/promises';
import type { AccountAccess, ChannelView } from '#plugin-api';
import type { Failure } from '../api/replies.ts';
import type { CallLimits } from '../api/transport.ts';
import { type InsightParts, type InsightStores, storesOn } from './parts.ts';
import type { SyncState } from './profile-store.ts';
import { differencesOf } from './reconcile.ts';
import { askFor, type NoPlace, takePlaces, videosAPage } from './video-calls.ts';
import type { Span } from './video-store.ts';
import type { SeenVideo } from './video.ts';

/** A channel in a sync. */
export interface Visit {
  readonly channel: ChannelView;
  readonly account: AccountAccess;
  readonly limits: CallLimits;
}

interface Answered {
  readonly videos: readonly SeenVideo[];
  /** The stretch of time that TikTok's answer is all of. */
  readonly span: Span;
}

/** More than a page of what TikTok no longer lists is believed after so many were asked for. */
const mostAsked = 5 * videosAPage;
/** More than this at once: the profile has gone private, or nearly all was removed. */
const mostMissed = 1_000;

/**
 * Stores what TikTok answered, together with how far the sync is. What is missing from the answer is asked for by its id
 * before it is said to be gone.
 *
 * @param state is stored in the same transaction
 * @returns why what is missing could not be asked for, with nothing stored; else nothing
 */
export async function keepVideos(
  parts: InsightParts,
  visit: Visit,
  { answered, state }: { readonly answered: Answered; readonly state: SyncState },
): Promise<Failure | NoPlace | undefined> {
  const missed = await lookForMissed(parts, visit, answered);
  if ('at' in missed || 'ok' in missed) return missed;
  const { channel } = visit;
  const now = parts.host.clock.now();
  const videos = [...answered.videos, ...missed.still];
  const { changes, numbers } = differencesOf(videos, { ...(await known(parts, channel, videos)), now });
  await othersTurn();
  await parts.host.transaction(async (table) => {
    const stores = storesOn(table);
    await stores.videos.save(channel.id, changes, now);
    await othersTurn();
    await stores.numbers.save(channel.id, numbers);
    await othersTurn();
    await markGone(stores, { channelId: channel.id, gone: missed, now });
    await stores.profiles.saveState(channel.id, state);
  });
  return undefined;
}

async function known(parts: InsightParts, channel: ChannelView, videos: readonly SeenVideo[]) {
  const ids = videos.map(({ videoId }) => videoId);
  const stored = ids.length === 0 ? [] : await parts.videos.findMany(channel.id, ids);
  await othersTurn();
  const ours = await parts.host.deliveries.findByRemoteIds(channel.id, ids);
  return {
    stored: new Map(stored.map((video) => [video.videoId, video])),
    posts: new Map([...ours].map(([id, { postId }]) => [id, postId])),
    zone: channel.zone,
  };
}

interface Missed {
  readonly gone: readonly string[];
  /** Everything older than this is gone as well, UTC ms. */
  readonly before?: number;
  /** Not in the list, and public all the same. */
  readonly still: readonly SeenVideo[];
}

async function lookForMissed(
  parts: InsightParts,
  { channel, account, limits }: Visit,
  { videos, span }: Answered,
): Promise<Missed | Failure | NoPlace> {
  const listed = new Set(videos.map(({ videoId }) => videoId));
  const within = await parts.videos.publicWithin(channel.id, span, mostMissed + listed.size);
  await othersTurn();
  const missed = within.filter(({ videoId }) => !listed.has(videoId));
  const asked = missed.slice(0, mostAsked).map(({ videoId }) => videoId);
  const still: SeenVideo[] = [];
  for (let from = 0; from < asked.length; from += videosAPage) {
    const full = await takePlaces(account, 'video/query', 1);
    if (full !== undefined) return full;
    const answer = await askFor(parts, account, { ids: asked.slice(from, from + videosAPage), limits });
    if ('ok' in answer) return answer;
    still.push(...answer);
  }
  const there = new Set(still.map(({ videoId }) => videoId));
  // Where some are there all the same, only those that were asked for are known to be gone.
  const sure = there.size === 0 ? missed.map(({ videoId }) => videoId) : asked;
  const gone = sure.filter((id) => !there.has(id));
  const oldest = missed.at(-1)?.publishedAt;
  const isRest = there.size === 0 && missed.length >= mostMissed && oldest !== undefined && span.from === 0;
  return isRest ? { gone, still, before: oldest } : { gone, still };
}

async function markGone(
  { videos }: InsightStores,
  { channelId, gone, now }: { readonly channelId: number; readonly gone: Missed; readonly now: number },
): Promise<void> {
  await videos.markMissing(channelId, gone.gone, now);
  if (gone.before !== undefined) await videos.markMissingBefore(channelId, gone.before, now);
}
