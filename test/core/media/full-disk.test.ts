import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import disk from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { createEventLog } from '../../../core/events/event-log.ts';
import { inspectFile } from '../../../core/media/inspect-file.ts';
import { mediaRoutes } from '../../../core/media/media-routes.ts';
import { createMediaService, type MediaService } from '../../../core/media/media-service.ts';
import { createMediaStore, type MediaStore } from '../../../core/media/media-store.ts';
import { isDiskFull } from '../../../core/web/unavailable.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { recordingLog } from '../../support/log.ts';
import { makeVideo } from '../../support/videos.ts';

describe('A disk that takes no more', function () {
  this.timeout(30_000);
  let app: TestApp;
  let media: MediaService;
  let store: MediaStore;
  let dataDir: string;
  let editor: TestBrowser;
  let files: string;
  let now: () => number;
  let insert: MediaStore['insert'];

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-full-'));
    app = await createTestApp({
      routes: ({ db, clock, t }) => {
        const real = createMediaStore(db);
        insert = (...row) => real.insert(...row);
        store = { ...real, insert: (...row) => insert(...row) };
        const isNeeded = (): Promise<boolean> => Promise.resolve(false);
        const events = createEventLog({ db, clock });
        now = () => Date.now();
        const parts = { store, dataDir, events, t, isNeeded, log: recordingLog().log };
        media = createMediaService({ ...parts, clock: { now: () => now() } });
        return mediaRoutes({ media });
      },
    });
    await media.prepare();
    const team = await createTeam(app.db);
    files = `/team/${team.id}/files`;
    editor = await app.signIn(await createMember(app.db, { team, role: 'editor' }));
  });

  afterEach(async () => {
    sinon.restore();
    await app.close();
    await rm(dataDir, { recursive: true });
  });

  const upload = async () =>
    editor
      .send('post', files)
      .set('Origin', app.publicUrl)
      .set('x-csrf-token', editor.csrfToken)
      .attach('file', await makeVideo(), { filename: 'Lucia.mp4' });
  const kept = async (): Promise<readonly string[]> =>
    [...(await readdir(media.folders.incoming)), ...(await readdir(media.folders.media))].sort();
  const rows = (): Promise<unknown[]> => app.db.knex('media').select('id');

  it('P13: answers 503 plainly, keeps no row and no part of the file, and takes the next one', async () => {
    for (const [trial, code] of ['ENOSPC', 'EDQUOT'].entries()) {
      const stub = sinon.stub(disk, 'createWriteStream').callsFake(failingAfter(trial * 90_000, code));
      const answer = await upload();
      expect(answer.status, code).to.equal(503);
      expect(answer.text).to.include('There is no room to store this').and.to.include('Tell your admin');
      expect(answer.text).to.not.include(dataDir);
      stub.restore();
    }
    expect(await rows()).to.deep.equal([]);
    expect(await kept()).to.deep.equal([]);
    expect((await upload()).status).to.equal(303);
    expect(await rows()).to.have.lengthOf(1);
  });

  it('P13: is told from a picture that cannot be read: its converted copy found no room, the picture is as good as it was', async () => {
    const read = (): Promise<unknown> => Promise.resolve({ type: 'image/png', disk: 'ENOSPC' });
    const reader = { read, prepare: () => undefined, close: () => undefined };
    const failure: unknown = await inspectFile('Lucia.png', reader).catch((error: unknown) => error);
    expect(isDiskFull(failure)).to.equal(true);
  });

  it('P13: says 503 while the database is away, and sweeps the file away that got no row', async () => {
    insert = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }));
    expect((await upload()).status).to.equal(503);
    expect(await rows()).to.deep.equal([]);
    const left = await kept();

    await media.sweep();
    expect(await kept(), 'too young: its row may just be coming').to.deep.equal(left);
    now = () => Date.now() + 7_200_000;
    await media.sweep();
    expect(await kept()).to.deep.equal([]);
  });

  it('P13: keeps a file whose row was written although the answer of the database was lost', async () => {
    const real = insert;
    insert = async (...row) => {
      await real(...row);
      throw Object.assign(new Error('lost'), { code: 'PROTOCOL_CONNECTION_LOST' });
    };
    expect((await upload()).status).to.equal(503);
    await writeFile(path.join(media.folders.media, 'notes of somebody.txt'), 'not ours');
    now = () => Date.now() + 7_200_000;
    await media.sweep();
    const [row] = (await media.page(Number(files.split('/')[2]), { before: null, limit: 5 })).items;
    expect(await kept()).to.include.members([row?.storedName, 'notes of somebody.txt']);
  });
});

const openStream = disk.createWriteStream;

/** The write streams of multer: so many bytes reach the disk, then it is full. */
function failingAfter(bytes: number, code: string): typeof disk.createWriteStream {
  return (...where) => {
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
  };
}
