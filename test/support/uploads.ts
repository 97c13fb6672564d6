import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Database } from '../../core/db/database.ts';
import { createEventLog } from '../../core/events/event-log.ts';
import { mediaRoutes } from '../../core/media/media-routes.ts';
import type { FileReader } from '../../core/media/file-readers.ts';
import { createMediaService, type MediaService } from '../../core/media/media-service.ts';
import { createMediaStore } from '../../core/media/media-store.ts';
import { uploadRoutes } from '../../core/uploads/upload-routes.ts';
import type { UploadLimits } from '../../core/uploads/upload-room.ts';
import { createUploadService, type UploadService } from '../../core/uploads/upload-service.ts';
import { createUploadStore } from '../../core/uploads/upload-store.ts';
import { createTestApp, type TestApp, type TestBrowser } from './app.ts';
import type { TestClock } from './clock.ts';
import { recordingLog } from './log.ts';

interface SiteOptions {
  readonly db: Database;
  readonly dataDir: string;
  readonly clock: TestClock;
  readonly maxBytes?: number;
  readonly uploadLimits?: UploadLimits;
  /** By the process that reads files, which takes a second; otherwise whatever begins as an MP4 does is one. */
  readonly readsReally?: boolean;
  /** A free one, unless a browser is to find it where it was; its address is then the public one. */
  readonly port?: number;
}

/** The web of one process. Several may stand on the same database and the same disk. */
export interface UploadSite {
  readonly web: TestApp;
  readonly media: MediaService;
  readonly uploads: UploadService;
  readonly port: number;
  /** As a process that dies: every connection with it. The database stays. */
  stop(): Promise<void>;
}

export async function openUploadSite(options: SiteOptions): Promise<UploadSite> {
  const { db, dataDir, clock, maxBytes, uploadLimits, readsReally = false } = options;
  let rooms: Pick<UploadSite, 'media' | 'uploads'> | undefined;
  const web = await createTestApp({
    db,
    clock,
    ...(options.port === undefined ? {} : { publicUrl: `http://localhost:${options.port}` }),
    routes: ({ t }) => {
      const isNeeded = (): Promise<boolean> => Promise.resolve(false);
      const { log } = recordingLog();
      const parts = { dataDir, clock, log, t, events: createEventLog({ db, clock }), isNeeded };
      const real = createMediaService({ ...parts, store: createMediaStore(db) });
      const media = readsReally ? real : { ...real, openReader: () => quickReader };
      const own = {
        media,
        store: createUploadStore(db),
        ...(uploadLimits === undefined ? {} : { limits: uploadLimits }),
      };
      const uploads = createUploadService({ ...parts, ...own });
      rooms = { media, uploads };
      const limit = maxBytes === undefined ? {} : { maxBytes };
      return [...mediaRoutes({ media, uploads, ...limit }), ...uploadRoutes({ media, uploads, ...limit })];
    },
  });
  if (rooms === undefined) throw new Error('The rooms were not made.');
  await rooms.media.prepare();
  rooms.uploads.prepare();
  const server = createServer(web.app);
  const port = await listen(server, options.port);
  return { web, ...rooms, port, stop: () => cut(server) };
}

const facts = { width: 360, height: 640, durationMs: 4000, frameRate: 30, codec: 'H.264', rotation: 0 };

const quickReader: FileReader = {
  prepare: () => undefined,
  read: async (file) => {
    const isVideo = (await readFile(file)).subarray(4, 8).toString('latin1') === 'ftyp';
    return isVideo ? { type: 'video/mp4', facts } : { refused: 'not-usable' };
  },
  close: () => undefined,
};

async function listen(server: Server, wanted = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return address.port;
}

async function cut(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

export interface Answer {
  /** 0 when the connection was lost. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Call {
  readonly method: 'POST' | 'HEAD' | 'PATCH' | 'DELETE' | 'PUT' | 'GET';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Sends so many bytes of the body, waits for `then`, and cuts the connection. */
  readonly cutAfter?: number;
  readonly then?: () => Promise<void>;
}

/** What tus-js-client sends for one person: the session, the token, the version. */
export class TusClient {
  readonly #port: number;
  readonly #origin: string;
  readonly #browser: Pick<TestBrowser, 'cookie' | 'csrfToken'>;
  readonly #uploads: string;

  /** The origin is the public one of a test's app unless said. */
  constructor(
    site: { readonly port: number; readonly origin?: string },
    browser: Pick<TestBrowser, 'cookie' | 'csrfToken'>,
    teamId: number,
  ) {
    this.#port = site.port;
    this.#origin = site.origin ?? 'http://localhost:3000';
    this.#browser = browser;
    this.#uploads = `/team/${teamId}/files/uploads`;
  }

  create(bytes: number, name = 'Lucia.mp4', headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const metadata = `filename ${Buffer.from(name).toString('base64')}`;
    const own = { 'upload-length': String(bytes), 'upload-metadata': metadata };
    return this.call({ method: 'POST', path: this.#uploads, headers: { ...own, ...headers } });
  }

  /** @returns the id of a new upload */
  async begin(bytes: number, name?: string): Promise<string> {
    const { status, headers, text } = await this.create(bytes, name);
    const id = /\/([0-9a-f]{32})$/u.exec(headers.location ?? '')?.[1];
    if (status !== 201 || id === undefined) throw new Error(`No upload was made: ${status} ${text}`);
    return id;
  }

  head(id: string): Promise<Answer> {
    return this.call({ method: 'HEAD', path: `${this.#uploads}/${id}` });
  }

  /** @returns how much has arrived, as the server says */
  async offsetOf(id: string): Promise<number> {
    return Number((await this.head(id)).headers['upload-offset'] ?? NaN);
  }

  patch(id: string, offset: number, body: Buffer): Promise<Answer> {
    return this.patchInPart(id, { offset, body });
  }

  /** Announces all of `body`, and may be cut off within it. */
  patchInPart(id: string, { offset, ...sent }: Pick<Call, 'body' | 'cutAfter' | 'then'> & { readonly offset: number }) {
    const headers = { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
    return this.call({ method: 'PATCH', path: `${this.#uploads}/${id}`, headers, ...sent });
  }

  remove(id: string): Promise<Answer> {
    return this.call({ method: 'DELETE', path: `${this.#uploads}/${id}` });
  }

  call(call: Call): Promise<Answer> {
    const headers = {
      host: new URL(this.#origin).host,
      cookie: this.#browser.cookie,
      'x-csrf-token': this.#browser.csrfToken,
      'tus-resumable': '1.0.0',
      accept: 'application/json',
      ...(call.method === 'HEAD' ? {} : { origin: this.#origin }),
      ...(call.body === undefined ? {} : { 'content-length': String(call.body.length) }),
      ...call.headers,
    };
    return send(this.#port, call, headers);
  }
}

function send(port: number, call: Call, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { method, path, body, cutAfter, then } = call;
  return new Promise((resolve) => {
    const lost = (): void => resolve({ status: 0, headers: {}, text: '' });
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => void parts.push(part));
      answer.on('error', lost);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString() });
      });
    });
    sent.on('error', lost);
    if (body === undefined || cutAfter === undefined) {
      sent.end(body);
      return;
    }
    sent.write(body.subarray(0, cutAfter), () => {
      const finish = then?.() ?? Promise.resolve();
      void finish.then(() => sent.destroy());
    });
  });
}

/** A video that is longer than it has to be: what players skip (a `free` box) stands at its end. @returns `bytes` of it */
export function padVideo(video: Buffer, bytes: number): Buffer {
  const size = bytes - video.length;
  if (size < 8) throw new Error('The video has no room for a box at its end.');
  const box = randomBytes(size);
  box.writeUInt32BE(size, 0);
  box.write('free', 4, 'latin1');
  return Buffer.concat([video, box]);
}
