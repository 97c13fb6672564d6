import path from 'node:path';
import type { EventLog } from '../events/event-log.ts';
import { createLinkedFileStore } from '../media/linked-file-store.ts';
import { createMediaService } from '../media/media-service.ts';
import { createMediaStore, type IsNeeded } from '../media/media-store.ts';
import { createUploadService } from '../uploads/upload-service.ts';
import { createUploadStore } from '../uploads/upload-store.ts';
import type { Foundation } from './foundation.ts';

interface LibraryParts {
  readonly events: EventLog;
  readonly desk: { readonly usingMedia: IsNeeded };
}

/** The files of teams, and those that are still on their way. */
export function makeLibrary(base: Foundation, { desk, events }: LibraryParts) {
  const { dataDir } = base.config;
  const media = createMediaService({
    ...base,
    events,
    dataDir,
    store: createMediaStore(base.db),
    isNeeded: (mediaId, sql) => desk.usingMedia(mediaId, sql),
  });
  const uploads = createUploadService({ ...base, media, dataDir, store: createUploadStore(base.db) });
  const findLinkedFile = createLinkedFileStore(base.db);
  return { media, uploads, findLinkedFile, mediaFolder: path.join(dataDir, 'media') };
}
