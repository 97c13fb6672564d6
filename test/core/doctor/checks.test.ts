import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { SendingSettings } from '../../../core/config/mail-settings.ts';
import type { Database } from '../../../core/db/database.ts';
import { coreMigrations } from '../../../core/db/migrate.ts';
import { addressCheck } from '../../../core/doctor/look-at-address.ts';
import { databaseCheck } from '../../../core/doctor/look-at-database.ts';
import { legalChecks } from '../../../core/doctor/look-at-legal-pages.ts';
import { mailCheck } from '../../../core/doctor/look-at-mail.ts';
import { storageCheck } from '../../../core/doctor/look-at-storage.ts';
import { tokenCheck } from '../../../core/doctor/look-at-tokens.ts';
import { verificationCheck } from '../../../core/doctor/look-at-verification.ts';
import { workerCheck } from '../../../core/doctor/look-at-worker.ts';
import { fetchAsStranger } from '../../../core/site/fetch-as-stranger.ts';
import { checkAnswer } from '../../../core/site/verification-answer.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { createTeam } from '../../support/factories.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { lookWith, type StandIn, startStandIn } from './stand-in.ts';

const { t } = loadTexts({
  folders: ['core/locales'],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
}).speech('en');
const clock = createTestClock();

describe('The installation’s part of the setup check', () => {
  let standIn: StandIn;
  before(async () => {
    standIn = await startStandIn();
  });
  after(() => standIn.close());

  /** Every path answers this, home with the links of a real one. */
  function answer(
    body: string,
    { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ) {
    standIn.answers = ({ url }, response) => {
      const home = '<a href="/privacy-policy">Privacy</a><a href="/terms-of-service">Terms</a>';
      response.writeHead(status, headers).end(url === '/' ? home : body);
    };
  }

  describe('the public address', () => {
    const look = (publicUrl = 'https://panel.example.org') => lookWith(addressCheck({ t, publicUrl }), standIn.url);

    it('is fine where it is https and this installation answers', async () => {
      answer('{"status":"ok"}');
      const found = await look();
      expect(found).to.include({ tone: 'ok', kind: 'ok' });
      expect(found.sentence).to.contain('Fetched by this server, not from outside.');
    });

    it('is to be looked at where only this machine can open it', async () => {
      answer('{"status":"ok"}');
      expect(await look(standIn.url)).to.include({ tone: 'warn', kind: 'local' });
    });

    it('is bad where it redirects, refuses, or belongs to something else', async () => {
      answer('', { status: 301, headers: { location: 'https://www.example.org/healthz' } });
      const found = await look();
      expect(found).to.include({ tone: 'bad', kind: 'redirects' });
      expect(found.meaning).to.contain('https://www.example.org/healthz');
      answer('', { status: 502 });
      expect(await look()).to.include({ tone: 'bad', kind: 'status' });
      answer('<h1>It works!</h1>');
      expect(await look()).to.include({ tone: 'bad', kind: 'other' });
    });

    it('is bad where nothing answers, with the reason', async () => {
      const found = await lookWith(addressCheck({ t, publicUrl: 'http://127.0.0.1:9' }), 'http://127.0.0.1:9');
      expect(found).to.include({ tone: 'bad', kind: 'no-answer', code: 'ECONNREFUSED', who: 'admin' });
      expect(found.steps).to.have.length(3);
    });

    it('is bad where it leads into a local network: nothing there is called', async () => {
      const found = await lookWith(addressCheck({ t, publicUrl: 'https://10.0.0.1' }), 'https://10.0.0.1');
      expect(found).to.include({ tone: 'bad', kind: 'private' });
    });
  });

  describe('a legal page', () => {
    const look = () => Promise.all(legalChecks(t).map((check) => lookWith(check, standIn.url)));

    it('is fine with a text of its own, a 200 and a link from the home page', async () => {
      answer('<h1>Privacy</h1><p>Hazel &amp; Rye keep what you upload.</p>');
      for (const found of await look()) expect(found).to.include({ tone: 'ok', kind: 'ok' });
    });

    it('is bad while it is the placeholder', async () => {
      answer('<div data-placeholder="true">Not written yet</div>');
      const [privacy, terms] = await look();
      expect(privacy).to.include({
        tone: 'bad',
        kind: 'placeholder',
        sentence: 'Privacy policy: still the placeholder',
      });
      expect(terms).to.include({ tone: 'bad', kind: 'placeholder' });
      expect(privacy?.links.map(({ href }) => href)).to.deep.equal(['/admin/site/legal/privacy', '/privacy-policy']);
    });

    it('is bad where strangers cannot read it, or nobody leads them there', async () => {
      answer('', { status: 401 });
      expect((await look())[0]).to.include({ tone: 'bad', kind: 'status' });
      standIn.answers = (_request, response) => void response.end('<p>A page in front of the panel</p>');
      expect((await look())[0]).to.include({ tone: 'bad', kind: 'not-linked' });
    });

    it('is unknown where the public address does not answer', async () => {
      const [privacy] = legalChecks(t);
      if (privacy === undefined) throw new Error('There are no checks.');
      expect(await lookWith(privacy)).to.include({ tone: 'warn', kind: 'unreachable' });
    });
  });

  describe('a verification file', () => {
    const bytes = Buffer.from('tiktok-developers-site-verification=K7fQ');
    const look = (base = standIn.url, count = 1) => {
      const file = { id: 1, place: '/tiktokK7fQ.txt', url: `${base}/tiktokK7fQ.txt`, bytes };
      const kept = { ...file, savedAt: 0, savedBy: null, doubt: undefined };
      const verification = {
        list: () => Promise.resolve(Array.from({ length: count }, () => kept)),
        check: async ({ url }: { readonly url: string }) => checkAnswer({ t, url }, await fetchAsStranger(url), bytes),
      };
      return lookWith(verificationCheck({ t, verification }));
    };
    const headers = { 'content-type': 'text/plain' };

    it('is fine where it answers byte for byte, and none is needed', async () => {
      answer(bytes.toString(), { headers });
      expect(await look()).to.include({ tone: 'ok', kind: 'ok' });
      expect(await look(standIn.url, 0)).to.include({ tone: 'ok', kind: 'none' });
    });

    it('is bad with other bytes or a redirect', async () => {
      answer(`${bytes.toString()}\n`, { headers });
      const found = await look();
      expect(found).to.include({ tone: 'bad', kind: 'differs' });
      expect(found.sentence).to.contain('/tiktokK7fQ.txt');
      answer('', { status: 302, headers: { location: '/sign-in' } });
      expect(await look()).to.include({ tone: 'bad', kind: 'refused' });
    });

    it('is unknown where nothing answers', async () => {
      expect(await look('http://127.0.0.1:9')).to.include({ tone: 'warn', kind: 'unreachable' });
    });
  });

  describe('a worker', () => {
    const alive = {
      id: 'w',
      host: 'a',
      pid: 1,
      startedAt: 0,
      seenAt: 57_000,
      isSilent: false,
      slots: 4,
      slotsInUse: 2,
    };
    const look = (workers: readonly (typeof alive)[], lagMs = 0) => {
      const operations = { snapshot: () => Promise.resolve({ at: 60_000, lagMs, workers }) };
      return lookWith(workerCheck({ t, operations }));
    };

    it('is fine where it reported lately', async () => {
      const found = await look([alive]);
      expect(found).to.include({ tone: 'ok', sentence: 'alive 3 s ago, 2 running' });
    });

    it('is bad where none ever reported, or none does any more', async () => {
      expect(await look([])).to.include({ tone: 'bad', kind: 'none' });
      expect(await look([{ ...alive, isSilent: true }])).to.include({ tone: 'bad', kind: 'silent', at: 57_000 });
    });

    it('is to be looked at where work waits', async () => {
      expect(await look([alive], 600_000)).to.include({ tone: 'warn', kind: 'late' });
    });
  });

  describe('mail', () => {
    const login = { user: 'panel', password: 'quiet-harbour-77' };
    const at = (port: number, password = login.password): SendingSettings => ({
      ...{ host: '127.0.0.1', port, isTls: false, needsTls: false, login: { user: login.user, password } },
      from: { name: '', address: 'panel@example.org' },
    });

    it('is fine where the server takes our password, and sends nothing to find out', async () => {
      const server = await startMailServer({ login });
      expect(await lookWith(mailCheck({ t, mail: at(server.port) }))).to.include({ tone: 'ok' });
      expect(server.mails).to.deep.equal([]);
      await server.close();
    });

    it('is bad where the server refuses it, without repeating it', async () => {
      const server = await startMailServer({ login });
      const found = await lookWith(mailCheck({ t, mail: at(server.port, 'wrong-secret-4711') }));
      expect(found).to.include({ tone: 'bad', kind: 'refused', code: 'EAUTH' });
      expect(JSON.stringify(found)).not.to.contain('wrong-secret-4711');
      await server.close();
      expect(await lookWith(mailCheck({ t, mail: at(9) }))).to.include({ tone: 'bad', code: 'ESOCKET' });
    });

    it('is to be looked at where none is set up', async () => {
      expect(await lookWith(mailCheck({ t, mail: undefined }))).to.include({ tone: 'warn', kind: 'none' });
    });
  });

  describe('storage', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'castdeck-doctor-'));
    });
    after(() => rm(folder, { recursive: true }));
    const look = (bytes: number) =>
      lookWith(storageCheck({ t, dataDir: folder, freeBytes: () => Promise.resolve(bytes) }));

    it('is fine with room, to be looked at with little, bad with hardly any', async () => {
      expect(await look(48e9)).to.include({ tone: 'ok', sentence: 'writable, 48.00 GB free' });
      expect(await look(4e9)).to.include({ tone: 'warn', kind: 'low' });
      expect(await look(4e8)).to.include({ tone: 'bad', kind: 'full' });
    });

    it('is bad where no file can be written, with the system’s reason', async () => {
      const file = path.join(folder, 'a-file');
      await writeFile(file, '');
      const found = await lookWith(storageCheck({ t, dataDir: file }));
      expect(found).to.include({ tone: 'bad', kind: 'not-writable', code: 'ENOTDIR' });
    });
  });

  describe('the database', () => {
    let db: Database;
    beforeEach(async () => {
      db = await openTestDatabase();
    });
    afterEach(() => db.close());
    const look = (offsetMs = 0) => {
      const measured = { measure: () => Promise.resolve(offsetMs) };
      return lookWith(databaseCheck({ t, db, clock: measured, migrations: [coreMigrations] }));
    };

    it('is fine with every table of this version, and says which it is', async () => {
      const found = await look();
      expect(found).to.include({ tone: 'ok', kind: 'ok' });
      expect(found.sentence).to.match(/^SQLite 3\.\d+/u);
    });

    it('is bad with migrations left, or without an answer', async () => {
      await db.knex('migrations_done').where({ name: 'core/038-doctor' }).delete();
      const found = await look();
      expect(found).to.include({ tone: 'bad', kind: 'pending', sentence: 'One migration was not run' });
      expect(found.meaning).to.contain('core/038-doctor');
      await db.close();
      expect(await look()).to.include({ tone: 'bad', kind: 'no-answer' });
    });

    it('is to be looked at where its clock is another', async () => {
      expect(await look(-9_000)).to.include({ tone: 'warn', kind: 'clock' });
    });
  });

  describe('token refresh', () => {
    let db: Database;
    const network = { id: 'tiktok', name: 'TikTok' };
    const look = () => lookWith(tokenCheck({ t, sql: db.knex, clock, network }));
    const change = (facts: object) => db.knex('credentials').update(facts);

    before(async () => {
      db = await openTestDatabase();
    });
    after(() => db.close());

    it('is fine while nobody is connected, and where accesses live', async () => {
      expect(await look()).to.include({ tone: 'ok', kind: 'nobody' });
      const { id: team_id } = await createTeam(db);
      const now = clock.now();
      const [credential_id = 0] = await db.knex('credentials').insert({
        ...{
          plugin: 'tiktok',
          app_key: 'aw1',
          account_id: 'a',
          mode: 'live',
          scopes: '[]',
          state: 'valid',
          version: 1,
        },
        ...{ access_token: '', refresh_token: '', refreshed_at: now },
        ...{ access_expires_at: now + 7_200_000, refresh_expires_at: now + 9e9 },
      });
      const account = { account_id: 'a', nickname: 'Hazel & Rye', is_paused: false };
      await db.knex('channels').insert({ team_id, plugin: 'tiktok', credential_id, ...account, connected_at: now });
      expect(await look()).to.include({ tone: 'ok', kind: 'ok', at: now });
    });

    it('is bad where an access has ended and nobody refreshed it', async () => {
      await change({ access_expires_at: clock.now() - 3_600_000 });
      const found = await look();
      expect(found).to.include({ tone: 'bad', kind: 'overdue' });
      expect(found.links[0]?.href).to.equal('/admin/api-integration/tiktok/connections');
    });

    it('is to be looked at where the last refresh failed, with the network’s code', async () => {
      await change({
        access_expires_at: clock.now() + 7_200_000,
        refresh_failed_at: 1,
        refresh_failed_code: 'server_error',
      });
      expect(await look()).to.include({ tone: 'warn', kind: 'failing', code: 'server_error', place: 'refresh' });
    });

    it('is to be looked at where somebody has to connect again', async () => {
      await change({ state: 'reconnect-needed' });
      expect(await look()).to.include({ tone: 'warn', kind: 'lost', who: 'team' });
    });
  });
});
