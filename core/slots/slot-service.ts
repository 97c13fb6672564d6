import type { Database } from '../db/database.ts';
import { plannedAt } from '../posts/planned-time.ts';
import { wallTimeAt } from '../time/zones.ts';
import { findFreeSlots } from './free-slots.ts';
import { type FreeSlot, minuteOf, type Slot } from './slot.ts';
import { type ChannelSlots, selectChannelSlots, selectDueTimes, selectPlannedDrafts } from './slot-store.ts';

export type * from './slot.ts';

export interface FreeSlotQuestion {
  readonly teamId: number;
  /** Those that are not the team's are left out. */
  readonly channelIds: readonly number[];
  /** UTC milliseconds; a slot at this very instant counts. */
  readonly from: number;
  /** UTC milliseconds, not included; for “what is still free today”. */
  readonly until?: number;
  /** The most to find for each channel, and of the shared ones. */
  readonly count: number;
  /** Drafts and scheduled posts that are about to get another time: the one they have now is free. */
  readonly exceptPostIds?: readonly number[];
}

interface FreeSlots {
  /** The next free slots of each channel, the earliest first; none where the channel has no slots. */
  readonly byChannel: ReadonlyMap<number, readonly FreeSlot[]>;
  /**
   * For one post to all of them: slots of every asked channel that has any, at which none of the asked channels has
   * something. Of one channel the same as its own.
   */
  readonly shared: readonly FreeSlot[];
}

export interface SlotService {
  /** Three statements, however many channels. A slot is taken by what is due or by a draft planned in its minute. */
  nextFreeSlots(question: FreeSlotQuestion): Promise<FreeSlots>;
  /** The weekly slots of the team's channels, by weekday and time. */
  ofChannels(teamId: number, channelIds: readonly number[]): Promise<ReadonlyMap<number, readonly Slot[]>>;
}

export function createSlotService({ db }: { readonly db: Database }): SlotService {
  return {
    nextFreeSlots: (question) => nextFreeSlots(db, question),
    async ofChannels(teamId, channelIds) {
      const channels = await selectChannelSlots(db.knex, teamId, channelIds);
      return new Map(channels.map(({ channelId, slots }) => [channelId, slots]));
    },
  };
}

async function nextFreeSlots(db: Database, question: FreeSlotQuestion): Promise<FreeSlots> {
  const { teamId, from, count, until } = question;
  const channels = await selectChannelSlots(db.knex, teamId, question.channelIds);
  const [zone] = channels.map((channel) => channel.zone);
  if (zone === undefined) return { byChannel: new Map(), shared: [] };
  const taken = await takenMinutes(db, channels, { zone, from, exceptPostIds: question.exceptPostIds ?? [] });
  const find = (slots: readonly Slot[], isTaken: ReadonlySet<number>) =>
    findFreeSlots({ slots, zone, taken: isTaken, from, count, ...(until === undefined ? {} : { until }) });
  const takenByAny = new Set([...taken.values()].flatMap((minutes) => [...minutes]));
  return {
    byChannel: new Map(
      channels.map(({ channelId, slots }) => [channelId, find(slots, taken.get(channelId) ?? new Set())]),
    ),
    shared: find(inCommon(channels), takenByAny),
  };
}

/** By channel. */
async function takenMinutes(
  { knex }: Database,
  channels: readonly ChannelSlots[],
  {
    zone,
    from,
    exceptPostIds,
  }: { readonly zone: string; readonly from: number; readonly exceptPostIds: readonly number[] },
): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
  const channelIds = channels.map(({ channelId }) => channelId);
  const [due, drafts] = await Promise.all([
    selectDueTimes(knex, { channelIds, exceptPostIds, from: minuteOf(from) * 60_000 }),
    selectPlannedDrafts(knex, { channelIds, exceptPostIds, fromDate: wallTimeAt(from, zone).slice(0, 10) }),
  ]);
  const planned = drafts.flatMap(({ channelId, planned: typed }) => {
    const at = plannedAt(typed, zone);
    return at === null ? [] : [{ channelId, at }];
  });
  const taken = new Map(channelIds.map((id) => [id, new Set<number>()]));
  for (const { channelId, at } of [...due, ...planned]) taken.get(channelId)?.add(minuteOf(at));
  return taken;
}

/** What is a slot of every channel that has any. */
function inCommon(channels: readonly ChannelSlots[]): readonly Slot[] {
  const [first = [], ...others] = channels.map(({ slots }) => slots).filter((slots) => slots.length > 0);
  const isIn = (slots: readonly Slot[], { weekday, time }: Slot): boolean =>
    slots.some((slot) => slot.weekday === weekday && slot.time === time);
  return first.filter((slot) => others.every((slots) => isIn(slots, slot)));
}
