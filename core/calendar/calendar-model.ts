import type { Translate } from '#plugin-api';
import type { DeliveryState } from '../deliveries/delivery.ts';
import { sizeOf } from '../media/media-words.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { faceOf, type ChannelFace } from '../posts/option-groups.ts';
import type { TeamOfMember } from '../web/route.ts';
import { calendarPath, queryOf } from './calendar-address.ts';
import { calendarViews } from './calendar-period.ts';
import { type Calendar, type CalendarEntry, type CalendarQuestion, countedUpTo } from './calendar-service.ts';
import { calendarWords } from './calendar-words.ts';

/** What the page is drawn of. */
interface CalendarDrawing {
  readonly team: TeamOfMember;
  readonly question: CalendarQuestion;
  readonly calendar: Calendar;
  readonly plugins: PluginRegistry;
  readonly mayEdit: boolean;
  readonly locale: string;
  readonly t: Translate;
}

/** A state's icon, as everywhere; the order is that of a post's way. */
const stateIcons: Readonly<Record<DeliveryState, string>> = {
  draft: 'pencil',
  scheduled: 'clock',
  publishing: 'cloud-arrow-up',
  processing: 'hourglass-split',
  published: 'check-circle-fill',
  'needs-attention': 'exclamation-triangle-fill',
  failed: 'x-circle-fill',
  cancelled: 'slash-circle',
};
const states: readonly DeliveryState[] = [
  ...(['draft', 'scheduled', 'publishing', 'processing'] as const),
  ...(['published', 'needs-attention', 'failed', 'cancelled'] as const),
];
/** Shown in any case: what is rare has a chip only when it happens. */
const usualStates: ReadonlySet<DeliveryState> = new Set(['draft', 'scheduled', 'published']);

export function calendarModel(drawing: CalendarDrawing) {
  const { team, question, calendar, mayEdit, t } = drawing;
  const { period } = calendar;
  const words = calendarWords(drawing.locale);
  const path = (changes: Partial<CalendarQuestion>) => calendarPath(team.id, { ...question, ...changes });
  const turn = (at: string) => ({ label: words.period(period.view, at), href: path({ at }) });
  return {
    heading: words.period(period.view, period.start),
    previous: turn(period.previous),
    next: turn(period.next),
    todayHref: path({ at: undefined }),
    views: calendarViews.map((view) => ({
      label: t(`calendar:view.${view}`),
      href: path({ view }),
      isCurrent: view === period.view,
    })),
    chips: chipsOf(drawing),
    filter: filterOf(drawing),
    listName: t('calendar:posts', { period: words.period(period.view, period.start) }),
    days: daysOf(drawing),
    grid: period.view === 'list' ? null : gridOf(drawing),
    panel: period.view === 'list' ? null : panelOf(drawing),
    undated: undatedOf(drawing),
    isCut: calendar.isCut,
    isEmpty: calendar.entries.length === 0,
    isFiltered: question.states.length + question.channelIds.length > 0,
    newHref: `/team/${team.id}/posts/new`,
    mayEdit,
    back: queryOf(question).toString(),
  };
}

/** A chip is a link: pressed, only this state is shown, beside those that are pressed already. */
function chipsOf({ team, question, calendar, t }: CalendarDrawing) {
  return states
    .filter((state) => usualStates.has(state) || calendar.counts.has(state) || question.states.includes(state))
    .map((state) => {
      const isCurrent = question.states.includes(state);
      const others = question.states.filter((other) => other !== state);
      const next = { ...question, states: isCurrent ? others : [...others, state] };
      const words = { label: t(`frame:state.${state}`), icon: stateIcons[state] };
      return { state, ...words, count: calendar.counts.get(state) ?? 0, isCurrent, href: calendarPath(team.id, next) };
    });
}

function filterOf({ team, question, calendar, plugins, t }: CalendarDrawing) {
  const { channelIds } = question;
  const faces = calendar.channels.map((channel) => faceOf(plugins, channel));
  const chosen = faces.filter(({ id }) => channelIds.includes(id));
  const [only] = chosen;
  const label = only !== undefined && chosen.length === 1 ? only.nickname : undefined;
  return {
    action: `/team/${team.id}/calendar`,
    label: label ?? t('calendar:channels', { count: channelIds.length }),
    faces: (chosen.length > 0 ? chosen : faces).slice(0, 3),
    options: faces.map((face) => ({ ...face, isChosen: channelIds.includes(face.id) })),
    kept: [...queryOf({ ...question, channelIds: [] })],
    allHref: channelIds.length === 0 ? null : calendarPath(team.id, { ...question, channelIds: [] }),
  };
}

/** Days with posts, in order. */
function daysOf(drawing: CalendarDrawing) {
  const { team, question, calendar } = drawing;
  const byDate = new Map<string, CalendarEntry[]>();
  for (const entry of calendar.entries) {
    const own = byDate.get(entry.date);
    if (own === undefined) byDate.set(entry.date, [entry]);
    else own.push(entry);
  }
  const words = calendarWords(drawing.locale);
  return [...byDate].map(([date, entries]) => ({
    date,
    heading: words.day(date),
    href: calendarPath(team.id, { ...question, view: 'month', at: date }),
    isToday: date === calendar.period.today,
    posts: entries.map((entry) => rowOf(drawing, entry)),
  }));
}

function rowOf({ team, question, calendar, mayEdit, t }: CalendarDrawing, entry: CalendarEntry) {
  const names = entry.channelIds.flatMap((id) => calendar.channelsById.get(id)?.nickname ?? []);
  const query = queryOf(question);
  query.set('move', String(entry.id));
  return {
    id: entry.id,
    version: entry.version,
    state: entry.state,
    icon: stateIcons[entry.state],
    word: t(`frame:state.${entry.state}`),
    time: entry.time,
    wall: entry.time === '' ? entry.date : `${entry.date}T${entry.time}`,
    title: entry.title,
    href: postPath(team, entry),
    channels: names.join(', '),
    moveHref: mayEdit && entry.isMovable ? `/team/${team.id}/calendar?${query.toString()}` : null,
  };
}

function postPath(team: TeamOfMember, { id }: { readonly id: number }): string {
  return `/team/${team.id}/posts/${id}`;
}

/** What the page's script draws the grid with; the posts it takes from the list. */
function gridOf({ team, question, calendar: { period } }: CalendarDrawing) {
  const { view, start, today, at } = period;
  return { view, start, today, at, dayHref: calendarPath(team.id, { ...question, at: '0000-00-00' }) };
}

/** The chosen day: its posts, and the times that are still free. */
function panelOf(drawing: CalendarDrawing) {
  const { team, calendar, mayEdit, t } = drawing;
  const { period } = calendar;
  const date = period.at;
  const entries = calendar.entries.filter((entry) => entry.date === date);
  const isAhead = date >= period.today;
  const newHref = (time: string) => `/team/${team.id}/posts/new?date=${date}${time}`;
  const posts = entries.map((entry) => ({
    ...rowOf(drawing, entry),
    percent: entry.percent,
    sent: sentOf(entry, t),
    cover: entry.coverId === null ? null : `/team/${team.id}/files/${entry.coverId}/poster`,
    faces: facesOf(drawing, entry),
    isNeedy: isNeedy(entry),
  }));
  const free = calendar.freeTimes.map((time) => ({ free: time, time, href: newHref(`&time=${time}`) }));
  const needs = entries.filter(isNeedy).length;
  const counted = t('dashboard:posts', { count: entries.length });
  return {
    heading: calendarWords(drawing.locale).day(date),
    isToday: date === period.today,
    summary: needs === 0 ? counted : t('calendar:panel.needs', { posts: counted, count: needs }),
    isEmpty: entries.length === 0,
    rows: [...posts, ...(mayEdit ? free : [])].sort((one, other) => (one.time < other.time ? -1 : 1)),
    newHref: mayEdit && isAhead ? newHref('') : null,
  };
}

/** “38 %, 11.4 MB of 30.1 MB”: the percent are of the file. */
function sentOf({ percent, videoBytes }: CalendarEntry, t: Translate): string {
  if (percent === null) return '';
  if (percent === 0 || videoBytes === null) return t('calendar:panel.percent', { percent });
  const sent = sizeOf((videoBytes * percent) / 100);
  return t('calendar:panel.sent', { percent, sent, size: sizeOf(videoBytes) });
}

function isNeedy({ state }: CalendarEntry): boolean {
  return state === 'needs-attention' || state === 'failed';
}

function facesOf({ calendar, plugins }: CalendarDrawing, { channelIds }: CalendarEntry): readonly ChannelFace[] {
  return channelIds.flatMap((id) => {
    const channel = calendar.channelsById.get(id);
    return channel === undefined ? [] : [faceOf(plugins, channel)];
  });
}

function undatedOf({ team, calendar: { undated }, t }: CalendarDrawing) {
  if (undated === 0) return null;
  const count = undated > countedUpTo ? t('posts:list.more') : undefined;
  const text = count === undefined ? t('calendar:undated', { count: undated }) : t('calendar:undatedMany', { count });
  return { text, href: `/team/${team.id}/posts?state=draft` };
}
