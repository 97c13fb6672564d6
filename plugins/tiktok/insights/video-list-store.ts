import { z } from 'zod';
import type { PluginHost } from '#plugin-api';
import type { VideoStore } from './video-store.ts';
import type { Video } from './video.ts';

/** What people sort by, and the index of each: all begin with the channel and end with the video. */
const orders = {
  date: { column: 'published_at', index: 'tiktok_videos_by_date' },
  length: { column: 'duration_seconds', index: 'tiktok_videos_by_duration_seconds' },
  views: { column: 'views', index: 'tiktok_videos_by_views' },
  likes: { column: 'likes', index: 'tiktok_videos_by_likes' },
  comments: { column: 'comments', index: 'tiktok_videos_by_comments' },
  shares: { column: 'shares', index: 'tiktok_videos_by_shares' },
  engagement: { column: 'engagement', index: 'tiktok_videos_by_engagement' },
} as const;

export type VideoSort = keyof typeof orders;
export const videoSorts = ['date', 'length', 'views', 'likes', 'comments', 'shares', 'engagement'] as const;

export const videoKinds = ['ours', 'elsewhere', 'gone'] as const;
/** Published by us, published elsewhere, no longer public. */
export type VideoKind = (typeof videoKinds)[number];

/** Beside which video a page begins. What nobody knows the number of comes last, whichever way it is sorted. */
export interface VideoPlace {
  readonly value: number | null;
  readonly videoId: string;
}

/** Which videos of a channel, in which order. */
export interface VideoSelection {
  readonly channelId: number;
  readonly sort: VideoSort;
  readonly direction: 'asc' | 'desc';
  readonly kind?: VideoKind | undefined;
  /** Published then or later, UTC ms. */
  readonly since?: number | undefined;
  /** What the caption holds, as `foldCaption` writes it. */
  readonly words?: string | undefined;
}

/** Where in the selection: from its beginning, or beside one video. */
interface PageOrder {
  readonly limit: number;
  readonly after?: VideoPlace | undefined;
  readonly before?: VideoPlace | undefined;
}

export interface VideoPage {
  readonly videos: readonly Video[];
  /** To pass as `before` for the page in front; null = there is none. */
  readonly before: VideoPlace | null;
  /** To pass as `after` for the next page; null = there is none. A page may be short and yet not be the last. */
  readonly after: VideoPlace | null;
}

/** A video as the walk through an index sees it; facts are missing where nothing is asked of them. */
interface Step extends VideoPlace {
  readonly publishedAt?: number | undefined;
  readonly missingSince?: number | null | undefined;
  readonly postId?: number | null | undefined;
  readonly caption?: string | undefined;
}

interface Walk {
  readonly selection: VideoSelection;
  readonly from: VideoPlace | undefined;
  readonly isBackwards: boolean;
  readonly columns: readonly string[];
}

/** Rows that one statement reads at most where the index cannot tell which of them are meant. */
const stride = 500;
/** Rows that one page reads at most: whoever wants more asks for the next page. */
const mostRead = 25_000;

/** All SQL of the lists that people sort and search. */
export class VideoListStore {
  readonly #table: PluginHost['table'];
  readonly #videos: Pick<VideoStore, 'findMany'>;

  constructor(table: PluginHost['table'], videos: Pick<VideoStore, 'findMany'>) {
    this.#table = table;
    this.#videos = videos;
  }

  /**
   * One page. No statement reads more than 500 rows, and none but those of the page where all videos are asked for: ids
   * come from the index that has their order, whole rows by their ids.
   */
  async page(selection: VideoSelection, { limit, after, before }: PageOrder): Promise<VideoPage> {
    const isBackwards = before !== undefined;
    const { kept, last } = await this.#collect(selection, { limit, from: before ?? after, isBackwards });
    const shown = kept.slice(0, limit);
    const beyond = kept.length > limit ? (shown.at(-1) ?? null) : last;
    const inOrder = isBackwards ? shown.reverse() : shown;
    const videos = await this.#whole(selection.channelId, inOrder);
    const [first, final] = [inOrder[0], inOrder.at(-1)];
    if (isBackwards) return { videos, before: placeOf(beyond), after: placeOf(final ?? before) };
    return { videos, before: after === undefined ? null : placeOf(first ?? after), after: placeOf(beyond) };
  }

  /** @returns up to one more than asked for, and the last one looked at where the search was left off */
  async #collect(
    selection: VideoSelection,
    { limit, from, isBackwards }: { limit: number; from: VideoPlace | undefined; isBackwards: boolean },
  ): Promise<{ kept: Step[]; last: Step | null }> {
    const isPlain = isAnswered(selection);
    const atOnce = isPlain ? limit + 1 : stride;
    const walk = { selection, isBackwards, columns: columnsOf(selection) };
    const kept: Step[] = [];
    let last: Step | undefined;
    for (let read = 0; read < mostRead; read += atOnce) {
      const steps = await this.#steps({ ...walk, from: last ?? from }, atOnce);
      kept.push(...(isPlain ? steps : steps.filter((step) => isMeant(step, selection))));
      last = steps.at(-1);
      if (steps.length < atOnce || last === undefined) return { kept, last: null };
      if (kept.length > limit) break;
    }
    return { kept, last: last ?? null };
  }

  /** The next videos in the index: one statement for each stretch of it that has them. */
  async #steps(walk: Walk, limit: number): Promise<readonly Step[]> {
    const steps: Step[] = [];
    for (const stretch of stretchesFrom(walk)) {
      const rows: unknown[] = await this.#stretch(walk, stretch).limit(limit - steps.length);
      steps.push(...rows.map((row) => stepRow.parse(row)));
      if (steps.length >= limit) break;
    }
    return steps;
  }

  #stretch({ selection, isBackwards, columns }: Walk, { value, videoId }: Stretch) {
    const { sort, channelId, since } = selection;
    const { column, index } = orders[sort];
    const query = this.#table('videos', { index })
      .where({ channel_id: channelId })
      .select('video_id', `${column} as value`, ...columns);
    if (value === null) void query.whereNull(column);
    else if (typeof value === 'number') void query.where(column, value);
    else if (value.beyond === undefined) void query.whereNotNull(column);
    else void query.where(column, furtherThan(selection, isBackwards), value.beyond);
    if (videoId !== undefined) void query.where('video_id', furtherThan(selection, isBackwards), videoId);
    if (since !== undefined && sort === 'date') void query.where(column, '>=', since);
    const direction = furtherThan(selection, isBackwards) === '<' ? 'desc' : 'asc';
    if (typeof value === 'object' && value !== null) void query.orderBy(column, direction);
    return query.orderBy('video_id', direction);
  }

  async #whole(channelId: number, steps: readonly Step[]): Promise<readonly Video[]> {
    if (steps.length === 0) return [];
    const ids = steps.map(({ videoId }) => videoId);
    const found = new Map((await this.#videos.findMany(channelId, ids)).map((video) => [video.videoId, video]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }
}

/** A stretch of the index: one value, all values beyond one, or those without; from one video on, or all of it. */
interface Stretch {
  readonly value: number | null | { readonly beyond?: number };
  readonly videoId?: string;
}

/** What follows after a video, in order. Each is one range: no database has to be told how to read them. */
function stretchesFrom({ from, isBackwards }: Walk): readonly Stretch[] {
  const unknown: Stretch = { value: null };
  if (from === undefined) return [{ value: {} }, unknown];
  const { value, videoId } = from;
  if (value === null) return isBackwards ? [{ value, videoId }, { value: {} }] : [{ value, videoId }];
  const beyond: Stretch = { value: { beyond: value } };
  return isBackwards ? [{ value, videoId }, beyond] : [{ value, videoId }, beyond, unknown];
}

function furtherThan({ direction }: VideoSelection, isBackwards: boolean): '<' | '>' {
  return (direction === 'desc') === isBackwards ? '>' : '<';
}

/** Whether the index alone tells which videos are meant. */
function isAnswered({ kind, words, since, sort }: VideoSelection): boolean {
  return kind === undefined && words === undefined && (since === undefined || sort === 'date');
}

/** Only what the index has, unless more is asked. */
function columnsOf(selection: VideoSelection): readonly string[] {
  if (isAnswered(selection)) return [];
  const { words, sort } = selection;
  const facts = ['missing_since', 'post_id', ...(sort === 'date' ? [] : ['published_at'])];
  return words === undefined ? facts : [...facts, 'caption'];
}

function isMeant(step: Step, { kind, since, words, sort }: VideoSelection): boolean {
  const isGone = step.missingSince !== null;
  if (kind === 'gone' && !isGone) return false;
  if (kind === 'ours' && step.postId === null) return false;
  if (kind === 'elsewhere' && step.postId !== null) return false;
  const publishedAt = sort === 'date' ? step.value : step.publishedAt;
  if (since !== undefined && (publishedAt ?? 0) < since) return false;
  return words === undefined || foldCaption(step.caption ?? '').includes(words);
}

/**
 * A caption as it is searched: in one case and one spelling of each letter, so that ü is ü however it was typed and ß is
 * SS. Thai has no case; its vowels of two signs become one spelling. Done here, not by the database, whose idea of equal
 * letters is another one on each engine.
 */
export function foldCaption(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').replaceAll(/\s+/gu, ' ').trim();
}

function placeOf(step: VideoPlace | null | undefined): VideoPlace | null {
  return step ? { value: step.value, videoId: step.videoId } : null;
}

const stepRow = z
  .object({
    video_id: z.string(),
    value: z.int().nullable(),
    published_at: z.int().optional(),
    missing_since: z.int().nullable().optional(),
    post_id: z.int().nullable().optional(),
    caption: z.string().optional(),
  })
  .transform((row): Step => ({
    videoId: row.video_id,
    value: row.value,
    publishedAt: row.published_at,
    missingSince: row.missing_since,
    postId: row.post_id,
    caption: row.caption,
  }));
