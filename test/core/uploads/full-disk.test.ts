import disk from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import type { Database } from '../../../core/db/database.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { needs } from '../../support/needs.ts';
import { openUploadSite, TusClient, type UploadSite } from '../../support/uploads.ts';
import { makeVideo } from '../../support/videos.ts';

describe('An upload that goes on, on a disk that takes no more', function () {
  this.timeout(30_000);
  before(needs('ffmpeg'));
  let db: Database;
  let dataDir: string;
  let site: UploadSite;
  let tus: TusClient;

  before(async () => {
    db = await openTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-full-uploads-'));
    site = await openUploadSite({ db, dataDir, clock: createTestClock() });
    const team = await createTeam(db);
    tus = new TusClient(site, await site.web.signIn(await createMember(db, { team, role: 'editor' })), team.id);
  });

  afterEach(() => sinon.restore());
  after(async () => {
    await site.stop();
    await db.close();
    await rm(dataDir, { recursive: true });
  });

  it('P13: says so plainly, keeps what has arrived, and goes on there once there is room', async () => {
    const video = await readFile(await makeVideo());
    const id = await tus.begin(video.length);
    const stub = sinon.stub(disk, 'createWriteStream').callsFake(fullAfter(200_000));
    const refused = await tus.patch(id, 0, video);
    expect(refused.status).to.equal(503);
    expect(refused.text).to.include('There is no room to store this').and.not.to.include(dataDir);
    stub.restore();

    const arrived = await tus.offsetOf(id);
    expect(arrived).to.be.at.most(200_000);
    const last = await tus.patch(id, arrived, video.subarray(arrived));
    expect(last.status).to.equal(204);
    expect(last.headers).to.have.property('x-media-id');
  });

  it('P13: keeps a whole file that could not be moved into the library, and takes it when it is asked for again', async () => {
    const video = await readFile(await makeVideo());
    const id = await tus.begin(video.length, 'Kringle.mp4');
    await db.knex.schema.alterTable('media', (table) => table.renameColumn('codec', 'codec_away'));
    expect((await tus.patch(id, 0, video)).status).to.equal(500);
    await db.knex.schema.alterTable('media', (table) => table.renameColumn('codec_away', 'codec'));
    const asked = await tus.head(id);
    expect(asked.headers).to.have.property('x-media-id');
  });
});

const openStream = disk.createWriteStream;

/** So many bytes reach the disk, then it is full. */
function fullAfter(bytes: number): typeof disk.createWriteStream {
  return (...where) => {
    const stream = openStream(...where);
    let written = 0;
    const write = stream._write.bind(stream);
    stream._write = (chunk: Buffer, encoding, done) => {
      written += chunk.length;
      if (written <= bytes) write(chunk, encoding, done);
      else done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' }));
    };
    Reflect.set(stream, '_writev', undefined);
    return stream;
  };
}
