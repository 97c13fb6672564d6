import type { Clock, Translate } from '#plugin-api';
import type { AttentionService } from '../attention/attention-service.ts';
import { channelAvatarPath, type Channel } from '../channels/channel.ts';
import type { DeliveryState } from '../deliveries/delivery.ts';
import { initials } from '../web/pages.ts';
import type { Speech } from '../web/texts.ts';
import type { TeamOfMember } from '../web/route.ts';
import { dayAt, weekAt, type Day } from '../time/days.ts';
import type { Overviews } from '../insights/overviews.ts';
import { type DashboardNumbers, dueLine, followersOf, loadNumbers, oldReadAt, viewsOf } from './dashboard-numbers.ts';
import { loadNeeds, needsOf, postPath, titleOf } from './dashboard-needs.ts';
import type { DashboardStore, DueDelivery, PublishedDelivery } from './dashboard-store.ts';

export interface DashboardParts {
  readonly store: DashboardStore;
  readonly channels: { list(teamId: number): Promise<readonly Channel[]> };
  readonly attention: Pick<AttentionService, 'channels'>;
  readonly overviews: Overviews;
  readonly networkName: (pluginId: string) => string;
  readonly clock: Clock;
}

/** For whom it is drawn. */
type Reader = Pick<Speech, 't' | 'locale'>;
type ReaderParts = DashboardParts & Reader;

/** What needs a person comes first, then what is due, then how it went. */
export interface DashboardService {
  /** Undefined while the team has no post: then its first steps are shown instead. */
  load(team: TeamOfMember, reader: Reader): Promise<Readonly<Record<string, unknown>> | undefined>;
  firstSteps(team: TeamOfMember): Promise<{ readonly hasChannel: boolean; readonly hasMedia: boolean }>;
}

export function createDashboardService(parts: DashboardParts): DashboardService {
  return {
    load: async (team, { t, locale }) =>
      (await parts.store.hasPost(team.id)) ? loadDashboard({ ...parts, t, locale }, team) : undefined,
    firstSteps: async (team) => ({
      hasChannel: (await parts.channels.list(team.id)).length > 0,
      hasMedia: await parts.store.hasMedia(team.id),
    }),
  };
}

const mostPublished = 3;

async function loadDashboard(parts: ReaderParts, team: TeamOfMember) {
  const { store, t } = parts;
  const now = parts.clock.now();
  const week = weekAt(now, team.zone);
  const today = dayAt(now, team.zone);
  const tomorrow = dayAt(now, team.zone, 1);
  const list = await parts.channels.list(team.id);
  const [needing, published, due] = await Promise.all([
    loadNeeds(parts, team, list),
    store.published(team.id, mostPublished),
    store.due(team.id, spanOf([...week, tomorrow])),
  ]);
  const posts = groupByPost(due);
  const place = await placeOf(parts, { team, list, published, due });
  const listed = (day: Day) => posts.filter(isOf(day)).map((post) => duePost(place, post));
  const count = { needs: needing.total, due: posts.filter(isOf(today)).length };
  const bars = week.map((day, index) => {
    return weekDay(place, posts.filter(isOf(day)), { index, isToday: day.date === today.date });
  });
  return {
    now,
    needs: needsOf(place, needing),
    needsTotal: needing.total,
    needsHref: `/team/${team.id}/attention`,
    summary: summaryOf(t, count),
    days: [
      { id: 'today', heading: t('dashboard:due.today'), posts: listed(today) },
      { id: 'tomorrow', heading: t('dashboard:due.tomorrow'), posts: listed(tomorrow) },
    ],
    calendarHref: `/team/${team.id}/calendar`,
    week: bars,
    weekCount: bars.reduce((sum, day) => sum + day.count, 0),
    published: published.map((one) => publishedPost(place, one)),
    channels: urgentFirst(list).map((channel) => channelLine(place, channel)),
  };
}

interface Found {
  readonly team: TeamOfMember;
  readonly list: readonly Channel[];
  readonly published: readonly PublishedDelivery[];
  readonly due: readonly DueDelivery[];
}

async function placeOf(parts: ReaderParts, { team, list, published, due }: Found): Promise<Place> {
  const postIds = [...new Set([...due, ...published].map(({ postId }) => postId))];
  const [covers, numbers] = await Promise.all([
    parts.store.covers(postIds),
    loadNumbers(parts.overviews, list, [...due, ...published]),
  ]);
  const channels = new Map(list.map((channel) => [channel.id, channel]));
  return { parts, team, covers, numbers, channels, now: parts.clock.now() };
}

function channelLine({ numbers, now }: Place, channel: Channel) {
  const href = `/team/${channel.teamId}/channels/${channel.id}`;
  const { state } = channel;
  const told = { followers: followersOf(numbers, channel), oldReadAt: oldReadAt(numbers, channel, now) };
  return { href, state, ...told, ...faceOf(channel) };
}

function summaryOf(t: Translate, { needs, due }: { readonly needs: number; readonly due: number }): string {
  return t('dashboard:summary.both', {
    needs: t('dashboard:summary.needs', { count: needs }),
    due: t('dashboard:summary.due', { count: due }),
  });
}

function urgentFirst(channels: readonly Channel[]): readonly Channel[] {
  const needsSomebody = ({ state }: Channel): number => Number(state === 'reconnect-needed');
  return [...channels].sort((one, other) => needsSomebody(other) - needsSomebody(one));
}

function isOf(day: Day) {
  return ({ at }: { readonly at: number }): boolean => at >= day.from && at < day.to;
}

function weekDay({ parts }: Place, posts: readonly DuePost[], { index, isToday }: { index: number; isToday: boolean }) {
  const label = parts.t(`site:day.${weekdays[index] ?? 'mon'}`);
  return { label, isToday, count: posts.length, states: posts.map((post) => post.state) };
}

/** With numbers it leads to them, else to the post. */
function publishedPost(place: Place, sent: PublishedDelivery) {
  const { postId, at, caption, nickname } = sent;
  const title = titleOf(caption, place.parts.t);
  const video = place.numbers.of(sent);
  const href = video?.href ?? postPath(place, postId);
  return { href, title, coverUrl: coverPath(place, postId), at, line: nickname, video: video ?? null };
}

function faceOf(channel: Channel) {
  const { nickname } = channel;
  return { name: nickname, avatarUrl: channelAvatarPath(channel), initials: initials(nickname) };
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

interface Place {
  readonly parts: ReaderParts;
  readonly team: TeamOfMember;
  readonly channels: ReadonlyMap<number, Channel>;
  /** Media id by post id. */
  readonly covers: ReadonlyMap<number, number>;
  readonly numbers: DashboardNumbers;
  readonly now: number;
}

function spanOf(days: readonly Day[]): { from: number; to: number } {
  return { from: Math.min(...days.map(({ from }) => from)), to: Math.max(...days.map(({ to }) => to)) };
}

interface DuePost {
  readonly postId: number;
  readonly caption: string;
  /** The first of its deliveries. */
  readonly at: number;
  /** The worst of its deliveries. */
  readonly state: DeliveryState;
  readonly percent: number | null;
  readonly deliveries: readonly DueDelivery[];
}

const worstFirst: readonly DeliveryState[] = [
  'needs-attention',
  'failed',
  'publishing',
  'processing',
  'scheduled',
  'draft',
  'published',
  'cancelled',
];

function groupByPost(due: readonly DueDelivery[]): readonly DuePost[] {
  const posts = new Map<number, DueDelivery[]>();
  for (const delivery of due) posts.set(delivery.postId, [...(posts.get(delivery.postId) ?? []), delivery]);
  return [...posts.entries()].map(([postId, deliveries]) => {
    const worst = [...deliveries].sort((a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state))[0];
    return {
      postId,
      caption: deliveries[0]?.caption ?? '',
      at: deliveries[0]?.at ?? 0,
      state: worst?.state ?? 'draft',
      percent: worst?.percent ?? null,
      deliveries,
    };
  });
}

function duePost(place: Place, post: DuePost) {
  const channels = post.deliveries.flatMap(({ channelId }) => place.channels.get(channelId) ?? []);
  return {
    href: postPath(place, post.postId),
    at: post.at,
    isPast: post.state === 'published' && post.at < place.now,
    title: titleOf(post.caption, place.parts.t),
    coverUrl: coverPath(place, post.postId),
    channels: channels.map(faceOf),
    views: viewsOf(place.numbers, post.deliveries),
    line: dueLine(place.parts.t, post.deliveries),
    state: post.state,
    percent: post.percent ?? undefined,
  };
}

function coverPath({ team, covers }: Place, postId: number): string | undefined {
  const mediaId = covers.get(postId);
  return mediaId === undefined ? undefined : `/team/${team.id}/files/${mediaId}/poster`;
}
