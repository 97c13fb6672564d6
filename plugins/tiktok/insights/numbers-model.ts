import type { ChannelView, Translate } from '#plugin-api';
import type { MissedReason } from './missed-day-store.ts';
import type { InsightParts } from './parts.ts';
import type { Profile, Snapshot } from './profile-store.ts';
import { addDays, dayIn } from './slots.ts';

const counters = ['followers', 'following', 'likes', 'videos'] as const;
const periods = [7, 28, 90] as const;
const usualDays = 28;

type Counter = (typeof counters)[number];

interface Counted {
  readonly name: Counter;
  readonly label: string;
  readonly value: number | null;
  /** Over the period; null where nothing is known from its beginning or before. */
  readonly change: number | null;
}

/** Days without a snapshot, one after the other, and what kept the numbers away; null = not known. */
interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: MissedReason | null;
}

interface Row {
  /** YYYY-MM-DD in the team's zone. */
  readonly day: string;
  /** Of the counters; null = no snapshot. */
  readonly values: readonly (number | null)[];
}

/** What the numbers of a profile show: how they stand, how they changed, and each day of the period. */
export interface NumbersModel {
  /** False: the permission is missing, so there is nothing to show. */
  readonly mayCount: boolean;
  readonly days: number;
  readonly periods: readonly { readonly days: number; readonly href: string; readonly isCurrent: boolean }[];
  readonly stats: readonly Counted[];
  /** Oldest first, with the days between that have none. */
  readonly rows: readonly Row[];
  readonly gaps: readonly Gap[];
  /** YYYY-MM-DD, where the history begins within the period. */
  readonly beginsOn: string | null;
  readonly beginsToday: boolean;
  /** The days that changes are counted between, where they are not the period's own first day and today; else null. */
  readonly changeSpan: { readonly from: string; readonly to: string } | null;
  /** Nothing was read since the period began: there is no change to tell. */
  readonly isStill: boolean;
}

/** @param query `days`: 7, 28 or 90 */
export async function numbersModel(
  parts: InsightParts,
  { channel, profile }: { readonly channel: ChannelView; readonly profile: Profile | undefined },
  query: Readonly<Record<string, string>>,
): Promise<NumbersModel> {
  const days = periods.find((one) => String(one) === query['days']) ?? usualDays;
  const today = dayIn(channel.zone, parts.host.clock.now());
  const from = addDays(today, -days);
  const [begins, base, snapshots, missed] = await Promise.all([
    parts.profiles.firstDay(channel.id),
    parts.profiles.snapshotUntil(channel.id, from),
    parts.profiles.snapshots(channel.id, from),
    parts.missed.since(channel.id, from),
  ]);
  // A team that has moved to a zone further west has snapshots of tomorrow.
  const first = begins !== undefined && begins > today ? today : begins;
  const rows = first === undefined ? [] : rowsOf(snapshots, { from: first > from ? first : from, today });
  const reasons = new Map(missed.map(({ day, reason }) => [day, reason]));
  const span = spanOf({ profile, base }, { from, today, zone: channel.zone });
  return {
    mayCount: mayCount(channel, profile),
    days,
    periods: periods.map((one) => ({ days: one, href: hrefOf(query, one), isCurrent: one === days })),
    stats: counters.map((name) =>
      countedOf(parts.host.t, name, { profile, base: span === 'still' ? undefined : base }),
    ),
    rows,
    gaps: gapsOf(rows, reasons),
    beginsOn: first !== undefined && first > from ? first : null,
    beginsToday: first === today,
    changeSpan: span === 'still' ? null : span,
    isStill: span === 'still',
  };
}

/** Between which days the numbers changed: they are as old as the last look. */
function spanOf(
  { profile, base }: { readonly profile: Profile | undefined; readonly base: Snapshot | undefined },
  { from, today, zone }: { readonly from: string; readonly today: string; readonly zone: string },
): NumbersModel['changeSpan'] | 'still' {
  const toldAt = profile?.profileAt ?? null;
  if (base === undefined || toldAt === null) return null;
  const to = dayIn(zone, toldAt);
  if (to <= base.day) return 'still';
  return base.day === from && to >= addDays(today, -1) ? null : { from: base.day, to };
}

/** Whether the counters of the profile are told: the permission is there, and TikTok did not refuse it. */
export function mayCount({ scopes }: ChannelView, profile: Profile | undefined): boolean {
  return scopes.includes('user.info.stats') && profile?.refused.includes('user.info.stats') !== true;
}

/** The list of videos keeps what it was asked for. */
function hrefOf(query: Readonly<Record<string, string>>, days: number): string {
  return `?${new URLSearchParams({ ...query, days: String(days) }).toString()}`;
}

function countedOf(
  t: Translate,
  name: Counter,
  { profile, base }: { readonly profile: Profile | undefined; readonly base: Snapshot | undefined },
): Counted {
  const [value, before] = [profile?.[name] ?? null, base?.[name] ?? null];
  const change = value === null || before === null ? null : value - before;
  return { name, label: t(`tiktok-insights:stats.${name}`), value, change };
}

/** From that day to today: what is not read yet today is no gap. */
function rowsOf(
  snapshots: readonly Snapshot[],
  { from, today }: { readonly from: string; readonly today: string },
): readonly Row[] {
  const byDay = new Map(snapshots.map((snapshot) => [snapshot.day, snapshot]));
  const rows: Row[] = [];
  for (let day = from; day <= today; day = addDays(day, 1)) {
    const snapshot = byDay.get(day);
    if (day === today && snapshot === undefined) break;
    rows.push({ day, values: counters.map((name) => snapshot?.[name] ?? null) });
  }
  return rows;
}

function gapsOf(rows: readonly Row[], reasons: ReadonlyMap<string, MissedReason>): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const { day } of rows.filter(({ values }) => values.every((value) => value === null))) {
    const reason = reasons.get(day) ?? null;
    const last = gaps.at(-1);
    if (last !== undefined && last.reason === reason && addDays(last.to, 1) === day) {
      gaps[gaps.length - 1] = { ...last, to: day };
    } else {
      gaps.push({ from: day, to: day, reason });
    }
  }
  return gaps;
}
