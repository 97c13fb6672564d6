import type { Clock, Translate } from '#plugin-api';
import type { SavedCaptionService } from '../captions/saved-caption-service.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { MediaService } from '../media/media-service.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Wordings } from '../posts/agreed-words.ts';
import type { PostService } from '../posts/post-service.ts';
import type { SlotService } from '../slots/slot-service.ts';
import type { BatchStore } from './batch-store.ts';

/** What the rules about batches work with. */
export interface BatchParts {
  readonly store: BatchStore;
  readonly posts: PostService;
  readonly desk: Pick<DeliveryDesk, 'ofPosts'>;
  readonly channels: Pick<ChannelService, 'findMany' | 'list'>;
  readonly media: Pick<MediaService, 'findMany'>;
  readonly slots: Pick<SlotService, 'nextFreeSlots'>;
  readonly savedCaptions: Pick<SavedCaptionService, 'findSameTexts'>;
  readonly credentials: Pick<CredentialService, 'access'>;
  readonly plugins: PluginRegistry;
  readonly clock: Clock;
  readonly t: Translate;
  /** Absent: `t` answers finished words. */
  readonly texts?: Wordings;
}
