import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'supertest';
import { createEventLog } from '../../../core/events/event-log.ts';
import { mediaRoutes } from '../../../core/media/media-routes.ts';
import { createMediaService, type MediaService } from '../../../core/media/media-service.ts';
import { createMediaStore } from '../../../core/media/media-store.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { recordingLog } from '../../support/log.ts';
import { makeVideo } from '../../support/videos.ts';

describe('The files pages', function () {
  this.timeout(120_000);
  let app: TestApp;
  let media: MediaService;
  let dataDir: string;
  let video: string;
  let files: string;
  let teamId: number;
  let editor: TestBrowser;
  let viewer: TestBrowser;
  let foreigner: TestBrowser;
  const maxBytes = 600_000;

  before(async () => {
    video = await makeVideo();
  });

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-files-'));
    app = await createTestApp({
      routes: ({ db, clock, t }) => {
        const events = createEventLog({ db, clock });
        const isNeeded = (): Promise<boolean> => Promise.resolve(false);
        const store = createMediaStore(db);
        media = createMediaService({ store, dataDir, clock, log: recordingLog().log, events, t, isNeeded });
        return mediaRoutes({ media, maxBytes });
      },
    });
    await media.prepare();
    const [team, other] = [await createTeam(app.db, { name: 'Hazel & Rye' }), await createTeam(app.db)];
    teamId = team.id;
    files = `/team/${team.id}/files`;
    editor = await app.signIn(await createMember(app.db, { team, role: 'editor' }));
    viewer = await app.signIn(await createMember(app.db, { team, role: 'viewer' }));
    foreigner = await app.signIn(await createMember(app.db, { team: other, role: 'owner' }));
  });

  afterEach(async () => {
    await app.close();
    await rm(dataDir, { recursive: true });
  });

  /** As the page's script sends it. */
  const upload = (browser: TestBrowser, file: string, name = 'Lucia.mp4'): Test =>
    browser
      .send('post', files)
      .set('Origin', app.publicUrl)
      .set('x-csrf-token', browser.csrfToken)
      .set('x-requested-with', 'castdeck-upload')
      .attach('file', file, { filename: name });

  /** As the form sends it without the script: the token is the first field. */
  const sendForm = (browser: TestBrowser, token: string): Test =>
    browser.send('post', files).set('Origin', app.publicUrl).field('_csrf', token).attach('file', video, 'Lucia.mp4');

  it('take a file from the page’s script and answer with the finished item', async () => {
    const answer = await upload(editor, video);
    expect(answer.status).to.equal(201);
    expect(answer.text).to.include('data-state="ready"').and.to.include('aria-label="Lucia.mp4"');
    const sha256 = createHash('sha256')
      .update(await readFile(video))
      .digest('hex');
    expect(await app.db.knex('media').select('sha256')).to.deep.equal([{ sha256 }]);
    const list = await editor.get(files);
    expect(list.text).to.include('Lucia.mp4').and.to.include('0:04 · 360 × 640 · 30 fps · H.264');
  });

  it('take a file without JavaScript, with the token as the form’s first field', async () => {
    const answer = await sendForm(editor, editor.csrfToken);
    expect(answer.status).to.equal(303);
    const list = await editor.get(files);
    expect(list.text).to.include('role="status"').and.to.include('Lucia.mp4 is ready.');
  });

  it('S5: refuse a multipart form without the session’s token before a byte is kept', async () => {
    for (const token of ['', 'wrong', foreigner.csrfToken]) {
      const answer = await sendForm(editor, token);
      expect(answer.status).to.equal(403);
    }
    expect(await readdir(media.folders.incoming)).to.deep.equal([]);
    expect((await media.page(teamId, { before: null, limit: 5 })).items).to.deep.equal([]);
  });

  it('S5: refuse a form without a file, too, unless it holds the session’s token', async () => {
    const send = () => editor.send('post', files).set('Origin', app.publicUrl);
    expect((await send().type('form').send('name=x')).status).to.equal(403);
    expect(
      (
        await send()
          .type('text/plain')
          .send(JSON.stringify({ _csrf: editor.csrfToken }))
      ).status,
    ).to.equal(403);
    expect((await send().field('_csrf', foreigner.csrfToken)).status).to.equal(403);
    expect((await send().field('_csrf', editor.csrfToken)).status).to.equal(422);
  });

  it('S35: take only plain numbers for ids and for the place in the list', async () => {
    await upload(editor, video);
    const [file] = (await media.page(teamId, { before: null, limit: 1 })).items;
    const id = file?.id ?? 0;
    for (const odd of [`${id}e0`, `0${id}`, `%20${id}`, `${id}.0`, `+${id}`, `0x${id}`]) {
      expect((await editor.get(`${files}/${odd}/content`)).status, odd).to.equal(404);
    }
    for (const odd of ['1e999', 'Infinity', '-1', '0.5', '[object Object]']) {
      expect((await editor.get(`${files}?before=${odd}`)).text, odd).to.include('Lucia.mp4');
    }
  });

  it('S29: leave nothing on the disk of an upload that breaks off, of two files, or of a broken form', async () => {
    const part = (name: string, rest: string) => `--x\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n`;
    const token = part('_csrf', `\r\n\r\n${editor.csrfToken}`);
    const file = part('file', `; filename="${'n'.repeat(300)}.mp4"\r\nContent-Type: video/mp4\r\n\r\nbytes`);
    const bodies = {
      'two files': `${token}${file}${file}--x--\r\n`,
      'another field': `${token}${file.replace('"file"', '"other"')}--x--\r\n`,
      'broken off': `${token}${file}`,
      'a field of 2^32': `${token}${part('a[4294967294]', '\r\n\r\n1')}${part('a[]', '\r\n\r\n1')}${file}--x--\r\n`,
      'a deep field': `${token}${part(`a${'[b]'.repeat(2_000)}`, '\r\n\r\n1')}${file}--x--\r\n`,
      'many fields': `${token}${part('a', '\r\n\r\n1').repeat(30)}${file}--x--\r\n`,
      'a nested token': `${token.replace('_csrf', '_csrf[a]')}${file}--x--\r\n`,
      'no name': `${token}--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n${file}--x--\r\n`,
    };
    for (const [what, body] of Object.entries(bodies)) {
      const call = editor.send('post', files).set('Origin', app.publicUrl);
      const answer = await call.type('multipart/form-data; boundary=x').send(body);
      expect(answer.status, what).to.be.oneOf([400, 403, 422]);
      expect(await readdir(media.folders.incoming), what).to.deep.equal([]);
    }
  });

  it('S29: stop at the limit with 413 and leave nothing on the disk', async () => {
    const [fits, tooLarge] = ['fits', 'too-large'].map((name) => path.join(dataDir, name));
    await writeFile(fits ?? '', Buffer.alloc(maxBytes));
    await writeFile(tooLarge ?? '', Buffer.alloc(maxBytes + 1));
    expect((await upload(editor, fits ?? '')).status).to.equal(422);
    const refused = await upload(editor, tooLarge ?? '');
    expect(refused.status).to.equal(413);
    expect(refused.text).to.include('larger than').and.to.include('role="alert"');
    expect(await readdir(media.folders.incoming)).to.deep.equal([]);
  });

  it('refuse what is no video with a sentence, and the plain form keeps its page', async () => {
    const text = path.join(dataDir, 'notes.mp4');
    await writeFile(text, 'Saffron, cardamom and a lot of butter.');
    const answer = await editor
      .send('post', files)
      .set('Origin', app.publicUrl)
      .field('_csrf', editor.csrfToken)
      .attach('file', text, 'notes.mp4');
    expect(answer.status).to.equal(422);
    expect(answer.text).to.include('notes.mp4 is not a video').and.to.include('aria-invalid="true"');
  });

  it('S2: let a viewer look but not upload or remove', async () => {
    expect((await upload(viewer, video)).status).to.equal(403);
    expect((await viewer.get(files)).text).not.to.include('type="file"');
  });

  it('S1: answer another team as if the file did not exist', async () => {
    await upload(editor, video);
    const [file] = (await media.page(teamId, { before: null, limit: 1 })).items;
    const id = file?.id ?? 0;
    for (const browser of [foreigner]) {
      for (const address of [`${files}/${id}/content`, `${files}/${id}/poster`, files]) {
        expect((await browser.get(address)).status, address).to.equal(404);
      }
      expect((await browser.post(`${files}/${id}/removal`)).status).to.equal(404);
    }
    expect((await editor.get(`${files}/${id}/content`)).status).to.equal(200);
  });

  it('S25: serve bytes under our own record of their type, sandboxed, as a download', async () => {
    await upload(editor, video, 'Lucia "morning" é.mp4');
    const [file] = (await media.page(teamId, { before: null, limit: 1 })).items;
    const answer = await editor.get(`${files}/${file?.id ?? 0}/content`);
    expect(answer.headers).to.include({
      'content-type': 'video/mp4',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers['content-security-policy']).to.include('sandbox');
    expect(answer.headers['content-disposition']).to.match(/^attachment; filename="Lucia .*; filename\*=UTF-8''/);
    expect(answer.body).to.deep.equal(await readFile(video));
  });

  it('S25: answer a byte range with exactly that range, and only to members', async () => {
    await upload(editor, video);
    const [file] = (await media.page(teamId, { before: null, limit: 1 })).items;
    const address = `${files}/${file?.id ?? 0}/content`;
    const part = await editor.get(address).set('Range', 'bytes=100-199');
    expect(part.status).to.equal(206);
    expect(part.body).to.deep.equal((await readFile(video)).subarray(100, 200));
    expect((await foreigner.get(address).set('Range', 'bytes=0-1')).status).to.equal(404);
    expect((await app.stranger().get(address).set('Range', 'bytes=0-1')).status).to.equal(303);
  });

  it('S26: keep only the last part of a name and never a path', async () => {
    await upload(editor, video, '..\\..\\etc/passwd\u202e4pm.mp4');
    const [file] = (await media.page(teamId, { before: null, limit: 1 })).items;
    expect(file?.fileName).to.equal('passwd4pm.mp4');
    expect(file?.storedName).to.match(/^[0-9a-f]{32}\.mp4$/);
  });

  it('remove a file and say so', async () => {
    await upload(editor, video);
    const [file] = (await media.page(teamId, { before: null, limit: 1 })).items;
    expect((await editor.post(`${files}/${file?.id ?? 0}/removal`)).status).to.equal(303);
    expect((await editor.get(files)).text)
      .to.include('Lucia.mp4 was removed.')
      .and.to.include('No files yet');
  });
});
