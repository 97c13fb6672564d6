import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { needs } from '../../support/needs.ts';
import { sha256Of } from '../../support/sha256.ts';
import { makePicture } from '../../support/pictures.ts';
import { until } from '../../support/until.ts';
import { openUploadSite, padVideo, TusClient, type UploadSite } from '../../support/uploads.ts';
import { makeVideo } from '../../support/videos.ts';

/** UPLOAD_MEGABYTES=200 by hand: see docs/PERFORMANCE.md. */
const megabytes = Number(process.env['UPLOAD_MEGABYTES'] ?? 12);

describe(`An upload of ${megabytes} MB that is interrupted three times`, function () {
  this.timeout(60_000 + megabytes * 1_000);
  before(needs('ffmpeg'));
  let db: Database;
  let dataDir: string;
  let clock: TestClock;
  let site: UploadSite;
  let maja: TestBrowser;
  let teamId: number;
  let video: Buffer;

  before(async () => {
    db = await openTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-interrupted-'));
    clock = createTestClock();
    site = await openUploadSite({ db, dataDir, clock, readsReally: true });
    const team = await createTeam(db, { name: 'Hazel & Rye' });
    teamId = team.id;
    maja = await site.web.signIn(await createMember(db, { team, role: 'editor', name: 'Maja' }));
    video = padVideo(await readFile(await makeVideo()), megabytes * 1_000_000);
  });

  after(async () => {
    await site.stop();
    await db.close();
    await rm(dataDir, { recursive: true });
  });

  it('goes on where it stopped each time, and is kept with the same SHA-256', async () => {
    let tus = new TusClient(site, maja, teamId);
    const id = await tus.begin(video.length, 'Saffron buns.mp4');
    const onDisk = async (): Promise<number> => (await stat(path.join(site.uploads.folder, id))).size;
    const sendUntil = (offset: number, end: number, interrupt: () => Promise<void>) =>
      tus.patchInPart(id, {
        offset,
        body: video.subarray(offset),
        cutAfter: end - offset,
        then: async () => {
          // What the browser handed over has left it, and some of it has arrived.
          await until(async () => (await onDisk()) > offset, 'something of it arrived');
          await interrupt();
        },
      });

    // The connection is lost.
    await sendUntil(0, Math.floor(video.length / 4), () => Promise.resolve());
    const first = await tus.offsetOf(id);
    expect(first)
      .to.be.greaterThan(0)
      .and.at.most(video.length / 4);

    // The server is stopped in the middle of it, and started again.
    await sendUntil(first, Math.floor(video.length / 2), () => site.stop());
    site = await openUploadSite({ db, dataDir, clock, readsReally: true });
    tus = new TusClient(site, maja, teamId);
    const second = await tus.offsetOf(id);
    expect(second)
      .to.be.greaterThan(first)
      .and.at.most(video.length / 2);

    // A power cut: the process that wrote leaves its lock behind.
    await sendUntil(second, Math.floor((video.length * 3) / 4), () => Promise.resolve());
    const dead = { lock_token: 'f'.repeat(32), locked_until: clock.now() + 10_000 };
    await until(async () => (await db.knex('uploads').whereNull('lock_token')).length === 1, 'the lock is free');
    await db.knex('uploads').update(dead);
    const asked = tus.offsetOf(id);
    await until(
      async () => (await db.knex('uploads').where({ is_wanted: true })).length === 1,
      'somebody waits for it',
    );
    clock.advance(10_001);
    const third = await asked;
    expect(third).to.be.greaterThan(second);

    const last = await tus.patch(id, third, video.subarray(third));
    expect(last.status).to.equal(204);
    const [file] = (await site.media.page(teamId, { before: null, limit: 2 })).items;
    const sha256 = createHash('sha256').update(video).digest('hex');
    expect(file).to.include({ sha256, bytes: video.length, fileName: 'Saffron buns.mp4', codec: 'H.264' });
    expect(await sha256Of(path.join(site.media.folders.media, file?.storedName ?? ''))).to.equal(sha256);
    expect(last.headers['x-media-id']).to.equal(String(file?.id));
    expect(await readdir(site.uploads.folder)).to.deep.equal([]);
  });

  it('is a picture just as well, which is kept as networks take it', async () => {
    const tus = new TusClient(site, maja, teamId);
    const picture = await readFile(await makePicture({ format: 'png' }));
    const id = await tus.begin(picture.length, 'Kringle.png');
    await tus.patch(id, 0, picture.subarray(0, 100));
    expect((await tus.patch(id, 100, picture.subarray(100))).status).to.equal(204);
    const [file] = (await site.media.page(teamId, { before: null, limit: 1 })).items;
    expect(file).to.include({ kind: 'picture', type: 'image/jpeg', fileName: 'Kringle.png' });
    expect(await readdir(site.uploads.folder)).to.deep.equal([]);
  });
});
