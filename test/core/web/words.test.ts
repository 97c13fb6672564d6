import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostsOf } from '../../../core/web/hosts.ts';
import { initials } from '../../../core/web/pages.ts';
import { loggedPath } from '../../../core/web/request-log.ts';
import { safePath } from '../../../core/web/safe-path.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { timeWords } from '../../../core/web/times.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

describe('Texts', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'texts-'));
    await mkdir(path.join(folder, 'en'));
    const room = { hello: 'Hello {{name}}', deep: { posts_one: '1 post', posts_other: '{{count}} posts' } };
    await writeFile(path.join(folder, 'en', 'room.json'), JSON.stringify(room));
  });
  after(() => rm(folder, { recursive: true }));

  it('are found by room and key, with values and numbers', () => {
    const t = loadTexts({ folders: [folder], onMissing: () => undefined }).speech('en').t;
    expect(t('room:hello', { name: '<b>$t(room:deep)' })).to.equal('Hello <b>$t(room:deep)');
    expect([t('room:deep.posts', { count: 1 }), t('room:deep.posts', { count: 3 })]).to.deep.equal([
      '1 post',
      '3 posts',
    ]);
  });

  it('fill in what a value says as it stands, and leave the name of a value that is not there', () => {
    const t = loadTexts({ folders: [folder], onMissing: () => undefined }).speech('en').t;
    expect(t('room:hello', { name: '{{name}}' })).to.equal('Hello {{name}}');
    expect([t('room:hello'), t('room:hello', { name: 'Malee' })]).to.deep.equal(['Hello {{name}}', 'Hello Malee']);
  });

  it('a missing one is told and shows its key', () => {
    const missing: string[] = [];
    const t = loadTexts({ folders: [folder], onMissing: (key) => void missing.push(key) }).speech('th').t;
    expect(t('room:nothing')).to.equal('nothing');
    t('room:deep');
    expect(missing, 'a group of texts is none').to.deep.equal(['room:nothing', 'room:deep']);
  });

  it('a file that is no JSON stops the start and is named', async () => {
    await writeFile(path.join(folder, 'en', 'broken.json'), '{');
    expect(() => loadTexts({ folders: [folder], onMissing: () => undefined })).to.throw('broken.json');
    await rm(path.join(folder, 'en', 'broken.json'));
  });
});

describe("A plugin's settings, wherever a page tells of them", () => {
  let whole: WholePanel;
  before(async () => {
    whole = await openWholePanel({
      environment: { TIKTOK_MODE: 'sandbox', TIKTOK_CLIENT_KEY: 'sbawdemo', TIKTOK_CLIENT_SECRET: 'a-secret' },
    });
  });
  after(() => whole.close());

  it('are words, never the keys of words', async () => {
    const { db } = whole.web;
    const team = await createTeam(db);
    const person = await createMember(db, { team, role: 'owner', isAdmin: true });
    const browser = await whole.web.signIn(person);
    const settings = '/admin/api-integration/tiktok';
    const pages = [
      { answer: await browser.get('/'), words: ['The public videos of the profile'] },
      { answer: await browser.get(`/team/${team.id}/channels?add`), words: ['Publishing scheduled posts', 'Sandbox'] },
      { answer: await browser.get(settings), words: ['App ID', 'client secret', 'The reviewed app.', 'Not used:'] },
      {
        answer: await browser.post(settings, { mode: 'live', 'live.appId': 'aw demo', 'live.scopes': ['none'] }),
        words: ['App ID has a space or line break inside.', 'Scopes: “none” is not one of the choices.'],
      },
      {
        answer: await browser.post(`${settings}/test`, { mode: 'live', 'live.appId': '' }),
        words: ['the set Live still needs App ID, App Secret'],
      },
    ];
    for (const { answer, words } of pages) {
      expect(answer.text, words[0]).to.not.match(/tiktok(-insights)?:[a-z]|>settings\./);
      for (const word of words) expect(answer.text).to.contain(word);
    }
  });
});

describe("Times in the team's zone", () => {
  const now = Date.UTC(2026, 11, 9, 9, 42);
  const t = (key: string, values: Readonly<Record<string, string | number>> = {}) =>
    key === 'web:time.today' ? `Today, ${values['clock'] ?? ''}` : `${values['date'] ?? ''}, ${values['clock'] ?? ''}`;
  const time = timeWords({ zone: 'Europe/Copenhagen', locale: 'en-GB', now, t });

  it('name today, another day of the year and another year', () => {
    expect(time.short(now)).to.equal('Today, 10:42');
    expect(time.short(Date.UTC(2026, 11, 9, 23, 30))).to.equal('10 Dec, 00:30');
    expect(time.short(Date.UTC(2025, 5, 1, 12))).to.equal('1 Jun 2025, 14:00');
  });

  it('have a long form, a day, a clock and an age', () => {
    expect(time.long(now)).to.equal('Wednesday 9 December 2026, 10:42');
    expect(time.day(now)).to.equal('Wednesday 9 December');
    expect(time.clock(Date.UTC(2026, 5, 1, 22, 5))).to.equal('00:05');
    expect(time.ago(now - 37 * 60_000)).to.equal('37 minutes ago');
    expect(time.ago(now + 2 * 3_600_000)).to.equal('in 2 hours');
  });
});

describe('Addresses', () => {
  it('S34: a path leads nowhere else', () => {
    const refused = [
      '',
      'evil',
      '//evil',
      '/\\evil',
      '/%5c/../..//evil\n',
      'https://evil',
      '/..//evil',
      '/./..//evil',
      '/\u00a0/evil',
    ];
    for (const typed of refused) expect(safePath(typed), typed).to.equal(undefined);
    expect(safePath('/team/1/?a=b#c')).to.equal('/team/1/?a=b');
  });

  it('a loopback installation answers to its three names at its port, any other to its own alone', () => {
    const local = hostsOf('http://localhost:3000');
    for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000'])
      expect(local.isOwn(host), host).to.equal(true);
    expect(local.isOwn('localhost:3001')).to.equal(false);
    expect(local.isOwnOrigin('http://127.0.0.1:3000', 'localhost:3000')).to.equal(false);
    const desk = hostsOf('https://desk.example');
    expect([desk.isOwn('desk.example'), desk.isOwn('desk.example.evil'), desk.isOwn('localhost')]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(desk.isOwnOrigin('http://desk.example', 'desk.example')).to.equal(false);
  });

  it('are logged without query and without tokens', () => {
    expect(loggedPath('/app/tiktok/profile?code=x&state=y')).to.equal('/app/tiktok/profile');
    expect(loggedPath('/password/abc')).to.equal('/password/•');
  });
});

describe('Initials', () => {
  it('are the first letters of the first and the last word', () => {
    expect([
      initials('Maja Lindqvist'),
      initials('maja'),
      initials(' Ida von  Bo '),
      initials('🧁 Bakery'),
    ]).to.deep.equal(['ML', 'M', 'IB', '🧁B']);
    expect(initials('')).to.equal('');
  });
});
