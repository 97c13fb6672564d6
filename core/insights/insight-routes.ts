import type { ChannelOverview, Clock, VideoMetric } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { type Channel, channelAvatarPath } from '../channels/channel.ts';
import { initials } from '../web/pages.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { cellsOf, columns, isOfProfile, type Sort, sorted, sorts, totalsOf } from './insight-table.ts';
import { isOld } from './number-age.ts';
import type { Overviews } from './overviews.ts';

interface InsightRouteParts {
  readonly channels: { list(teamId: number): Promise<readonly Channel[]> };
  readonly overviews: Overviews;
  readonly clock: Clock;
}

const periods = [7, 28, 90] as const;
const metrics = ['views', 'likes', 'comments', 'shares', 'engagement'] as const satisfies readonly VideoMetric[];
const mostBest = 6;

/** All channels of a team side by side. */
export function insightRoutes(parts: InsightRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/insights',
      permission: 'team.see',
      handle: (context) => show(parts, context),
    },
  ];
}

/** What is asked for, all of it in the address. */
interface Question {
  readonly days: (typeof periods)[number];
  readonly sort: Sort;
  readonly direction: 'asc' | 'desc';
  readonly by: VideoMetric;
}

function readQuestion(query: Readonly<Record<string, string>>): Question {
  return {
    days: periods.find((days) => String(days) === query['days']) ?? 28,
    sort: sorts.find((sort) => sort === query['sort']) ?? 'followers',
    direction: query['dir'] === 'asc' ? 'asc' : 'desc',
    by: metrics.find((metric) => metric === query['by']) ?? 'views',
  };
}

async function show(parts: InsightRouteParts, context: TeamContext): Promise<void> {
  const { team, t } = context;
  const question = readQuestion(context.query);
  const channels = await parts.channels.list(team.id);
  const page = { title: t('insights:title'), current: 'insights', pageStyles: ['insights'] };
  const mayConnect = roleMay(team.role, 'channels.connect');
  if (channels.length === 0) return context.page('team/insights-none', { ...page, mayConnect });
  const [overviews, best] = await Promise.all([
    parts.overviews.load(channels, question),
    parts.overviews.best(channels, { ...question, limit: mostBest }),
  ]);
  const rows = channels.map((channel) => rowOf(parts, channel, overviews.get(channel.id)));
  const faces = new Map(channels.map((channel) => [channel.id, faceOf(channel)]));
  await context.page('team/insights', {
    ...page,
    question,
    mayConnect,
    count: channels.length,
    periods: periods.map((days) => ({ days, href: hrefOf({ ...question, days }), isCurrent: days === question.days })),
    columns: columns.map((column) => headOf(question, column)),
    sorts: sorts.map((sort) => ({ value: sort, ...labelOf(sort) })),
    metrics,
    rows: sorted(rows, question),
    totals: totalsOf(rows),
    isEarly: rows.some(({ isOld: isPast, cells }) => {
      return !isPast && cells.some(({ value, change }) => value !== null && change === null);
    }),
    best: best.map((video) => ({ ...video, number: video[question.by], channel: faces.get(video.channelId) })),
    mayKnowBest: rows.some(({ overview }) => overview !== null && overview.published !== null),
  });
}

function rowOf({ clock }: InsightRouteParts, channel: Channel, told: ChannelOverview | 'failed' | undefined) {
  const overview = told === 'failed' ? undefined : told;
  const readAt = overview?.readAt ?? null;
  return {
    ...faceOf(channel),
    state: channel.state,
    reconnectHref: `/team/${channel.teamId}/channels`,
    cells: cellsOf(overview),
    overview: overview ?? null,
    /** Its network tells no numbers at all; or could not just now. */
    silence: told === undefined ? 'untold' : told === 'failed' ? 'failed' : null,
    readAt,
    isOld: isOld(readAt, clock.now()),
    notes: overview?.notes ?? [],
  };
}

function faceOf(channel: Channel) {
  const { id, nickname, teamId } = channel;
  const href = `/team/${teamId}/channels/${id}`;
  return { id, name: nickname, href, avatarUrl: channelAvatarPath(channel), initials: initials(nickname) };
}

/** Pressed again, the same column is sorted the other way. */
function headOf(question: Question, column: (typeof columns)[number]) {
  const change = sorts.find((sort) => sort === `${column}Change`);
  return {
    id: column,
    isOfProfile: isOfProfile(column),
    ...linkOf(question, column),
    change: change && linkOf(question, change),
  };
}

function linkOf(question: Question, sort: Sort) {
  const isSorted = question.sort === sort;
  const direction = isSorted && question.direction === 'desc' ? 'asc' : 'desc';
  return { href: hrefOf({ ...question, sort, direction }), sorted: isSorted ? question.direction : null };
}

function labelOf(sort: Sort): { readonly column: string; readonly isChange: boolean } {
  const isChange = sort.endsWith('Change');
  return { column: isChange ? sort.slice(0, -'Change'.length) : sort, isChange };
}

function hrefOf({ days, sort, direction, by }: Question): string {
  return `?${new URLSearchParams({ days: String(days), sort, dir: direction, by }).toString()}`;
}
