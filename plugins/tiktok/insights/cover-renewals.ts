import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type ChannelView, RemoteError } from '#plugin-api';
import { pageTimeoutMs } from '../api/client.ts';
import type { Reply, VideoObject } from '../api/replies.ts';
import { withToken } from '../creator.ts';
import type { InsightParts } from './parts.ts';
import { takePagePlace, videosAPage } from './video-calls.ts';
import { readVideos } from './video-list.ts';
import { questionOf } from './video-question.ts';
import type { Video } from './video.ts';

type Query = Readonly<Record<string, string>>;

/** developers.tiktok.com/doc/tiktok-api-v2-video-object: a cover's address is valid for six hours; we trust it for five. */
const coverLifeMs = 5 * 3_600_000;
/** What TikTok answered, or did not, holds for so long: the pictures of a page come one after the other. */
const answerLifeMs = 60_000;

interface Renewed {
  readonly asked: ReadonlySet<string>;
  /** By video; those that TikTok told. */
  readonly urls: ReadonlyMap<string, string>;
}

interface Renewal {
  readonly at: number;
  readonly done: Promise<Renewed>;
}

/** Where the copy of a cover is, or will be. */
export function coverFile({ host }: InsightParts, channel: ChannelView, videoId: string): string {
  return path.join(host.channelFolder(channel.id), 'covers', `${videoId}.webp`);
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** The addresses of covers; when the first of a page has expired, all of that page are asked for in one call. */
export class CoverRenewals {
  readonly #parts: InsightParts;
  /** By channel and page. */
  readonly #renewals = new Map<string, Renewal>();

  constructor(parts: InsightParts) {
    this.#parts = parts;
  }

  /** @param query that of the page on which the cover is. @returns null where there is no picture to be had */
  async urlOf(channel: ChannelView, video: Video, query: Query): Promise<string | null> {
    if (!this.#isExpired(video)) return video.coverUrl;
    if (video.missingSince !== null || !mayAsk(channel)) return null;
    const page = `${channel.id}?${new URLSearchParams(query).toString()}`;
    const { asked, urls } = await this.#once(page, async () => this.#ask(channel, await this.#onPage(channel, query)));
    if (asked.has(video.videoId)) return urls.get(video.videoId) ?? null;
    // The page has changed since it was read, or somebody looks at the cover alone.
    const own = await this.#once(`${channel.id}/${video.videoId}`, () => this.#ask(channel, [video.videoId]));
    return own.urls.get(video.videoId) ?? null;
  }

  #isExpired({ coverAt }: Video): boolean {
    return this.#parts.host.clock.now() - coverAt >= coverLifeMs;
  }

  #once(key: string, ask: () => Promise<Renewed>): Promise<Renewed> {
    const now = this.#parts.host.clock.now();
    for (const [old, { at }] of this.#renewals) if (at <= now - answerLifeMs) this.#renewals.delete(old);
    const before = this.#renewals.get(key);
    if (before !== undefined) return before.done;
    const renewal = { at: now, done: ask() };
    this.#renewals.set(key, renewal);
    // An accident is no answer: whoever looks next asks again.
    renewal.done.catch(() => this.#renewals.delete(key));
    return renewal.done;
  }

  /** Those of the page that have expired and were not copied before. */
  async #onPage(channel: ChannelView, query: Query): Promise<readonly string[]> {
    const order = { question: questionOf(query), limit: videosAPage };
    const { videos } = await readVideos(this.#parts, channel, order);
    const expired = videos.filter((video) => video.missingSince === null && this.#isExpired(video));
    const ids = expired.map(({ videoId }) => videoId);
    const copied = await Promise.all(ids.map((id) => exists(coverFile(this.#parts, channel, id))));
    return ids.filter((_id, index) => copied[index] !== true);
  }

  async #ask(channel: ChannelView, ids: readonly string[]): Promise<Renewed> {
    const asked = new Set(ids);
    if (ids.length === 0) return { asked, urls: new Map() };
    const { host, videos } = this.#parts;
    const told = await this.#told(channel, ids);
    await videos.saveCovers(channel.id, told, host.clock.now());
    return { asked, urls: told };
  }

  /** Nothing where TikTok does not answer or no longer lets us in: the page says so, a picture cannot. */
  async #told(channel: ChannelView, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    try {
      const reply = await this.#query(channel, ids);
      if (!reply?.ok) return new Map();
      return new Map(reply.value.flatMap(({ id, cover_image_url: url }) => (url ? [[id, url]] : [])));
    } catch (error) {
      if (error instanceof RemoteError) return new Map();
      throw error;
    }
  }

  /** @returns undefined where so many calls were made already that there is no room. @throws RemoteError */
  async #query(channel: ChannelView, ids: readonly string[]): Promise<Reply<readonly VideoObject[]> | undefined> {
    const { host, client, errors } = this.#parts;
    const account = await host.channels.access(channel.id);
    if ((await takePagePlace(account, 'video/query')) !== undefined) return undefined;
    const wanted = { fields: ['id', 'cover_image_url'], ids };
    return withToken(errors, account, (token) => client.videoQuery(token, wanted, { timeoutMs: pageTimeoutMs }));
  }
}

function mayAsk({ state, scopes }: ChannelView): boolean {
  return state !== 'reconnect-needed' && scopes.includes('video.list');
}
