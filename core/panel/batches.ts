import { createBatchService, type BatchParts } from '../batches/batch-service.ts';
import { createBatchStore } from '../batches/batch-store.ts';
import type { ImportParts } from '../batches/import/import-parts.ts';
import { createImportService } from '../batches/import/import-service.ts';
import { createImportStore } from '../batches/import/import-store.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Foundation } from './foundation.ts';

type Made = 'store' | 'batches' | 'plugins' | 'clock' | 't';
type Rooms = Omit<BatchParts & ImportParts, Made> & { readonly registry: PluginRegistry };

/** Many posts in one table. */
export function makeBatches(base: Foundation, { registry, ...rooms }: Rooms) {
  const parts = { ...base, ...rooms, plugins: registry };
  const store = createBatchStore(base.db);
  return {
    batches: createBatchService({ ...parts, store }),
    imports: createImportService({ ...parts, batches: store, store: createImportStore(base.db) }),
  };
}
