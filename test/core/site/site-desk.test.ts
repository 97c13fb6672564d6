import { expect } from 'chai';
import sharp from 'sharp';
import type { Test } from 'supertest';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import { createPerson } from '../../support/factories.ts';
import type { TestBrowser } from '../../support/app.ts';

function pngOf(body: unknown): Buffer {
  if (!Buffer.isBuffer(body)) throw new Error('The answer holds no bytes.');
  return body;
}

describe('The looks of an installation', () => {
  let whole: WholePanel;
  let admin: TestBrowser;
  before(async () => {
    whole = await openWholePanel({
      environment: { SMTP_URL: 'smtp://127.0.0.1', MAIL_FROM: 'Desk <desk@example.org>' },
    });
    admin = await whole.web.signIn(await createPerson(whole.web.db, { isAdmin: true }));
  });
  after(() => whole.close());

  const home = async (language = 'en'): Promise<string> =>
    (await whole.web.stranger().get('/').set('accept-language', language)).text;
  const upload = (kind: string, file: Buffer, name = 'logo.png'): Test =>
    admin
      .send('post', `/admin/site/logo/${kind}`)
      .set('Origin', whole.web.publicUrl)
      .field({ _csrf: admin.csrfToken })
      .attach('file', file, name);
  const picture = (width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background: '#aa3366' } })
      .png()
      .toBuffer();

  it('change on every page at once: name, colour, words of the home page in each language', async () => {
    const typed = { name: 'Nordlys', accent: '#AA3366', language: 'th', 'home-title.en': 'Your week, planned' };
    await admin.post('/admin/site', { ...typed, 'home-text.en': 'By <b>Nordlys</b>.' }).expect(303);
    const page = await home();
    expect(page).to.contain('Your week, planned').and.to.contain('By &lt;b&gt;Nordlys&lt;/b&gt;.');
    expect(page).to.contain('· Nordlys</title>').and.not.to.contain('Castdeck');
    const accent = /href="(\/assets\/accent\.css[^"]*)"/.exec(page)?.[1] ?? '';
    const css = await whole.web
      .stranger()
      .get(accent)
      .expect(200)
      .expect('cache-control', /immutable/);
    expect(css.text).to.contain('--cd-accent: #aa3366');
    expect(await home('th')).not.to.contain('Your week, planned');
    expect(whole.panel.base.siteLanguage()).to.equal('th');
    expect((await whole.web.stranger().get('/nowhere').expect(404)).text).to.contain('Nordlys');
  });

  it('leave what the environment sets, and refuse what cannot be used without losing what was typed', async () => {
    await admin
      .post('/admin/site', { name: 'Nordlys', accent: '#aa3366', language: 'en', 'sender-name': 'Me' })
      .expect(303);
    expect(whole.panel.base.identity.sender()).to.deep.equal({ name: 'Desk', address: 'desk@example.org' });
    expect((await admin.get('/admin/site').expect(200)).text).to.contain('Set by the environment (MAIL_FROM)');
    const bad = { name: '', accent: 'red;}', language: 'xx', 'home-title.en': 'two\nlines' };
    const { text } = await admin.post('/admin/site', bad).expect(422);
    expect(text).to.contain('value="red;}"').and.to.contain('six hexadecimal digits').and.to.contain('needs a name');
    expect(whole.panel.base.identity.name()).to.equal('Nordlys');
  });

  it('show an uploaded logo, drawn anew, and take it away again', async () => {
    await upload('square', await picture(600, 600)).expect(303);
    await upload('wide', await picture(900, 200)).expect(303);
    const page = await home();
    const src = /<link rel="icon" href="([^"]+)"/.exec(page)?.[1] ?? '';
    const logo = await whole.web
      .stranger()
      .get(src)
      .responseType('blob')
      .expect(200)
      .expect('content-type', 'image/png');
    expect(await sharp(pngOf(logo.body)).metadata()).to.include({ width: 256, height: 256, format: 'png' });
    expect(page).to.contain('class="wide" src="/assets/logo-wide.png?v=');
    for (const kind of ['square', 'wide']) await admin.post(`/admin/site/logo/${kind}/removal`).expect(303);
    expect(await home())
      .to.contain('logo-mark')
      .and.not.to.contain('logo-wide.png');
    await whole.web.stranger().get('/assets/logo.png').expect(404);
  });

  it('refuse logos that are none: an SVG, the wrong shape, too small, not whole', async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><script>alert(1)</script></svg>',
    );
    const refused = [
      ['square', svg, 'SVG may hold script'],
      ['square', await picture(300, 100), 'equal sides'],
      ['square', await picture(64, 64), 'Choose a larger picture'],
      ['wide', await picture(200, 200), 'one and a half times'],
      ['square', (await picture(300, 300)).subarray(0, 60), 'cannot be read'],
    ] as const;
    for (const [kind, file, words] of refused) {
      const { text } = await upload(kind, file).expect(422);
      expect(text).to.contain(words);
    }
  });
});
