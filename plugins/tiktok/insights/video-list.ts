import type { ChannelView, PublishedPost } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import { linkOf } from './video-link.ts';
import { type VideoPage, VideoListStore, videoSorts } from './video-list-store.ts';
import {
  isNarrowed,
  periods,
  placeText,
  questionOf,
  queryWith,
  selectionOf,
  type VideoQuestion,
} from './video-question.ts';
import type { Video } from './video.ts';

type Query = Readonly<Record<string, string>>;

const videosAPage = 20;

/** A video as a list shows it. */
export interface ListedVideo extends Video {
  /** An address of ours; null where TikTok has never told one. */
  readonly cover: string | null;
  /** On TikTok; null where nobody can know it. */
  readonly link: string | null;
  readonly post: PublishedPost | null;
}

function videoListStore({ host, videos }: InsightParts): VideoListStore {
  return new VideoListStore((name, by) => host.table(name, by), videos);
}

/** One page of the videos that somebody asks for. */
export async function readVideos(
  parts: InsightParts,
  channel: ChannelView,
  { question, limit }: { readonly question: VideoQuestion; readonly limit: number },
): Promise<VideoPage> {
  const selection = selectionOf(question, { channelId: channel.id, now: parts.host.clock.now() });
  const { after, before } = question;
  return videoListStore(parts).page(selection, { limit, after, before });
}

/** What the list of a channel's videos shows. `listed`: public ones after the last full look, null before the first. */
export async function videoList(parts: InsightParts, channel: ChannelView, query: Query) {
  const question = questionOf(query);
  const base = `/team/${channel.teamId}/channels/${channel.id}`;
  const mayList = channel.scopes.includes('video.list');
  if (!mayList) return { mayList };
  const page = await readVideos(parts, channel, { question, limit: videosAPage });
  const coverQuery = queryWith(query, { after: query['after'], before: query['before'], days: undefined });
  const videos = await listed(parts, { channel, videos: page.videos, coverQuery });
  const href = (changes: Readonly<Record<string, string | undefined>>): string => {
    const said = queryWith(query, changes);
    return `${base}${said === '' ? '' : `?${said}`}#videos`;
  };
  return {
    mayList,
    videos,
    list: {
      question,
      base,
      columns: columnsOf(question, href),
      choices: { sorts: videoSorts, periods, kinds: ['ours', 'elsewhere', 'gone'] },
      isNarrowed: isNarrowed(question),
      isWhole: page.before === null && page.after === null,
      isLeftOff: page.after !== null && videos.length < videosAPage && question.before === undefined,
      /** Fields of other parts of the page, kept by the form. */
      others: query['days'] === undefined ? [] : [['days', query['days']]],
      clearHref: href({ find: undefined, period: undefined, show: undefined }),
      beforeHref: page.before === null ? null : href({ before: placeText(page.before) }),
      afterHref: page.after === null ? null : href({ after: placeText(page.after) }),
      exports: exportLinks(base, query),
    },
  };
}

/** With the posts of ours that they are, also of those whose public id came late. */
export async function listed(
  parts: InsightParts,
  {
    channel,
    videos,
    coverQuery,
  }: { readonly channel: ChannelView; readonly videos: readonly Video[]; readonly coverQuery: string },
): Promise<readonly ListedVideo[]> {
  const ids = videos.map(({ videoId }) => videoId);
  const ours = await parts.host.deliveries.findByRemoteIds(channel.id, ids);
  const base = `/team/${channel.teamId}/channels/${channel.id}/covers`;
  return videos.map((video) => ({
    ...video,
    cover: video.coverUrl === null ? null : `${base}/${video.videoId}${coverQuery === '' ? '' : `?${coverQuery}`}`,
    link: linkOf(channel, video),
    post: ours.get(video.videoId) ?? null,
  }));
}

/** The page of a video, below the channel's address. */
export function videoPath({ videoId }: Pick<Video, 'videoId'>): string {
  return `/videos/${videoId}`;
}

/** Pressing a column that is sorted by turns it round. */
function columnsOf(
  { sort, direction }: VideoQuestion,
  href: (changes: Readonly<Record<string, string | undefined>>) => string,
) {
  return videoSorts.map((name) => {
    const isCurrent = name === sort;
    const order = isCurrent && direction === 'desc' ? 'asc' : undefined;
    const sorted = direction === 'asc' ? 'ascending' : 'descending';
    return { name, sorted: isCurrent ? sorted : null, href: href({ sort: name === 'date' ? undefined : name, order }) };
  });
}

function exportLinks(base: string, query: Query) {
  const said = queryWith(query, { days: undefined });
  const of = (path: string): string => `${base}/${path}${said === '' ? '' : `?${said}`}`;
  return { csv: of('videos.csv'), json: of('videos.json'), print: of('videos/print') };
}
