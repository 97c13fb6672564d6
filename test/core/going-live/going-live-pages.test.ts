import { expect } from 'chai';
import sharp from 'sharp';
import type { TestBrowser } from '../../support/app.ts';
import { addMember, createMember, createPerson } from '../../support/factories.ts';
import { addTeamRecords } from '../../support/team-records.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

const address = '/admin/going-live';
const tiktok = `${address}/tiktok`;

describe('Going live', function () {
  this.timeout(20_000);
  let whole: WholePanel;
  let admin: TestBrowser;
  let ines: { readonly id: number };

  before(async () => {
    whole = await openWholePanel({ environment: { PUBLIC_URL: 'http://localhost:3000' } });
    ines = await createPerson(whole.web.db, { isAdmin: true, name: 'Ines' });
    admin = await whole.web.signIn(ines);
  });
  after(() => whole.close());

  const page = async (path = tiktok, who = admin) => (await who.get(path)).text;
  const stateOf = (text: string, step: string) =>
    new RegExp(`data-step="${step}" data-step-state="([a-z]+)"`).exec(text)?.[1];
  const sendIcon = (picture: Buffer, name = 'icon.png') =>
    admin
      .send('post', `${tiktok}/icon`)
      .set('Origin', whole.web.publicUrl)
      .field('_csrf', admin.csrfToken)
      .attach('file', picture, name);
  const square = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: '#0b7285' } })
      .png()
      .toBuffer();

  it('is in the sidebar, and shows what comes next before everything else', async () => {
    const text = await page(address);
    expect(text).to.match(/<a href="\/admin\/going-live"[^>]*aria-current="page"/);
    expect(text).to.contain('data-next="use"').and.to.contain('Next: Who it is for');
    expect(text.indexOf('data-next="use"')).to.be.lessThan(text.indexOf('All steps'));
    expect(text).to.contain('0 of 15 steps are done.');
  });

  it('keeps who said that a step was done, and when, and lets it be taken back', async () => {
    const done = await admin.post(`${tiktok}/steps/use`, { done: '1' });
    expect(done.status).to.equal(303);
    const text = await page();
    expect(stateOf(text, 'use')).to.equal('done');
    expect(text)
      .to.match(/Ines said so, .*2026/)
      .and.to.contain('data-next="icon"');
    await admin.post(`${tiktok}/steps/use`, { done: '0' });
    expect(stateOf(await page(), 'use')).to.equal('next');
    const kinds: unknown[] = await whole.web.db.knex('events').where({ actor_id: ines.id }).orderBy('id').pluck('kind');
    expect(kinds).to.deep.equal(['going-live.step-done', 'going-live.step-taken-back']);
  });

  it('lets nobody tick what it looks at by itself', async () => {
    expect((await admin.post(`${tiktok}/steps/trial`, { done: '1' })).status).to.equal(404);
    expect((await admin.post(`${tiktok}/steps/nothing`, { done: '1' })).status).to.equal(404);
    expect((await admin.get(`${address}/nobody`)).status).to.equal(404);
  });

  it('checks the icon: its kind, its size and whether it can be read to its end', async () => {
    const small = await sendIcon(await square(512));
    expect(small.status).to.equal(422);
    expect(small.text).to.contain('512 × 512 pixels. It must be exactly 1024 × 1024.');
    const gif = await sendIcon(Buffer.from('GIF89a, say'), 'icon.gif');
    expect(gif.text).to.contain('neither a JPEG nor a PNG');
    const good = await square(1024);
    const broken = await sendIcon(good.subarray(0, good.length - 40));
    expect(broken.text).to.contain('cannot be read to its end');
    const large = await sendIcon(Buffer.concat([good, Buffer.alloc(5_000_001)]));
    expect(large.text).to.contain('larger than 5 MB');
    expect(await page()).to.contain('No picture was checked yet.');
  });

  it('keeps what it found of the right icon, and who checked it', async () => {
    const good = await sendIcon(await square(1024));
    expect(good.status).to.equal(303);
    const text = await page();
    expect(text)
      .to.match(/data-check="icon" data-met="yes"/)
      .and.to.contain('icon.png fits: 1024 × 1024 pixels');
    expect(text).to.match(/Checked by Ines, .*2026/);
    await admin.post(`${tiktok}/steps/icon`, { done: '1' });
    expect(stateOf(await page(), 'icon')).to.equal('done');
  });

  it('sees the address, the callback, the placeholders and the sandbox by itself', async () => {
    const text = await page();
    for (const check of ['public', 'privacy', 'terms', 'callback', 'connected', 'published', 'submitted']) {
      expect(text, check).to.match(new RegExp(`data-check="${check}" data-met="no"`));
    }
    expect(text).to.match(/data-check="linked" data-met="yes"/);
    await addSandboxTrace();
    const after = await page();
    for (const check of ['connected', 'granted', 'published']) {
      expect(after, check).to.match(new RegExp(`data-check="${check}" data-met="yes"`));
    }
  });

  /** A channel that was connected through the sandbox, and a post that went out through it. */
  async function addSandboxTrace(): Promise<void> {
    const { db } = whole.web;
    await addTeamRecords(whole.web);
    await addMember(db, { team: { id: 1 }, person: ines, role: 'owner' });
    const saved = {
      mode: 'sandbox',
      enabled: '1',
      'sandbox.appId': 'sbawexample00000',
      'sandbox.appSecret': 's-123456',
    };
    const { credentials, deliveries } = { credentials: db.knex('credentials'), deliveries: db.knex('deliveries') };
    const scopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];
    await credentials.update({ app_key: saved['sandbox.appId'], scopes: JSON.stringify(scopes) });
    await deliveries.where({ id: 1 }).update({ state: 'published' });
    expect((await admin.post('/admin/api-integration/tiktok', saved)).status).to.equal(303);
  }

  it('has an explanation with a copy button for exactly what is ticked, and follows the settings', async () => {
    const named = (text: string) => [...text.matchAll(/data-review-text="([^"]+)"/g)].map(([, name]) => name);
    expect(named(await page(`${tiktok}/texts`))).to.deep.equal([
      ...['App description', 'Login Kit', 'Content Posting API (Direct Post)'],
      ...['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'],
    ]);
    const scopes = { 'live.scopes': ['user.info.basic', 'video.list'] };
    await admin.post('/admin/api-integration/tiktok', { mode: 'sandbox', enabled: '1', ...scopes });
    const text = await page(`${tiktok}/texts`);
    expect(named(text)).to.deep.equal(['App description', 'Login Kit', 'user.info.basic', 'video.list']);
    expect(text.match(/data-copy="#text-/g)).to.have.length(4);
    expect(await page(`${tiktok}/film`)).not.to.contain('data-scene="compose"');
    const all = [...scopes['live.scopes'], 'user.info.profile', 'user.info.stats', 'video.publish'];
    await admin.post('/admin/api-integration/tiktok', { mode: 'sandbox', enabled: '1', 'live.scopes': all });
  });

  it('speaks Thai around texts that stay English', async () => {
    const thai = await whole.web.signIn(await createPerson(whole.web.db, { isAdmin: true, name: 'Somchai' }));
    await thai.post('/account/language', { language: 'th' });
    const text = await page(`${tiktok}/texts`, thai);
    expect(text).to.contain('ข้อความสำหรับผู้ตรวจ').and.to.contain('lang="en" readonly');
    expect(text).to.contain('uses Login Kit so that people can connect').and.to.contain('ความหมาย');
  });

  it('finds what a review comment means, and shows all reasons where it finds none', async () => {
    const found = await admin.post(`${tiktok}/comment`, { comment: 'The demo video does not show all scopes.' });
    expect(found.text)
      .to.match(/data-refusal="film"/)
      .and.to.contain('The demo video does not show all scopes.');
    const none = await admin.post(`${tiktok}/comment`, { comment: '<b>Zzz</b>' });
    expect(none.text).not.to.contain('data-refusal');
    expect(none.text).to.contain('None of the known reasons').and.to.contain('&lt;b&gt;Zzz');
  });

  it('puts everything on a page without inline style, and into a file of Markdown', async () => {
    const html = await page(`${tiktok}/pack`);
    expect(html)
      .to.contain('css/pack.css')
      .and.not.to.match(/\sstyle=|<style/);
    const { text, headers } = await admin.get(`${tiktok}/pack.md`);
    expect(headers['content-type']).to.equal('text/markdown; charset=utf-8');
    expect(headers['content-disposition']).to.contain('review-pack-tiktok.md');
    expect(text).to.contain('# Review pack of').and.to.contain('## Explanations').and.to.contain('[x] App icon (Ines,');
    expect(text).to.contain('`http://localhost:3000/privacy-policy`').and.to.contain('### 5. Composing a post');
    expect(text).not.to.match(/[\uFDD0-\uFDD4]|\{\{/);
  });

  it('is closed to everybody but admins', async () => {
    const owner = await whole.web.signIn(await createMember(whole.web.db, { team: { id: 1 }, role: 'owner' }));
    expect((await owner.get(tiktok)).status).to.equal(403);
    expect((await owner.get(`${tiktok}/pack.md`)).status).to.equal(403);
    expect((await owner.post(`${tiktok}/recording`)).status).to.equal(403);
  });

  describe('record mode', () => {
    const film = '/team/1';
    const strips = (text: string) => /data-strip[^]*?<\/aside>/.exec(text)?.[0] ?? '';

    it('is off until an admin switches it on, for an hour and in this session alone', async () => {
      const other = await whole.web.signIn(ines);
      expect(strips(await page(`${film}/channels`))).to.equal('');
      expect((await admin.post(`${tiktok}/recording`)).status).to.equal(303);
      expect(strips(await page(`${film}/channels`))).to.contain('Connecting a profile');
      expect(strips(await page(`${film}/channels`, other))).to.equal('');
      const viewer = await whole.web.signIn(await createMember(whole.web.db, { team: { id: 1 }, role: 'viewer' }));
      expect(strips(await page(`${film}/channels`, viewer))).to.equal('');
    });

    it('R40: walks from the website to the post, each scene leading to the next', async () => {
      const way: string[] = [];
      for (let at: string | undefined = '/'; at !== undefined && way.length < 9;) {
        way.push(at);
        at = /<a class="btn btn-sm" href="([^"]+)">Next: /.exec(strips(await page(at)))?.[1];
      }
      expect(way).to.deep.equal([
        '/',
        `${film}/channels`,
        `${film}/channels/1`,
        `${film}/posts/new`,
        `${film}/posts/2`,
      ]);
      const last = strips(await page(`${film}/posts/2`));
      expect(last).to.contain('Next, on the network: On TikTok');
    });

    it('R38: begins with whom it is for', async () => {
      const home = strips(await page('/'));
      expect(home).to.contain('Scene 1 of 7').and.to.contain('their own original videos');
      expect(home).to.contain('data-shows="R38"');
    });

    it('R40: names R1 to R30 on the composer, without a change of the page', async () => {
      const strip = strips(await page(`${film}/posts/new`));
      const shown = [...strip.matchAll(/data-shows="([^"]+)"/g)].flatMap(([, list = '']) => list.split(' '));
      const asked = Array.from({ length: 30 }, (_, n) => `R${n + 1}`);
      expect(asked.filter((point) => !shown.includes(point))).to.deep.equal([]);
      const plain = await whole.web.signIn(ines);
      const withoutStrip = (text: string) =>
        text
          .replace(/<aside class="cd-strip"[^]*?<\/aside>\n?/, '')
          .replace(/.*(css\/strip|js\/strip)\S*.*\n/g, '')
          .replaceAll(/value="[\w-]{40,}"|[0-9a-f]{32,}/g, '');
      const own = withoutStrip(await page(`${film}/posts/new`));
      expect(own).to.equal(withoutStrip(await page(`${film}/posts/new`, plain)));
    });

    it('leads back to the way from any other page', async () => {
      const strip = strips(await page(`${film}/members`));
      expect(strip).to.contain('No scene plays on this page').and.to.contain('href="/">Next: The website');
    });

    it('survives a new id of the session, and ends by itself after an hour', async () => {
      await addMember(whole.web.db, { team: { id: 1 }, person: ines, role: 'manager' });
      await page('/account');
      expect(strips(await page(`${film}/channels`))).not.to.equal('');
      whole.web.clock.advance(3_600_000);
      expect(strips(await page(`${film}/channels`))).to.equal('');
    });

    it('ends when it is switched off', async () => {
      await admin.post(`${tiktok}/recording`);
      expect(strips(await page(`${film}/channels`))).not.to.equal('');
      await admin.post(`${tiktok}/recording/end`);
      expect(strips(await page(`${film}/channels`))).to.equal('');
    });
  });
});
