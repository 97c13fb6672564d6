import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMediaService, type MediaService } from '../../../core/media/media-service.ts';
import { createMediaStore } from '../../../core/media/media-store.ts';
import { ConflictError, InputError, NotFoundError } from '../../../core/errors.ts';
import { createEventLog, type EventLog } from '../../../core/events/event-log.ts';
import type { Database } from '../../../core/db/database.ts';
import type { ReceivedFile } from '../../../core/media/media.ts';
import { openTestDatabase } from '../../support/database.ts';
import { caught } from '../../support/failure.ts';
import { makePicture } from '../../support/pictures.ts';
import { makeVideo } from '../../support/videos.ts';

const sha256 = 'c0ffee'.repeat(11).slice(0, 64);
const now = Date.UTC(2026, 10, 21, 9, 30);
const clock = { now: () => now };
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('The media library', function () {
  this.timeout(120_000);
  let db: Database;
  let dataDir: string;
  let media: MediaService;
  let events: EventLog;
  let neededId: number | null;
  let member: { id: number; teamId: number };
  let otherTeam: number;

  beforeEach(async () => {
    db = await openTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-media-'));
    events = createEventLog({ db, clock });
    neededId = null;
    const isNeeded = (id: number): Promise<boolean> => Promise.resolve(id === neededId);
    const t = (key: string, values = {}): string => `${key} ${JSON.stringify(values)}`;
    media = createMediaService({ store: createMediaStore(db), dataDir, clock, log, events, t, isNeeded });
    await media.prepare();
    const [id] = await db.knex('users').insert({ email: 'maja@hazelandrye.example', name: 'Maja', created_at: now });
    const [teamId] = await db.knex('teams').insert({ name: 'Hazel & Rye', zone: 'Europe/Copenhagen', created_at: now });
    const [other] = await db.knex('teams').insert({ name: 'Northlight', zone: 'UTC', created_at: now });
    member = { id: Number(id), teamId: Number(teamId) };
    otherTeam = Number(other);
  });

  afterEach(async () => {
    await db.close();
    await rm(dataDir, { recursive: true });
  });

  const receive = async (source: string, fileName = path.basename(source)) => {
    const incoming = path.join(media.folders.incoming, 'received');
    await copyFile(source, incoming);
    return { path: incoming, fileName, bytes: (await stat(incoming)).size, sha256 };
  };
  const take = async (file: ReceivedFile) => {
    const reader = media.openReader();
    try {
      return await media.take(member, file, reader);
    } finally {
      reader.close();
    }
  };

  it('reads length, picture size, frame rate and codec from the file itself', async () => {
    const source = await makeVideo({ seconds: 4, size: '360x640', frameRate: 25 });

    const taken = await take(await receive(source, 'Lucia morning.mp4'));

    expect(taken).to.include({ fileName: 'Lucia morning.mp4', type: 'video/mp4', kind: 'video', codec: 'H.264' });
    expect(taken).to.include({ width: 360, height: 640, durationMs: 4000, frameRate: 25, rotation: 0 });
    expect(taken.sha256).to.equal(sha256);
    expect(await readFile(media.view(taken).path)).to.deep.equal(await readFile(source));
    expect(await readdir(media.folders.incoming)).to.deep.equal([]);
  });

  it('takes a poster frame as a JPEG', async () => {
    const taken = await take(await receive(await makeVideo()));
    const poster = await readFile(path.join(media.folders.media, taken.posterName ?? 'none'));
    expect(poster.subarray(0, 3).toString('hex')).to.equal('ffd8ff');
  });

  it('takes a picture as networks take it, tells what was done to it, and leaves nothing of what came in', async () => {
    const taken = await take(
      await receive(await makePicture({ width: 1512, height: 2016, format: 'png' }), 'Oven.png'),
    );

    expect(taken).to.include({ fileName: 'Oven.png', kind: 'picture', type: 'image/jpeg', width: 1080, height: 1440 });
    expect(taken).to.include({ durationMs: null, frameRate: null, codec: null });
    expect(taken.changed).to.deep.equal({ what: ['format', 'size'], from: 'png', width: 1512, height: 2016 });
    const kept = await readFile(media.view(taken).path);
    expect(createHash('sha256').update(kept).digest('hex')).to.equal(taken.sha256);
    expect(kept.byteLength).to.equal(taken.bytes);
    expect((await media.find(member.teamId, taken.id)).changed).to.deep.equal(taken.changed);
    expect(await readdir(media.folders.incoming)).to.deep.equal([]);
    expect(await readdir(media.folders.media)).to.have.length(2);
    expect(await media.hasLeftovers()).to.equal(false);
  });

  it('reads WebM and MOV, and turns the size of a rotated video', async () => {
    const webm = await take(await receive(await makeVideo({ format: 'webm' })));
    const mov = await take(await receive(await makeVideo({ format: 'mov' })));
    const turned = await take(await receive(await makeVideo({ rotation: 90 })));

    expect(webm).to.include({ type: 'video/webm', codec: 'VP8' });
    expect(mov).to.include({ type: 'video/quicktime', codec: 'H.264' });
    expect([turned.width, turned.height]).to.deep.equal([640, 360]);
  });

  it('S24: judges by content, whatever the name says', async () => {
    for (const content of ['<html><script>alert(1)</script>', '<svg onload="alert(1)"/>', '%PDF-1.7', 'GIF89a/*']) {
      const disguised = path.join(dataDir, 'disguised.mp4');
      await writeFile(disguised, content.padEnd(4096, ' '));
      const error = await caught(InputError, take(await receive(disguised)));
      expect(error.message).to.match(/^media:refused\.(not-usable|unreadable|animated)/);
    }
    const htmlInBox = Buffer.concat([
      Buffer.from('000000186674797069736f6d', 'hex'),
      Buffer.from('<html>'.repeat(900)),
    ]);
    const polyglot = path.join(dataDir, 'polyglot.mp4');
    await writeFile(polyglot, htmlInBox);
    await caught(InputError, take(await receive(polyglot)));
    expect(await readdir(media.folders.media)).to.deep.equal([]);
    expect(await readdir(media.folders.incoming)).to.deep.equal([]);
  });

  it('refuses a video whose end is missing', async () => {
    const cut = path.join(dataDir, 'cut.webm');
    await copyFile(await makeVideo({ megabits: 8 }), cut);
    await truncate(cut, Math.floor((await stat(cut)).size * 0.6));
    const error = await caught(InputError, take(await receive(cut)));
    expect(error.message).to.match(/^media:refused\.(incomplete|no-video)/);
  });

  it('finds a file only through its team', async () => {
    const taken = await take(await receive(await makeVideo()));
    await caught(NotFoundError, media.find(otherTeam, taken.id));
    expect(await media.findMany(otherTeam, [taken.id])).to.deep.equal([]);
  });

  it('refuses to remove a file that a scheduled post needs', async () => {
    const taken = await take(await receive(await makeVideo()));
    neededId = taken.id;
    await caught(ConflictError, media.remove(member, taken.id));
    expect(await readdir(media.folders.media)).to.have.length(2);
  });

  it('removes the bytes, keeps the facts for published posts, and says who did it', async () => {
    const taken = await take(await receive(await makeVideo()));

    await media.remove(member, taken.id);

    expect(await readdir(media.folders.media)).to.deep.equal([]);
    await caught(NotFoundError, media.find(member.teamId, taken.id));
    const [kept] = await media.findMany(member.teamId, [taken.id]);
    expect(kept).to.include({ fileName: taken.fileName, deletedAt: now });
    const recorded = await events.of('media', taken.id);
    expect(recorded.map((event) => [event.kind, event.actorId])).to.deep.equal([
      ['media.added', member.id],
      ['media.removed', member.id],
    ]);
  });

  it('pages newest first without gaps or repeats', async () => {
    const source = await makeVideo();
    const added: number[] = [];
    for (let n = 0; n < 3; n += 1) added.unshift((await take(await receive(source))).id);

    const first = await media.page(member.teamId, { before: null, limit: 2 });
    const second = await media.page(member.teamId, { before: first.next, limit: 2 });

    expect([...first.items, ...second.items].map((item) => item.id)).to.deep.equal(added);
    expect(second.next).to.equal(null);
  });

  it('sweeps away what interrupted uploads left behind, but not a running one', async () => {
    const [old, running] = ['old', 'running'].map((name) => path.join(media.folders.incoming, name));
    for (const file of [old, running]) await writeFile(file ?? '', 'bytes');
    await utimes(old ?? '', now / 1000 - 7200, now / 1000 - 7200);
    await utimes(running ?? '', now / 1000 - 60, now / 1000 - 60);
    await media.prepare();
    expect(await readdir(media.folders.incoming)).to.deep.equal(['running']);
  });
});
