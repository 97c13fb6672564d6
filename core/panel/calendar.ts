import { createCalendarService } from '../calendar/calendar-service.ts';
import { createCalendarStore } from '../calendar/calendar-store.ts';
import { freeTimesOf } from '../calendar/free-times.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { EventLog } from '../events/event-log.ts';
import { createPostMoves } from '../posts/move-post.ts';
import { createPostStore } from '../posts/post-store.ts';
import { createSlotService } from '../slots/slot-service.ts';
import type { Foundation } from './foundation.ts';

interface Around {
  readonly desk: DeliveryDesk;
  readonly events: EventLog;
  readonly channels: ChannelService;
}

/** When posts stand, and moving them. */
export function makeCalendar(base: Foundation, around: Around) {
  const { db } = base;
  return {
    moves: createPostMoves({ ...base, ...around, store: createPostStore(db) }),
    calendar: createCalendarService({
      ...base,
      ...around,
      store: createCalendarStore(db),
      freeTimes: freeTimesOf({ slots: createSlotService(base), clock: base.clock }),
    }),
  };
}
