import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { openUploadSite, TusClient, type UploadSite } from '../../support/uploads.ts';
import { until } from '../../support/until.ts';
import { makeVideo } from '../../support/videos.ts';
import type { TestBrowser } from '../../support/app.ts';

onEachDatabase('Uploads that go on', (db) => {
  const maxBytes = 600_000;
  let dataDir: string;
  let clock: TestClock;
  let site: UploadSite;
  let teamId: number;
  let team: { readonly id: number };
  let maja: TestBrowser;
  let tus: TusClient;
  let video: Buffer;

  before(async function () {
    this.timeout(120_000);
    video = await readFile(await makeVideo());
  });

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-uploads-'));
    clock = createTestClock();
    site = await openUploadSite({ db: db(), dataDir, clock, maxBytes });
    team = await createTeam(db(), { name: 'Hazel & Rye' });
    teamId = team.id;
    maja = await site.web.signIn(await createMember(db(), { team, role: 'editor', name: 'Maja' }));
    tus = new TusClient(site, maja, teamId);
  });

  afterEach(async () => {
    await site.stop();
    await rm(dataDir, { recursive: true });
  });

  const uploadsOnDisk = () => readdir(site.uploads.folder);
  const library = async () => (await site.media.page(teamId, { before: null, limit: 9 })).items;
  const half = () => Math.floor(video.length / 2);

  it('come in pieces, and are in the library with their own SHA-256 when the last byte is answered', async () => {
    const id = await tus.begin(video.length, '../../etc/Lucia.mp4');
    const first = await tus.patch(id, 0, video.subarray(0, half()));
    expect([first.status, first.headers['upload-offset']]).to.deep.equal([204, String(half())]);
    expect(first.headers).not.to.have.property('x-media-id');

    const last = await tus.patch(id, half(), video.subarray(half()));
    expect([last.status, last.headers['upload-offset']]).to.deep.equal([204, String(video.length)]);
    const [file] = await library();
    expect(file).to.include({ fileName: 'Lucia.mp4', bytes: video.length, sha256: sha256Of(video) });
    expect(last.headers['x-media-id']).to.equal(String(file?.id));
    expect(await uploadsOnDisk()).to.deep.equal([]);
    expect(await readFile(path.join(site.media.folders.media, file?.storedName ?? ''))).to.deep.equal(video);
    const item = await maja.get(`/team/${teamId}/files/${file?.id}/item`);
    expect(item.text).to.include('data-state="ready"').and.to.include('aria-label="Lucia.mp4"');
  });

  it('are answered also when it is time to note that the session is still used', async () => {
    const id = await tus.begin(video.length);
    clock.advance(120_000);
    expect((await tus.patch(id, 0, video.subarray(0, half()))).status).to.equal(204);
    clock.advance(120_000);
    expect((await tus.remove(id)).status).to.equal(204);
  });

  it('speak tus 1.0: version, a relative Location, 409 for a wrong offset, 412 without the version', async () => {
    const made = await tus.create(video.length, 'Lucia.mp4', {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https,http',
    });
    expect(made.status).to.equal(201);
    expect(made.headers.location).to.match(new RegExp(`^/team/${teamId}/files/uploads/[0-9a-f]{32}$`, 'u'));
    expect(made.headers)
      .to.include({ 'tus-resumable': '1.0.0' })
      .and.not.to.have.property('access-control-allow-origin');
    expect(made.headers['content-security-policy']).to.be.a('string');
    const id = made.headers.location?.slice(-32) ?? '';

    expect((await tus.patch(id, 10, video.subarray(10))).status).to.equal(409);
    const asked = await tus.head(id);
    expect(asked.headers).to.include({ 'upload-offset': '0', 'upload-length': String(video.length) });
    expect(asked.headers['upload-metadata']).to.equal(`filename ${Buffer.from('Lucia.mp4').toString('base64')}`);
    expect((await tus.create(9, 'a.mp4', { 'tus-resumable': '' })).status).to.equal(412);
    expect((await tus.create(9, 'a.mp4', { 'upload-length': 'many' })).status).to.equal(400);
    const path = made.headers.location ?? '';
    expect((await tus.call({ method: 'PUT', path })).status).to.equal(405);
    const early = { 'content-type': 'application/offset+octet-stream' };
    expect((await tus.create(9, 'a.mp4', early)).status, 'bytes with the creation').to.equal(415);
  });

  it('S5: need the session’s token in the header, for each method', async () => {
    const id = await tus.begin(video.length);
    for (const token of ['', 'wrong']) {
      const forged = new TusClient(site, { cookie: maja.cookie, csrfToken: token }, teamId);
      expect((await forged.create(9)).status).to.equal(403);
      expect((await forged.head(id)).status).to.equal(403);
      expect((await forged.patch(id, 0, video)).status).to.equal(403);
      expect((await forged.remove(id)).status).to.equal(403);
    }
    const path = `/team/${teamId}/files/uploads/${id}`;
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await tus.call({ method: 'HEAD', path, headers: foreign })).status).to.equal(403);
    expect((await tus.call({ method: 'DELETE', path, headers: { origin: 'https://evil.example' } })).status).to.equal(
      403,
    );
    expect(await tus.offsetOf(id)).to.equal(0);
  });

  it('S1: belong to one person in one team; for everybody else they do not exist', async () => {
    const id = await tus.begin(video.length);
    const other = await createTeam(db());
    const ben = await site.web.signIn(await createMember(db(), { team, role: 'owner', name: 'Ben' }));
    const ida = await site.web.signIn(await createMember(db(), { team: other, role: 'owner', name: 'Ida' }));
    const viewer = await site.web.signIn(await createMember(db(), { team, role: 'viewer', name: 'Vera' }));
    const row = async (): Promise<unknown> => db().knex('uploads').where({ id }).first();
    const before = await row();
    clock.advance(1_000);
    for (const [browser, at, status] of [
      [ben, teamId, 404],
      [ida, other.id, 404],
      [ida, teamId, 404],
      [viewer, teamId, 403],
    ] as const) {
      const client = new TusClient(site, browser, at);
      expect((await client.head(id)).status).to.equal(status);
      expect((await client.patch(id, 0, video)).status).to.equal(status);
      expect((await client.remove(id)).status).to.equal(status);
      expect((await browser.post(`/team/${at}/files/uploads/${id}/removal`)).status).to.equal(status);
    }
    for (const odd of ['..%2f..%2fkey', 'a'.repeat(33), id.toUpperCase().replace(/\d/gu, 'A'), '%00']) {
      expect((await tus.head(odd)).status, odd).to.be.oneOf([400, 404]);
    }
    expect(await row(), 'nobody else held it, not even for a moment').to.deep.equal(before);
    expect(await tus.offsetOf(id)).to.equal(0);
  });

  it('S29: are refused before a byte when they are too large, too large for the disk, or empty', async () => {
    for (const [bytes, status, words] of [
      [maxBytes + 1, 413, 'larger than'],
      [0, 422, 'empty'],
    ] as const) {
      const answer = await tus.create(bytes);
      expect([answer.status, answer.text]).to.deep.equal([status, answer.text]);
      expect(answer.text).to.include(words);
    }
    expect(await site.uploads.hasRoomFor(1e15)).to.equal(false);
    expect(await uploadsOnDisk()).to.deep.equal([]);
    const id = await tus.begin(1000);
    expect((await tus.patch(id, 0, Buffer.alloc(1001))).status).to.equal(413);
    expect(await tus.offsetOf(id)).to.be.lessThan(1001);
  });

  it('say why a file was refused, to every question after it, and keep nothing of it', async () => {
    const notes = Buffer.from('Saffron, cardamom and a lot of butter.');
    const id = await tus.begin(notes.length, 'notes.mp4');
    const answer = await tus.patch(id, 0, notes);
    expect(answer.status).to.equal(422);
    expect(answer.text).to.include('notes.mp4 is not a video');
    expect((await tus.patch(id, notes.length, Buffer.alloc(0))).status).to.equal(422);
    const asked = await tus.head(id);
    expect(decodeURIComponent(String(asked.headers['x-upload-problem']))).to.include('notes.mp4 is not a video');
    expect(await uploadsOnDisk()).to.deep.equal([]);
    expect((await tus.remove(id)).status).to.equal(204);
    expect((await tus.head(id)).status).to.equal(404);
  });

  it('say so also of a file whose name is cut within an emoji', async () => {
    const id = await tus.begin(7, `menu.${'a'.repeat(18)}🥐🥐`);
    const answer = await tus.patch(id, 0, Buffer.from('Oven on'));
    expect(answer.status).to.equal(422);
    const problem = decodeURIComponent(String((await tus.head(id)).headers['x-upload-problem']));
    expect(problem).to.include(`menu.${'a'.repeat(18)}🥐 is not a video`);
  });

  it('tell the outcome again, and make one media however often they are completed', async () => {
    const id = await tus.begin(video.length);
    const first = await tus.patch(id, 0, video);
    const again = await tus.patch(id, video.length, Buffer.alloc(0));
    const asked = await tus.head(id);
    expect([first.status, again.status, asked.status]).to.deep.equal([204, 204, 200]);
    const ids = [first, again, asked].map(({ headers }) => headers['x-media-id']);
    expect(new Set(ids).size).to.equal(1);
    expect(await library()).to.have.lengthOf(1);
    expect((await tus.patch(id, 0, video)).status).to.equal(409);

    await maja.post(`/team/${teamId}/files/${String(ids[0])}/removal`);
    expect((await tus.head(id)).status, 'removed since: it may be uploaded anew').to.equal(410);
    expect((await tus.head(id)).status).to.equal(404);
  });

  it('are found again after a stop between the last byte and the library, at each place where it may come', async () => {
    const id = await tus.begin(video.length);
    await tus.patch(id, 0, video);
    // As if the process had died before it wrote down what became of it.
    await db().knex('uploads').update({ media_id: null, problem: null });
    const known = await tus.head(id);
    const [file] = await library();
    expect(known.headers['x-media-id']).to.equal(String(file?.id));

    // And as if it had died earlier, when the file was moved and nothing of it written down.
    await db().knex('uploads').update({ media_id: null });
    await db().knex('media').delete();
    const taken = await tus.head(id);
    expect(taken.headers['upload-offset']).to.equal(String(video.length));
    expect(await library()).to.have.lengthOf(1);
    expect((await library())[0]).to.include({ sha256: sha256Of(video), storedName: file?.storedName });
  });

  it('are named on the page to their person, and swept after a week in which nobody went on', async () => {
    const id = await tus.begin(video.length);
    await tus.patch(id, 0, video.subarray(0, half()));
    const page = await maja.get(`/team/${teamId}/files`);
    expect(page.text).to.include('1 unfinished: choose the same file again').and.to.include('kept for 7 days');
    expect(page.text)
      .to.include('Discard what has arrived of Lucia.mp4')
      .and.to.match(/(49|50) % · \d+ kB \/ \d+ kB/u);
    expect(await site.uploads.hasLeftovers()).to.equal(false);
    clock.advance(6.9 * 86_400_000);
    await site.uploads.sweep();
    expect(await uploadsOnDisk()).to.deep.equal([id]);
    clock.advance(0.2 * 86_400_000);
    expect(await site.uploads.hasLeftovers()).to.equal(true);
    await site.uploads.sweep();
    expect(await uploadsOnDisk()).to.deep.equal([]);
    expect(await db().knex('uploads').select('id')).to.deep.equal([]);
    expect(await site.uploads.hasLeftovers()).to.equal(false);
  });

  it('are discarded from the page, also while bytes come in, and leave nothing', async () => {
    const id = await tus.begin(video.length);
    let answer: Promise<number> | undefined;
    await tus.patchInPart(id, {
      offset: 0,
      body: video,
      cutAfter: half(),
      then: async () => {
        answer = maja.post(`/team/${teamId}/files/uploads/${id}/removal`).then(({ status }) => status);
        await answer;
      },
    });
    expect(await answer).to.equal(303);
    expect((await maja.get(`/team/${teamId}/files`)).text).to.include('Lucia.mp4 was discarded');
    expect((await tus.patch(id, half(), video.subarray(half()))).status).to.equal(404);
    expect(await uploadsOnDisk()).to.deep.equal([]);
    expect(await library()).to.deep.equal([]);
  });

  it('are served by two processes on one disk, by turns and at once, without a byte in the wrong place', async () => {
    const second = await openUploadSite({ db: db(), dataDir, clock, maxBytes });
    const others = new TusClient(second, maja, teamId);
    const id = await tus.begin(video.length);
    const piece = Math.ceil(video.length / 6);
    for (const [turn, client] of [tus, others, tus, others].entries()) {
      const offset = turn * piece;
      expect((await client.patch(id, offset, video.subarray(offset, offset + piece))).status).to.equal(204);
    }
    const rest = 4 * piece;
    // Both at once: one writes, the other is told where the upload stands.
    const answers = await Promise.all([tus, others].map((client) => client.patch(id, rest, video.subarray(rest))));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 409]);
    expect((await library()).map(({ sha256 }) => sha256)).to.deep.equal([sha256Of(video)]);
    await second.stop();
  });

  it('let a dead connection go when the browser asks anew', async () => {
    const id = await tus.begin(video.length);
    let asked: Promise<number> | undefined;
    const hanging = tus.patchInPart(id, {
      offset: 0,
      body: video,
      cutAfter: half(),
      then: async () => {
        await until(async () => (await stat(path.join(site.uploads.folder, id))).size === half(), 'half is there');
        asked = tus.offsetOf(id);
        await asked;
      },
    });
    await hanging;
    expect(await asked).to.equal(half());
    expect((await tus.patch(id, half(), video.subarray(half()))).status).to.equal(204);
    expect((await library())[0]?.sha256).to.equal(sha256Of(video));
  });
});

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
