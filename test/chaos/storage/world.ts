import disk from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import sinon from 'sinon';
import { z } from 'zod';
import { createEventLog } from '../../../core/events/event-log.ts';
import { mediaRoutes } from '../../../core/media/media-routes.ts';
import { createMediaService, type MediaService } from '../../../core/media/media-service.ts';
import { createMediaStore, type MediaStore } from '../../../core/media/media-store.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { openTestDatabase } from '../../support/database.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import type { MariaDbServer } from '../../support/mariadb.ts';
import { sha256Of } from '../../support/sha256.ts';
import { silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';
import { makeVideo } from '../../support/videos.ts';
import type { Dice } from '../dice.ts';

/** What the person who uploads a file is answered. */
interface Answer {
  /** 0: the line was cut, as it is when the answer comes before all of the file was sent. */
  readonly status: number;
  readonly text: string;
}

/** Something goes wrong while files are uploaded. */
interface Trouble {
  readonly name: string;
  /** @returns the answers of all uploads, once the trouble is over */
  meet(dice: Dice): Promise<readonly Answer[]>;
}

const codes = ['ENOSPC', 'EIO', 'EDQUOT'] as const;
const twoHours = 7_200_000;
/** About as long as an upload takes. */
const uploadMs = 300;
const openStream = disk.createWriteStream;

/** The library of one team, whose disk and database can be full, and whose database can be gone. */
export class StorageWorld {
  readonly dataDir: string;
  readonly troubles: readonly Trouble[];
  readonly #app: TestApp;
  readonly #media: MediaService;
  readonly #editor: TestBrowser;
  readonly #teamId: number;
  readonly #video: { readonly file: string; readonly bytes: number };
  readonly #seams: Seams;

  private constructor(parts: {
    readonly dataDir: string;
    readonly app: TestApp;
    readonly media: MediaService;
    readonly editor: TestBrowser;
    readonly teamId: number;
    readonly video: { readonly file: string; readonly bytes: number };
    readonly seams: Seams;
    readonly server: MariaDbServer | undefined;
  }) {
    this.dataDir = parts.dataDir;
    this.#app = parts.app;
    this.#media = parts.media;
    this.#editor = parts.editor;
    this.#teamId = parts.teamId;
    this.#video = parts.video;
    this.#seams = parts.seams;
    this.troubles = [...this.#troublesOfDisk(), ...this.#troublesOfDatabase(parts.server)];
  }

  static async open(server: MariaDbServer | undefined): Promise<StorageWorld> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-storage-'));
    const rooms: { media?: MediaService } = {};
    const seams: Seams = { now: () => Date.now(), aroundInsert: (insert) => insert() };
    const app = await createTestApp({
      db: await openTestDatabase(server === undefined ? {} : { mariadb: server }),
      routes: ({ db, clock, t }) => {
        const real = createMediaStore(db);
        const store: MediaStore = { ...real, insert: (...row) => seams.aroundInsert(() => real.insert(...row)) };
        const isNeeded = (): Promise<boolean> => Promise.resolve(false);
        const parts = { store, dataDir, events: createEventLog({ db, clock }), t, isNeeded, log: silentLog };
        rooms.media = createMediaService({ ...parts, clock: { now: () => seams.now() } });
        return mediaRoutes({ media: rooms.media });
      },
    });
    const { media } = rooms;
    if (media === undefined) throw new Error('The routes were not made.');
    await media.prepare();
    const team = await createTeam(app.db);
    const editor = await app.signIn(await createMember(app.db, { team, role: 'editor' }));
    const file = await makeVideo();
    const video = { file, bytes: (await stat(file)).size };
    return new StorageWorld({ dataDir, app, media, editor, teamId: team.id, video, seams, server });
  }

  async close(): Promise<void> {
    sinon.restore();
    await this.#app.close();
    await rm(this.dataDir, { recursive: true });
  }

  /** Whoever was told to try again does so. @returns the file that was stored then, and whether the library has it */
  async uploadUntilStored(): Promise<{ readonly id: number; readonly isListed: boolean }> {
    const ids = new Set((await this.#rows()).map(({ id }) => id));
    await until(async () => (await this.#upload()).status === 303, 'the file is stored');
    const added = (await this.#rows()).filter(({ id }) => !ids.has(id));
    const [newest] = added.slice(-1);
    const { items } = await this.#media.page(this.#teamId, { before: null, limit: 5 });
    return { id: newest?.id ?? 0, isListed: items[0]?.id === newest?.id };
  }

  async remove(id: number): Promise<void> {
    await this.#media.remove({ id: 1, teamId: this.#teamId }, id);
  }

  /** Once the sweep has been: files that no row names, and rows whose file is missing or another. */
  async orphans(): Promise<{ readonly withoutRow: readonly string[]; readonly withoutFile: readonly string[] }> {
    const { incoming, media } = this.#media.folders;
    this.#seams.now = () => Date.now() + twoHours;
    await this.#media.sweep();
    this.#seams.now = () => Date.now();
    const rows = await this.#rows();
    const named = new Set(rows.flatMap((row) => [row.stored_name, row.poster_name]));
    const files = [...(await readdir(incoming)), ...(await readdir(media))];
    const withoutFile: string[] = [];
    for (const { stored_name: name, poster_name: poster, sha256 } of rows) {
      const isWhole = files.includes(name) && (await sha256Of(path.join(media, name))) === sha256;
      if (!isWhole || (poster !== null && !files.includes(poster))) withoutFile.push(name);
    }
    return { withoutRow: files.filter((file) => !named.has(file)), withoutFile };
  }

  /** What the database says of its own files: `PRAGMA integrity_check`, `CHECK TABLE` of each. */
  async damages(): Promise<readonly string[]> {
    const { kind, knex } = this.#app.db;
    if (kind === 'sqlite') {
      const found: unknown = await knex.raw('pragma integrity_check');
      const lines = z.array(z.object({ integrity_check: z.string() })).parse(found);
      return lines.map((line) => line.integrity_check).filter((line) => line !== 'ok');
    }
    const listed: unknown = await knex('information_schema.tables')
      .whereRaw('table_schema = database()')
      .select({ name: 'table_name' });
    const tables = z.array(z.object({ name: z.string() })).parse(listed);
    const checked: unknown = await knex.raw(`check table ${tables.map(({ name }) => `\`${name}\``).join(', ')}`);
    const said = z.tuple([z.array(z.object({ Table: z.string(), Msg_text: z.string() })), z.unknown()]).parse(checked);
    return said[0].filter((line) => line.Msg_text !== 'OK').map((line) => `${line.Table}: ${line.Msg_text}`);
  }

  #troublesOfDisk(): readonly Trouble[] {
    return [
      {
        name: 'a write error',
        meet: async (dice) => {
          const code = codes[dice.between(0, codes.length - 1)] ?? 'EIO';
          return this.#withRoom(dice.between(0, this.#video.bytes - 1), code, async () => [await this.#upload()]);
        },
      },
      {
        name: 'a small quota',
        meet: async (dice) => {
          const quota = dice.between(0, 2 * this.#video.bytes);
          const answers: Answer[] = [];
          for (let n = 0; n < 3; n += 1) {
            const room = quota - n * this.#video.bytes;
            answers.push(...(await this.#withRoom(room, 'EDQUOT', async () => [await this.#upload()])));
          }
          if (answers.at(-1)?.status !== 503) throw new Error('More was stored than there is room for.');
          for (const { id } of await this.#rows()) await this.remove(id);
          return answers;
        },
      },
    ];
  }

  #troublesOfDatabase(server: MariaDbServer | undefined): readonly Trouble[] {
    if (server === undefined) {
      return [
        { name: 'a full database', meet: () => this.#fillDatabase() },
        { name: 'no answer about the row', meet: (dice) => this.#loseRow(dice) },
      ];
    }
    return [
      {
        name: 'a database killed during the upload',
        meet: async (dice) => {
          const death = pause(dice.between(0, uploadMs)).then(() => server.kill9());
          const [answer] = await Promise.all([this.#upload(), death.then(() => server.restart())]);
          return [answer, ...(await this.#revive())];
        },
      },
      {
        name: 'a database killed while the row is written',
        meet: async (dice) => {
          this.#seams.aroundInsert = async (insert) => {
            const death = pause(dice.between(0, 4)).then(() => server.kill9());
            const [row] = await Promise.all([insert(), death.then(() => server.restart())]);
            return row;
          };
          const answer = await this.#upload();
          this.#seams.aroundInsert = (insert) => insert();
          return [answer, ...(await this.#revive())];
        },
      },
    ];
  }

  async #revive(): Promise<readonly Answer[]> {
    // Connections that died with the server are noticed when they are used.
    const answers: Answer[] = [];
    await until(async () => {
      const answer = await this.#upload();
      answers.push(answer);
      return answer.status === 303;
    }, 'the database is used again');
    return answers;
  }

  async #fillDatabase(): Promise<readonly Answer[]> {
    const { knex } = this.#app.db;
    const pages = z.tuple([z.object({ page_count: z.number() })]).parse(await knex.raw('pragma page_count'));
    await knex.raw(`pragma max_page_count = ${pages[0].page_count + 2}`);
    await knex.raw('create table if not exists filling (bytes blob)');
    for (const bytes of [3_000, 300, 30]) {
      let isFull = false;
      while (!isFull) {
        isFull = await knex.raw('insert into filling values (zeroblob(?))', [bytes]).then(
          () => false,
          () => true,
        );
      }
    }
    const answer = await this.#upload();
    await knex.raw('pragma max_page_count = 1000000');
    await knex.raw('delete from filling');
    return [answer];
  }

  async #loseRow(dice: Dice): Promise<readonly Answer[]> {
    const isWritten = dice.between(0, 1) === 1;
    this.#seams.aroundInsert = async (insert) => {
      if (isWritten) await insert();
      throw Object.assign(new Error('gone'), { code: 'PROTOCOL_CONNECTION_LOST' });
    };
    const answer = await this.#upload();
    this.#seams.aroundInsert = (insert) => insert();
    return [answer];
  }

  /** So many more bytes reach the disk, then each write ends with the code. */
  async #withRoom<T>(bytes: number, code: string, work: () => Promise<T>): Promise<T> {
    const stub = sinon.stub(disk, 'createWriteStream').callsFake((...where) => {
      const stream = openStream(...where);
      let written = 0;
      const write = stream._write.bind(stream);
      stream._write = (chunk: Buffer, encoding, done) => {
        written += chunk.length;
        if (written <= bytes) write(chunk, encoding, done);
        else done(Object.assign(new Error(code), { code, syscall: 'write' }));
      };
      Reflect.set(stream, '_writev', undefined);
      return stream;
    });
    return work().finally(() => stub.restore());
  }

  async #upload(): Promise<Answer> {
    try {
      const { status, text } = await this.#editor
        .send('post', `/team/${this.#teamId}/files`)
        .set('Origin', this.#app.publicUrl)
        .set('x-csrf-token', this.#editor.csrfToken)
        .attach('file', this.#video.file, { filename: 'Lucia.mp4' });
      return { status, text };
    } catch (error) {
      if (!cutLine.safeParse(error).success) throw error;
      return { status: 0, text: '' };
    }
  }

  async #rows(): Promise<z.output<typeof mediaRows>> {
    return mediaRows.parse(await this.#app.db.knex('media').whereNull('deleted_at').orderBy('id').select());
  }
}

/** Where troubles reach in. */
interface Seams {
  now: () => number;
  aroundInsert: (insert: () => ReturnType<MediaStore['insert']>) => ReturnType<MediaStore['insert']>;
}

const cutLine = z.object({ code: z.enum(['EPIPE', 'ECONNRESET']) });

const mediaRows = z.array(
  z.object({ id: z.number(), stored_name: z.string(), poster_name: z.string().nullable(), sha256: z.string() }),
);
