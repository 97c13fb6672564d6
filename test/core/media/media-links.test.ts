import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { readKeys, type KeyRing } from '../../../core/keys/key-ring.ts';
import { loggedPath } from '../../../core/web/request-log.ts';
import { redactText } from '../../../core/log/redact.ts';
import { createLinkedFileStore } from '../../../core/media/linked-file-store.ts';
import { mediaLinkRoutes } from '../../../core/media/media-link-routes.ts';
import { createMediaLinks, type MediaLinks } from '../../../core/media/media-links.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createTeam } from '../../support/factories.ts';

const now = Date.UTC(2026, 10, 22, 9);
const hour = 3_600_000;

function ring(...bytes: readonly number[]): KeyRing {
  const text = bytes.map((byte) => `k${byte}:${Buffer.alloc(32, byte).toString('base64')}`).join(',');
  const keys = readKeys(text);
  if ('problem' in keys) throw new Error(keys.problem);
  return keys.ring;
}

describe('The addresses under which a network fetches media', () => {
  let app: TestApp;
  let links: MediaLinks;
  let folder: string;
  let at: number;
  let id: number;

  beforeEach(async () => {
    at = now;
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-links-'));
    links = createMediaLinks('https://panel.example.org', () => ring(1));
    app = await createTestApp({
      routes: ({ db }) =>
        mediaLinkRoutes({
          ...{ mediaFolder: folder, findLinkedFile: createLinkedFileStore(db), mediaLinks: links },
          clock: { now: () => at },
        }),
    });
    id = await addMedia('a.jpg', 'picture', 'image/jpeg');
    await writeFile(path.join(folder, 'a.jpg'), 'the bytes of a picture');
  });

  afterEach(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  const addMedia = async (storedName: string, kind: string, type: string): Promise<number> => {
    const { id: teamId } = await createTeam(app.db);
    const facts = { bytes: 22, sha256: 'a'.repeat(64), width: 1080, height: 1350, created_at: now };
    const row = { team_id: teamId, file_name: 'Oven.jpg', stored_name: storedName, kind, type, ...facts };
    const [added] = await app.db.knex('media').insert(row);
    return Number(added);
  };
  const make = (mediaId = id, type = 'image/jpeg', until = now + hour): string =>
    new URL(links.forPlugins.make({ id: mediaId, type }, until)).pathname;
  const get = (address: string) => app.stranger().get(address);

  it('R37: give the bytes to whoever has one, without a session, a redirect or anything to find by a search', async () => {
    const answer = await get(make());
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({ 'content-type': 'image/jpeg', 'content-length': '22' });
    expect(answer.headers['cache-control']).to.equal('private, no-store');
    expect(answer.headers['x-robots-tag']).to.include('noindex');
    expect(answer.headers).to.not.have.property('set-cookie');
    expect(Buffer.from(z(answer.body)).toString()).to.equal('the bytes of a picture');
    const head = await request(app.app).head(make()).set('Host', 'localhost:3000');
    expect([head.status, head.headers['content-length']]).to.deep.equal([200, '22']);
  });

  it('begin with what an admin verifies, and differ each time', () => {
    expect(links.forPlugins).to.include({ prefix: 'https://panel.example.org/m/', isPublic: true });
    const one = links.forPlugins.make({ id, type: 'image/webp' }, now + hour);
    expect(one).to.match(/^https:\/\/panel\.example\.org\/m\/[\w-]{59}\.webp$/u);
    expect(one).to.not.equal(links.forPlugins.make({ id, type: 'image/webp' }, now + hour));
    for (const local of ['http://localhost:3000', 'https://127.0.0.1']) {
      expect(createMediaLinks(local, () => ring(1)).forPlugins.isPublic, local).to.equal(false);
    }
  });

  it('answer the same plain 404 for whatever is wrong', async () => {
    const right = make();
    const video = await addMedia('b.mp4', 'video', 'video/mp4');
    const gone = await addMedia('c.jpg', 'picture', 'image/jpeg');
    await app.db.knex('media').where({ id: gone }).update({ deleted_at: now });
    const foreign = new URL(
      createMediaLinks('https://x.org', () => ring(9)).forPlugins.make({ id, type: '' }, now + hour),
    );
    const wrong = [
      ...[make(id, 'image/jpeg', now), make(video), make(gone), make(999_999), foreign.pathname],
      ...[right.replace(/.\.jpg$/u, (end) => (end.startsWith('A') ? 'B.jpg' : 'A.jpg')), right.replace('.jpg', '.png')],
      ...[`/m/${id}.jpg`, `/m/${'A'.repeat(59)}.jpg`, '/m/..%2fa.jpg', `/m/${id}`],
    ];
    for (const address of wrong) {
      const answer = await get(address);
      expect([answer.status, answer.type, answer.text], address).to.deep.equal([404, 'text/plain', 'Not found\n']);
    }
    at = now + hour - 1;
    expect((await get(right)).status).to.equal(200);
    at = now + hour;
    expect((await get(right)).status).to.equal(404);
  });

  it('go on to hold after the key was changed, and end with the old key', () => {
    const name = path.basename(make());
    const renewed = (...bytes: number[]) => createMediaLinks('https://panel.example.org', () => ring(...bytes));
    expect(renewed(2, 1).open(name, now)).to.equal(id);
    expect(renewed(2).open(name, now)).to.equal(undefined);
  });

  it('never stand in a log in full', () => {
    const address = make();
    expect(loggedPath(address)).to.equal('/m/•');
    const said = redactText(`could not fetch https://panel.example.org${address} nor ${address}`);
    expect(said).to.not.include(path.basename(address, '.jpg'));
  });
});

function z(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new Error('An answer of bytes was expected.');
}
