import { expect } from 'chai';
import type { TestBrowser } from '../../support/app.ts';
import { createMember } from '../../support/factories.ts';
import { addTeamRecords } from '../../support/team-records.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

describe('Two people who read different languages', () => {
  let whole: WholePanel;
  let team = '';
  let thai: TestBrowser;
  let english: TestBrowser;

  before(async () => {
    whole = await openWholePanel();
    const records = await addTeamRecords(whole.web);
    team = `/team/${records.team.id}`;
    const { t } = whole.panel.base;
    const why = { network: 'TikTok' };
    const outcome = {
      ...{ sentence: t('channels:failed.no_code.sentence', why), nextStep: t('channels:failed.state_old.next', why) },
      ...{ who: 'you', code: 'no_code', at: whole.web.clock.now(), mayBePosted: false },
    };
    const { db } = whole.web;
    await db
      .knex('deliveries')
      .where({ id: 1 })
      .update({ state: 'failed', outcome: JSON.stringify(outcome) });
    await db.knex('posts').where({ id: 1 }).update({ state: 'failed' });
    const join = async (name: string) =>
      whole.web.signIn(await createMember(db, { team: records.team, role: 'owner', name }));
    thai = await join('Malee Srisuk');
    english = await join('Maja Lindqvist');
  });
  after(() => whole.close());

  it('one chooses hers in the account, and is told so in it', async () => {
    expect((await thai.get('/account')).text).to.contain('Language of the interface');
    const saved = await thai.post('/account/language', { language: 'th' });
    expect([saved.status, saved.headers['location']]).to.deep.equal([303, '/account']);
    const page = (await thai.get('/account')).text;
    expect(page).to.contain('<html lang="th"').and.to.contain('บันทึกภาษาของคุณแล้ว');
    expect(page).to.match(/value="th" checked/);
  });

  it('see the same dashboard and the same stored reason, each in words of their own', async () => {
    for (const path of [`${team}/`, `${team}/posts/1`]) {
      const [inThai, inEnglish] = [(await thai.get(path)).text, (await english.get(path)).text];
      expect(inThai, path).to.contain('TikTok ไม่ได้ส่งคำตอบที่ใช้ได้').and.to.contain('เริ่มใหม่ด้วย “เพิ่มช่อง”');
      expect(inEnglish, path).to.contain('TikTok sent no answer that could be used.').and.to.contain('Add Channel');
      expect(inEnglish, path)
        .to.contain('<html lang="en"')
        .and.to.not.match(/[\u0E01-\u0E5B]/);
      expect(inThai + inEnglish, path).to.not.match(/[\uFDD0-\uFDD4]/);
    }
    expect((await thai.get(`${team}/`)).text)
      .to.contain('แดชบอร์ด')
      .and.to.contain('รอคุณดำเนินการ');
  });

  it('are answered errors in their own language, pages and scripts alike', async () => {
    expect((await thai.get('/team/999999')).text).to.contain('ไม่พบสิ่งที่ต้องการ');
    expect((await thai.get('/team/999999').set('Accept', 'application/json')).text).to.contain('ไม่พบสิ่งที่ต้องการ');
    expect((await english.get('/team/999999')).text).to.contain('There is nothing here');
    const refused = await thai.post('/account/name', { name: '' });
    expect([refused.status, refused.text.includes('ยังไม่ได้กรอกชื่อ')]).to.deep.equal([422, true]);
  });

  it('cannot plant a text of ours: what they type loses its marks', async () => {
    await english.post('/account/name', { name: 'Maja \uFDD0frame:signOut\uFDD1 Lind' });
    const page = (await thai.get(`${team}/members`)).text;
    expect(page).to.contain('Maja frame:signOut Lind');
  });

  it('an invitation is read in a language that stays the person’s own', async () => {
    const { db } = whole.web;
    const made = await english.post(`${team}/members`, { email: 'somchai@example.org', role: 'editor' });
    const token = /invitations\/([\w-]+)"/.exec(made.text)?.[1] ?? '';
    const path = `/invitations/${token}`;
    const invited = whole.web.stranger();
    const page = await invited.get(path).set('Accept-Language', 'th');
    const csrf = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const typed = { _csrf: csrf, name: 'Somchai', password: 'saffron and butter' };
    const joined = await invited.post(path, typed).set('Accept-Language', 'th');
    expect(joined.status, joined.text).to.equal(303);
    expect(await db.knex('users').where({ name: 'Somchai' }).pluck('language')).to.deep.equal(['th']);
  });

  it('strangers choose at the foot of a page, or get what their browser would rather have', async () => {
    const stranger = whole.web.stranger();
    expect((await stranger.get('/sign-in')).text)
      .to.contain('<html lang="en"')
      .and.to.contain('>ไทย</a>');
    expect((await stranger.get('/sign-in').set('Accept-Language', 'th-TH,en;q=0.5')).text).to.contain('เข้าสู่ระบบ');
    const chosen = await stranger.get('/language/th?next=%2Fsign-in%3Fnext%3D%252Faccount');
    expect([chosen.status, chosen.headers['location']]).to.deep.equal([303, '/sign-in?next=%2Faccount']);
    expect(chosen.headers['set-cookie']?.[0]).to.match(/^language=th; .*HttpOnly/);
    expect((await stranger.get('/sign-in')).text).to.contain('<html lang="th"');
    expect((await stranger.get('/language/xx')).status).to.equal(404);
    expect((await stranger.get('/language/en?next=https://evil.example')).headers['location']).to.equal('/');
    expect((await english.get('/account').set('Accept-Language', 'th')).text).to.contain('<html lang="en"');
  });
});
