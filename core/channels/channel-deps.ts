import type { Clock, Translate } from '#plugin-api';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database } from '../db/database.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { EventLog } from '../events/event-log.ts';
import type { SettingsService } from '../settings/settings-service.ts';
import type { Avatars } from './avatars.ts';
import type { ChannelStore } from './channel-store.ts';

export interface ChannelDeps {
  readonly db: Database;
  readonly store: ChannelStore;
  readonly avatars: Avatars;
  readonly settings: Pick<SettingsService, 'appKeys'>;
  readonly credentials: Pick<CredentialService, 'access' | 'revokeIfUnused'>;
  readonly desk: Pick<DeliveryDesk, 'ofChannel' | 'cancel' | 'wakeChannel'>;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}
