import { type ChannelRoute, type ChannelView, csvLine, csvMark, type PluginAnswer, type Translate } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import { dayIn } from './slots.ts';
import { listed, type ListedVideo, readVideos } from './video-list.ts';
import { questionOf, placeText, queryWith, type VideoQuestion } from './video-question.ts';

/** Rows that are in memory at once while a file is made. */
const exportedAtOnce = 200;
/** Rows of one sheet of the print view: a browser lays them out in a moment. */
const printedAtOnce = 1_000;

/** The selection that the list shows, as files and for paper. */
export function exportRoutes(parts: InsightParts): readonly ChannelRoute[] {
  const download = (path: string, answer: (channel: ChannelView, question: VideoQuestion) => PluginAnswer) => ({
    method: 'get' as const,
    path,
    permission: 'team.see' as const,
    handle: ({ channel, query }: Parameters<ChannelRoute['handle']>[0]): Promise<PluginAnswer> =>
      Promise.resolve(mayList(channel) ? answer(channel, wholeOf(query)) : { kind: 'absent' }),
  });
  return [
    download('videos.csv', (channel, question) => ({
      ...{ kind: 'download', name: fileName(parts, channel, 'csv'), type: 'text/csv; charset=utf-8' },
      body: csvOf(parts, channel, question),
    })),
    download('videos.json', (channel, question) => ({
      ...{ kind: 'download', name: fileName(parts, channel, 'json'), type: 'application/json; charset=utf-8' },
      body: jsonOf(parts, channel, question),
    })),
    {
      method: 'get',
      path: 'videos/print',
      permission: 'team.see',
      handle: ({ channel, query }) => sheetOf(parts, channel, query),
    },
  ];
}

function mayList({ scopes }: ChannelView): boolean {
  return scopes.includes('video.list');
}

/** From its beginning, whichever page it was asked from. */
function wholeOf(query: Readonly<Record<string, string>>): VideoQuestion {
  return { ...questionOf(query), after: undefined, before: undefined };
}

function fileName({ host }: InsightParts, { username, id, zone }: ChannelView, ending: string): string {
  return `${username ?? `channel-${id}`}-videos-${dayIn(zone, host.clock.now())}.${ending}`;
}

/**
 * Page after page of the selection: never more than one in memory, and the ids of those before. Each video once: a number
 * that changes meanwhile may move it to where it was read already, or past the place that is being read. Those are told at
 * the end, which a walk by date finds: that never changes.
 */
async function* pagesOf(
  parts: InsightParts,
  channel: ChannelView,
  question: VideoQuestion,
): AsyncGenerator<readonly ListedVideo[]> {
  const told = new Set<string>();
  const walks = question.sort === 'date' ? [question] : [question, { ...question, sort: 'date' as const }];
  for (const walk of walks) {
    let next: VideoQuestion | undefined = walk;
    while (next !== undefined) {
      const page = await readVideos(parts, channel, { question: next, limit: exportedAtOnce });
      const videos = page.videos.filter(({ videoId }) => !told.has(videoId));
      for (const { videoId } of videos) told.add(videoId);
      if (videos.length > 0) yield await listed(parts, { channel, videos, coverQuery: '' });
      next = page.after === null ? undefined : { ...walk, after: page.after };
    }
  }
}

const columns = [
  ...['id', 'published', 'caption', 'length', 'views', 'likes', 'comments', 'shares', 'engagement'],
  ...['link', 'by', 'post', 'goneSince'],
];

async function* csvOf(parts: InsightParts, channel: ChannelView, question: VideoQuestion): AsyncGenerator<string> {
  const { t } = parts.host;
  yield csvMark + csvLine(columns.map((name) => t(`tiktok-videos:export.${name}`)));
  for await (const videos of pagesOf(parts, channel, question)) {
    yield videos.map((video) => csvLine(cellsOf(t, video))).join('');
  }
}

/**
 * The id begins with an apostrophe: spreadsheets take 19 bare digits for a number, also quoted ones, and round it after
 * the 15th. The usual way out, `="…"`, is a formula. The link has the bare id.
 */
function cellsOf(t: Translate, video: ListedVideo): readonly string[] {
  const { post, missingSince } = video;
  const text = (value: number | string | null): string => (value === null ? '' : String(value));
  return [
    `'${video.videoId}`,
    new Date(video.publishedAt).toISOString(),
    video.caption,
    ...[video.durationSeconds, video.views, video.likes, video.comments, video.shares].map(text),
    text(rateOf(video)),
    text(video.link),
    post === null ? t('tiktok-videos:elsewhere') : post.authorName,
    text(post?.postId ?? null),
    missingSince === null ? '' : new Date(missingSince).toISOString(),
  ];
}

/** Names stay as they are in every language: programs read them. Ids are strings, times ISO 8601 in UTC. */
async function* jsonOf(parts: InsightParts, channel: ChannelView, question: VideoQuestion): AsyncGenerator<string> {
  const at = new Date(parts.host.clock.now()).toISOString();
  const { nickname, username } = channel;
  yield `${JSON.stringify({ channel: { nickname, username }, exportedAt: at }).slice(0, -1)},"videos":[`;
  let comma = '\n';
  for await (const videos of pagesOf(parts, channel, question)) {
    yield comma + videos.map((video) => JSON.stringify(plain(video))).join(',\n');
    comma = ',\n';
  }
  yield '\n]}\n';
}

function plain(video: ListedVideo) {
  const { videoId, caption, durationSeconds, views, likes, comments, shares, link, post, missingSince } = video;
  return {
    ...{ id: videoId, publishedAt: new Date(video.publishedAt).toISOString(), caption, durationSeconds },
    ...{ views, likes, comments, shares, engagementPercent: rateOf(video), link },
    post: post === null ? null : { id: String(post.postId), author: post.authorName },
    goneSince: missingSince === null ? null : new Date(missingSince).toISOString(),
  };
}

/** Per cent. */
function rateOf({ engagement }: ListedVideo): number | null {
  return engagement === null ? null : engagement / 10_000;
}

async function sheetOf(
  parts: InsightParts,
  channel: ChannelView,
  query: Readonly<Record<string, string>>,
): Promise<PluginAnswer> {
  if (!mayList(channel)) return { kind: 'absent' };
  const question = questionOf(query);
  const page = await readVideos(parts, channel, { question, limit: printedAtOnce });
  const videos = await listed(parts, { channel, videos: page.videos, coverQuery: '' });
  const profile = await parts.profiles.find(channel.id);
  const href = page.after === null ? null : `?${queryWith(query, { after: placeText(page.after) })}`;
  const title = parts.host.t('tiktok-videos:print.title', { name: channel.nickname });
  const model = {
    question,
    videos,
    nextHref: href,
    isFirst: page.before === null,
    videosAt: profile?.videosAt ?? null,
  };
  return { kind: 'sheet', title, view: 'videos-print', model };
}
