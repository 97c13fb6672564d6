import type { Clock, Translate } from '#plugin-api';
import type { Channel, ChannelService } from '../channels/channel-service.ts';
import type { DeliveryState } from '../deliveries/delivery.ts';
import { titleOf } from '../posts/post-title.ts';
import type { Day } from '../time/days.ts';
import type { TeamOfMember } from '../web/route.ts';
import { type CalendarPeriod, type CalendarView, periodOf, readDate, wallClockOf } from './calendar-period.ts';
import type { CalendarDelivery, CalendarRow, CalendarStore } from './calendar-store.ts';

interface CalendarParts {
  readonly store: CalendarStore;
  readonly channels: Pick<ChannelService, 'list' | 'findMany'>;
  /** Times of the day at which the channels mean to post and nothing stands yet, e.g. `12:00`. */
  readonly freeTimes: (team: TeamOfMember, day: FreeDay) => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly t: Translate;
}

export interface FreeDay {
  readonly day: Day;
  readonly channelIds: readonly number[];
}

/** Which part of the calendar, and what of it; empty lists are no filter. */
export interface CalendarQuestion {
  readonly view: CalendarView;
  /** A day of it, e.g. `2026-12-09`; undefined means today. */
  readonly at: string | undefined;
  readonly channelIds: readonly number[];
  readonly states: readonly DeliveryState[];
}

/** A post where it stands, in the team's zone. */
export interface CalendarEntry {
  readonly id: number;
  readonly version: number;
  readonly title: string;
  readonly state: DeliveryState;
  readonly date: string;
  /** `17:30`; empty for a draft that has a day and no time. */
  readonly time: string;
  readonly channelIds: readonly number[];
  readonly coverId: number | null;
  readonly percent: number | null;
  /** Of the video that the percent are of. */
  readonly videoBytes: number | null;
  /** All of it is still ahead. */
  readonly isMovable: boolean;
}

export interface Calendar {
  readonly period: CalendarPeriod;
  /** By day and time, those without a time first. */
  readonly entries: readonly CalendarEntry[];
  /** Of the chosen channels, before the states are filtered. */
  readonly counts: ReadonlyMap<DeliveryState, number>;
  /** There are more posts than a page can show: the latest of the period are left out. */
  readonly isCut: boolean;
  /** The team's connected channels. */
  readonly channels: readonly Channel[];
  /** Channels of the entries, disconnected ones too. */
  readonly channelsById: ReadonlyMap<number, Channel>;
  /** Drafts that stand nowhere in the calendar: without a date, or with one that is none, in this time or in no year of ours. */
  readonly undated: number;
  readonly freeTimes: readonly string[];
}

export interface CalendarService {
  load(team: TeamOfMember, question: CalendarQuestion): Promise<Calendar>;
}

/** A page of more would help nobody; a week or a day of such a team is still complete. */
const mostPosts = 2_000;
export const countedUpTo = 1_000;

export function createCalendarService(parts: CalendarParts): CalendarService {
  return { load: (team, question) => loadCalendar(parts, team, question) };
}

async function loadCalendar(parts: CalendarParts, team: TeamOfMember, question: CalendarQuestion): Promise<Calendar> {
  const { store } = parts;
  const period = periodOf({ ...question, now: parts.clock.now(), zone: team.zone });
  const [rows, undated, channels] = await Promise.all([
    store.posts(team.id, period, mostPosts + 1),
    store.countUndated(team.id, countedUpTo + 1),
    parts.channels.list(team.id),
  ]);
  const all = await entriesOf(parts, { team, period, rows });
  const cut = all.slice(0, mostPosts);
  const ofChannels = cut.filter(isOn(question.channelIds));
  const entries = ofChannels.filter(({ state }) => question.states.length === 0 || question.states.includes(state));
  const ids = [...new Set(entries.flatMap(({ channelIds }) => channelIds))];
  const known = await parts.channels.findMany(team.id, ids);
  return {
    period,
    entries,
    counts: countStates(ofChannels),
    isCut: all.length > mostPosts,
    channels,
    channelsById: new Map(known.map((channel) => [channel.id, channel])),
    undated: undated + rows.filter(isNowhere).length,
    freeTimes: await findFreeTimes(parts, team, { period, channels, question }),
  };
}

interface DayQuestion {
  readonly period: CalendarPeriod;
  readonly channels: readonly Channel[];
  readonly question: CalendarQuestion;
}

/** Of the chosen day, for the channels that are shown. */
async function findFreeTimes(
  { freeTimes }: CalendarParts,
  team: TeamOfMember,
  { period, channels, question: { channelIds } }: DayQuestion,
): Promise<readonly string[]> {
  const day = period.days.find(({ date }) => date === period.at);
  if (day === undefined || period.view === 'list') return [];
  const shown = channels.filter(({ id }) => channelIds.length === 0 || channelIds.includes(id));
  return freeTimes(team, { day, channelIds: shown.map(({ id }) => id) });
}

interface Reading {
  readonly team: TeamOfMember;
  readonly period: CalendarPeriod;
  readonly rows: readonly CalendarRow[];
}

async function entriesOf(parts: CalendarParts, { team, period, rows }: Reading): Promise<readonly CalendarEntry[]> {
  const clock = wallClockOf(period.days, team.zone);
  const deliveries = groupByPost(
    await parts.store.deliveries(
      team.id,
      rows.map(({ id }) => id),
    ),
  );
  const entries = rows.flatMap((row): CalendarEntry[] => {
    const place = placeOf(row, clock);
    const own = deliveries.get(row.id) ?? [];
    return place === undefined ? [] : [{ ...entryOf(parts.t, row, own), ...place }];
  });
  return entries.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function keyOf({ date, time, id }: CalendarEntry): string {
  return `${date}T${time.padEnd(5)} ${String(id).padStart(16, '0')}`;
}

/** A draft of this time whose date is none, as the 31st of November. */
function isNowhere({ dueAt, planned }: CalendarRow): boolean {
  return dueAt === null && readDate(planned.date) === undefined;
}

/** Undefined for a draft whose date is none: as typed, it may be anything. */
function placeOf({ dueAt, planned }: CalendarRow, clock: (at: number) => string) {
  if (dueAt !== null) {
    const wall = clock(dueAt);
    return { date: wall.slice(0, 10), time: wall.slice(11) };
  }
  if (readDate(planned.date) === undefined) return undefined;
  return { date: planned.date, time: /^([01]\d|2[0-3]):[0-5]\d/.exec(planned.time)?.[0] ?? '' };
}

function entryOf(t: Translate, row: CalendarRow, deliveries: readonly CalendarDelivery[]) {
  const isAhead = ({ state }: CalendarDelivery): boolean => state === 'draft' || state === 'scheduled';
  const open = deliveries.filter(({ state }) => state !== 'cancelled');
  const media = row.fileName === null ? [] : [{ fileName: row.fileName }];
  return {
    id: row.id,
    version: row.version,
    title: titleOf(t, { caption: row.caption, media }),
    state: row.state,
    channelIds: deliveries.map(({ channelId }) => channelId),
    coverId: row.coverId,
    videoBytes: row.videoBytes,
    percent: open.find(({ state }) => state === 'publishing')?.percent ?? null,
    isMovable: open.every(isAhead) && (open.length > 0 || deliveries.length === 0),
  };
}

function groupByPost(deliveries: readonly CalendarDelivery[]): ReadonlyMap<number, readonly CalendarDelivery[]> {
  const byPost = new Map<number, CalendarDelivery[]>();
  for (const delivery of deliveries) {
    const own = byPost.get(delivery.postId);
    if (own === undefined) byPost.set(delivery.postId, [delivery]);
    else own.push(delivery);
  }
  return byPost;
}

function isOn(channelIds: readonly number[]) {
  return (entry: CalendarEntry): boolean =>
    channelIds.length === 0 || entry.channelIds.some((id) => channelIds.includes(id));
}

function countStates(entries: readonly CalendarEntry[]): ReadonlyMap<DeliveryState, number> {
  const counts = new Map<DeliveryState, number>();
  for (const { state } of entries) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}
