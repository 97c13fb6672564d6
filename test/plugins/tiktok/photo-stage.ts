import { createHash } from 'node:crypto';
import { readFile, mkdtemp } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { MediaView } from '#plugin-api';
import { startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { makePicture, type PictureOrder } from '../../support/pictures.ts';
import { connectAccount } from './login.ts';
import { PublishingStage } from './publishing.ts';
import { video } from './support.ts';

const start = Date.UTC(2026, 10, 20, 9);

export interface PhotoStage {
  readonly stage: PublishingStage;
  /** By address: what was asked for, in order. */
  readonly fetched: readonly string[];
  /** From now on they cannot be fetched. */
  shut(): void;
  close(): Promise<void>;
}

/** As `openStage`, with pictures that TikTok fetches over HTTP from a server of the stage's own. */
export async function openPhotoStage(orders: readonly PictureOrder[]): Promise<PhotoStage> {
  const media = await Promise.all(orders.map((order, index) => photo(order, index + 1)));
  const fetched: string[] = [];
  const shop = await openShop(media, fetched);
  const simulator = await startSimulator({ now: () => start });
  simulator.control.setSwitches({ webhooks: 'off', processing_seconds: 1 });
  const { tokens } = await connectAccount(simulator.url);
  const folder = await mkdtemp(path.join(tmpdir(), 'publishing-'));
  const prefix = `http://localhost:${shop.port}/m/`;
  const make = ({ id }: Pick<MediaView, 'id'>, until: number): string => `${prefix}${id}-${until}.jpg`;
  const links = { prefix, isPublic: false, make };
  const parts = { simulator, token: tokens.accessToken, folder, file: video() };
  const stage = new PublishingStage({ ...parts, photos: { media, links } });
  const close = async (): Promise<void> => {
    shop.server.close();
    shop.server.closeAllConnections();
    await stage.close();
  };
  return { stage, fetched, shut: () => void shop.server.close(), close };
}

async function photo(order: PictureOrder, id: number): Promise<MediaView> {
  const file = await makePicture(order);
  const bytes = await readFile(file);
  const { width = 1080, height = 1350, format = 'jpeg' } = order;
  return {
    ...video({ id, kind: 'picture', type: `image/${format}`, fileName: `photo-${id}.${format}`, path: file }),
    ...{ bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex'), width, height },
    ...{ durationMs: null, frameRate: null, codec: null },
  };
}

async function openShop(
  media: readonly MediaView[],
  fetched: string[],
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    const id = Number(/^\/m\/(\d+)-/u.exec(request.url ?? '')?.[1]);
    fetched.push(String(id));
    const found = media.find((one) => one.id === id);
    if (found === undefined) return void response.writeHead(404).end();
    void readFile(found.path).then((bytes) => response.writeHead(200, { 'content-type': found.type }).end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: z.object({ port: z.number() }).parse(server.address()).port };
}
