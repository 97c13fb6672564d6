import { expect } from 'chai';
import { drawMarkdown } from '../../../core/site/markdown.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

describe('The legal pages', () => {
  let whole: WholePanel;
  let admin: TestBrowser;
  beforeEach(async () => {
    whole = await openWholePanel();
    admin = await whole.web.signIn(await createPerson(whole.web.db, { name: 'Maja Lindqvist', isAdmin: true }));
  });
  afterEach(() => whole.close());

  const at = '/admin/site/legal/privacy';
  const read = async (language = 'en'): Promise<string> =>
    (await whole.web.stranger().get('/privacy-policy').set('accept-language', language).expect(200)).text;

  it('begin with a text that names the installation, what is kept from TikTok and the way out, marked as a sample', async () => {
    const text = await read();
    expect(text).to.contain('data-placeholder="true"').and.to.contain('FILL IN:');
    expect(text).to.contain('From <strong>TikTok</strong>').and.to.contain('remove Castdeck');
    expect(text).to.contain('How to have data deleted').and.to.contain('http://localhost:3000');
    expect(await read('th'))
      .to.contain('data-placeholder="true"')
      .and.to.contain('วิธีขอให้ลบข้อมูล');
    expect((await admin.get(at).expect(200)).text).to.contain('How to have data deleted');
    await whole.web.db.knex('users').update({ language: 'th' });
    expect((await admin.get(at).expect(200)).text, 'in the language of whoever goes on writing it').to.contain(
      'วิธีขอให้ลบข้อมูล',
    );
    for (const path of ['/', '/sign-in']) {
      const page = (await whole.web.stranger().get(path)).text;
      expect(page).to.contain('href="/privacy-policy"').and.to.contain('href="/terms-of-service"');
    }
  });

  it('are no sample any more once a text without gaps is saved, for the readers it is meant for', async () => {
    await admin.post(at, { for: 'en', content: 'Ours. [FILL IN: address]' }).expect(303);
    expect(await read()).to.contain('data-placeholder="true"');
    await admin.post(at, { for: 'en', content: '## Ours\n\nWritten by us.' }).expect(303);
    expect(await read())
      .to.contain('<h2>Ours</h2>')
      .and.not.to.contain('data-placeholder');
    // Better in another language than a sample.
    expect(await read('th'))
      .to.contain('<h2>Ours</h2>')
      .and.to.contain('English');
    await admin.post(at, { for: 'th', content: 'ของเรา' }).expect(303);
    expect(await read('th'))
      .to.contain('ของเรา')
      .and.not.to.contain('<h2>Ours</h2>');
    await admin.post(at, { for: 'all', content: 'For everybody.' }).expect(303);
    expect([await read(), await read('th')].every((text) => text.includes('For everybody.'))).to.equal(true);
    const states = await whole.panel.services.legal.states();
    expect(states.map(({ page, isPlaceholder }) => [page, isPlaceholder])).to.deep.equal([
      ['privacy', false],
      ['terms', true],
    ]);
  });

  it('are shown before they are saved, and refused when empty', async () => {
    const { text } = await admin.post(at, { for: 'en', content: '**Bold**', act: 'preview' }).expect(200);
    expect(text).to.contain('<strong>Bold</strong>').and.to.contain('**Bold**</textarea>');
    expect(await read()).not.to.contain('<strong>Bold</strong>');
    await admin.post(at, { for: 'en', content: ' \n ' }).expect(422);
  });

  it('keep every version with who and when, and an old one can be shown again', async () => {
    await admin.post(at, { for: 'all', content: 'First.' });
    await admin.post(at, { for: 'all', content: 'Second.' });
    const { text } = await admin.get(at).expect(200);
    expect(text).to.contain('data-version="1"').and.to.contain('data-version="2"').and.to.contain('Maja Lindqvist');
    expect((await admin.get(`${at}/versions/1`).expect(200)).text).to.contain('First.');
    await admin.post(`${at}/versions/1/restoration`).expect(303);
    expect(await read()).to.contain('First.');
    expect(await whole.panel.services.legal.versions('privacy')).to.have.lengthOf(3);
    await admin.get('/admin/site/legal/terms/versions/1').expect(404);
  });

  it('S20: write nothing of a text that could run', async () => {
    const payloads = [
      '"><svg onload=alert(1)>',
      '</script><script>alert(1)</script>',
      '[x](javascript:alert(1)) [y](data:text/html,x) [z](vbscript:x) <javascript:alert(1)>',
      '![x](https://evil.example/x.png "onerror=alert(1)")',
      '<a href="//evil" onclick=alert(1)>x</a> <iframe src=x></iframe> <style>*{}</style>',
      '[x](//evil.example) `<img src=x onerror=alert(1)>` {{7*7}} \u202e\u2028',
      '[a]: javascript:alert(1)\n\n[a]',
      '<!-- --!><img src=x onerror=alert(1)>',
    ];
    for (const payload of payloads) {
      const { html } = await drawMarkdown(payload);
      const tags = [...html.matchAll(/<\/?([a-z0-9]+)([^>]*)>/gi)];
      for (const [, tag = '', rest = ''] of tags) {
        expect(['p', 'a', 'code', 'br', 'h2', 'h3'], `${tag} in ${html}`).to.include(tag);
        expect(rest, html).to.match(/^(?: (?:href="(?:https?:|mailto:)[^"]*"|rel="[^"]*"))*$/);
      }
    }
  });
});
