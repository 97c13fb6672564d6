import type { Clock, Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { EventLog } from '../events/event-log.ts';
import type { OutboxDeps } from '../notifications/outbox-store.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { PostService } from '../posts/post-service.ts';

export interface ApprovalParts extends OutboxDeps {
  readonly db: Database;
  readonly desk: DeliveryDesk;
  readonly posts: Pick<PostService, 'find'>;
  readonly plugins: PluginRegistry;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}
