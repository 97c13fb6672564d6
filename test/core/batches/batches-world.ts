import { batchRoutes } from '../../../core/batches/batch-routes.ts';
import { createBatchService, type BatchService } from '../../../core/batches/batch-service.ts';
import { createBatchStore } from '../../../core/batches/batch-store.ts';
import { importRoutes } from '../../../core/batches/import/import-routes.ts';
import { createImportService } from '../../../core/batches/import/import-service.ts';
import { createImportStore } from '../../../core/batches/import/import-store.ts';
import { createSlotService } from '../../../core/slots/slot-service.ts';
import {
  createChannel,
  createVideo,
  openPostsWorld,
  type PostsWorld,
  type PostsWorldOptions,
} from '../posts/posts-world.ts';

/** A team with an editor and the real tables; only the network is a stub. */
export interface BatchesWorld extends PostsWorld {
  readonly batches: BatchService;
  /** `/team/<id>/batches` */
  readonly tables: string;
}

export async function openBatchesWorld(
  options: Omit<PostsWorldOptions, 'moreRoutes'> & { readonly incoming?: string } = {},
): Promise<BatchesWorld> {
  const rooms: { batches?: BatchService } = {};
  const world = await openPostsWorld({
    ...options,
    moreRoutes: (parts) => {
      const shared = { ...parts, store: createBatchStore(parts.db), slots: createSlotService(parts) };
      const batches = createBatchService(shared);
      rooms.batches = batches;
      const imports = createImportService({ ...shared, batches: shared.store, store: createImportStore(parts.db) });
      const media = { folders: { incoming: options.incoming ?? '/nowhere', media: '/nowhere' } };
      return [...importRoutes({ ...shared, imports, media }), ...batchRoutes({ ...shared, batches })];
    },
  });
  if (rooms.batches === undefined) throw new Error('The routes were not made.');
  return { ...world, batches: rooms.batches, tables: `/team/${world.team.id}/batches` };
}

export interface Table {
  readonly address: string;
  readonly id: number;
  readonly channel: { readonly id: number; readonly nickname: string };
  readonly postIds: readonly number[];
}

/** A batch of so many videos for one channel, made as the page's script makes it. */
export async function makeTable(world: BatchesWorld, count: number): Promise<Table> {
  const channel = await createChannel(world.db, { team: world.team });
  const made = await world.browser.post(world.tables, { channels: String(channel.id) });
  const address = String(made.headers['location']);
  const postIds: number[] = [];
  for (let place = 0; place < count; place += 1) {
    const video = await createVideo(world.db, { team: world.team, fileName: `bun-${place}.mp4` });
    const row = await world.browser.post(`${address}/rows`, { media: String(video.id), place: String(place) });
    postIds.push(Number(/data-row="(\d+)"/.exec(row.text)?.[1]));
  }
  return { address, id: Number(address.split('/').at(-1)), channel, postIds };
}

export const declaration = { 'declaration.stubnet': "By posting, you agree to Stubnet's Terms" };

/** `12:1,13:1` as the page's script sends rows that nobody has changed yet. */
export function refs(postIds: readonly number[], version = 1): string {
  return postIds.map((id) => `${id}:${version}`).join(',');
}
