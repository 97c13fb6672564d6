import type { Clock, Translate } from '#plugin-api';
import type { ChannelService } from '../../channels/channel-service.ts';
import type { CredentialService } from '../../credentials/credential-service.ts';
import type { MediaService } from '../../media/media-service.ts';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.ts';
import type { Wordings } from '../../posts/agreed-words.ts';
import type { PostService } from '../../posts/post-service.ts';
import type { BatchStore } from '../batch-store.ts';
import type { ImportStore } from './import-store.ts';

/** What the rules about imports work with. */
export interface ImportParts {
  readonly store: ImportStore;
  readonly batches: BatchStore;
  readonly posts: Pick<PostService, 'schedule'>;
  readonly channels: Pick<ChannelService, 'list' | 'view'>;
  readonly credentials: Pick<CredentialService, 'access'>;
  readonly media: Pick<MediaService, 'page' | 'view'>;
  readonly plugins: PluginRegistry;
  readonly clock: Clock;
  readonly t: Translate;
  /** Absent: `t` answers finished words. */
  readonly texts?: Wordings;
}
