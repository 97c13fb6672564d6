import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { EventLog } from '../events/event-log.ts';
import type { DraftCheckParts } from './draft-check.ts';
import type { PostStore } from './post-store.ts';

/** What the rules about posts work with. */
export interface PostServiceParts extends DraftCheckParts {
  readonly db: Database;
  readonly store: PostStore;
  readonly desk: DeliveryDesk;
  readonly events: EventLog;
  readonly clock: Clock;
}
