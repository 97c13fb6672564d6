import type { Clock } from '#plugin-api';
import type { SlotService } from '../slots/slot-service.ts';
import type { TeamOfMember } from '../web/route.ts';
import type { FreeDay } from './calendar-service.ts';

interface FreeTimeParts {
  readonly slots: Pick<SlotService, 'nextFreeSlots'>;
  readonly clock: Clock;
}

/** More would be a list of its own. */
const mostOfADay = 12;

/** The posting slots of a day at which at least one of the channels has nothing yet, e.g. `12:00`. */
export function freeTimesOf({ slots, clock }: FreeTimeParts) {
  return async ({ id: teamId }: TeamOfMember, { day, channelIds }: FreeDay): Promise<readonly string[]> => {
    const from = Math.max(day.from, clock.now());
    if (from >= day.to || channelIds.length === 0) return [];
    const question = { teamId, channelIds, from, until: day.to, count: mostOfADay };
    const { byChannel } = await slots.nextFreeSlots(question);
    const times = [...byChannel.values()].flat().map(({ wall }) => wall.slice(11));
    return [...new Set(times)].sort().slice(0, mostOfADay);
  };
}
