import { expect } from 'chai';
import { type Language, languages } from '../../../core/language/languages.ts';
import { putNotification } from '../../../core/notifications/outbox-store.ts';
import { aliases, catalogue, ErrorBook } from '../../../plugins/tiktok/errors.ts';
import type { Place } from '../../../plugins/tiktok/api/replies.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import { addDelivery } from '../operations/delivery-rows.ts';

/** How a post of TikTok's may end or wait, with the place whose words are told. */
const endings: readonly (readonly [Place, string])[] = [
  ...(['api', 'upload', 'fail', 'own', 'refresh'] as const).flatMap((place) =>
    Object.keys(catalogue[place]).map((code) => [place, code] as const),
  ),
  ...Object.keys(catalogue.any).map((code) => ['api', code] as const),
  ...Object.keys(aliases).map((code) => ['api', code] as const),
];
/** Of the login's page and of the token call behind it. */
const logins = new Set([
  ...Object.keys(catalogue.authorize),
  ...Object.keys(catalogue.token),
  ...['unauthorized_client', 'invalid_scope', 'invalid_redirect_uri', '10003'],
]);

const hrefOf = (code: string): string => `/help/errors/${encodeURIComponent(code)}`;

describe('Every code reaches its page from where it comes up', function () {
  this.timeout(60_000);
  let whole: WholePanel;
  let teamId = 0;
  let postId = 0;
  let deliveryId = 0;
  const browsers = new Map<Language, TestBrowser>();
  let admin: TestBrowser;
  const browser = (language: Language): TestBrowser => {
    const found = browsers.get(language);
    if (found === undefined) throw new Error(`Nobody reads ${language} here.`);
    return found;
  };

  before(async () => {
    whole = await openWholePanel();
    const { db } = whole.web;
    const team = await createTeam(db);
    teamId = team.id;
    ({ postId, deliveryId } = await addDelivery(db, teamId));
    for (const language of languages) {
      const person = await createMember(db, { team, role: 'owner' });
      await db.knex('users').where({ id: person.id }).update({ language });
      browsers.set(language, await whole.web.signIn(person));
    }
    admin = await whole.web.signIn(await createPerson(db, { isAdmin: true }));
  });
  after(() => whole.close());

  /** The delivery has ended like this, with a line about it. */
  const end = async ([place, code]: readonly [Place, string]) => {
    const { db } = whole.web;
    const explanation = new ErrorBook(whole.panel.base.t).explain({ place, code, detail: 'x' });
    const outcome = JSON.stringify({ ...explanation, mayBePosted: false, at: 0 });
    const columns = { state: 'failed', outcome, outcome_code: code };
    await db.knex('deliveries').where({ id: deliveryId }).update(columns);
    return explanation;
  };

  for (const language of languages) {
    it(`a login that failed, in ${language}`, async () => {
      for (const code of logins) {
        const { text } = await browser(language).get(`/app/tiktok/profile?state=x&error=${code}`);
        expect(text, code).to.contain(`<a href="${hrefOf(code)}">${code}</a>`);
        expect(text, code).to.contain('class="cd-ways"');
      }
    });

    it(`a post that did not go out, and what needs a person, in ${language}`, async () => {
      for (const ending of endings) {
        const { sentence } = await end(ending);
        const [, code] = ending;
        const link = `<a href="${hrefOf(code)}">${code}</a>`;
        const { text } = await browser(language).get(`/team/${teamId}/posts/${postId}`).expect(200);
        expect(text, code).to.contain(link);
        expect(text.replaceAll('&#39;', "'"), code).to.contain(
          whole.panel.base.texts.speech(language).say(sentence).slice(0, 20),
        );
        expect((await browser(language).get(`/team/${teamId}/attention`)).text, code).to.contain(link);
      }
    });

    it(`each page is there, with every section, in ${language}`, async () => {
      for (const { code, sections } of whole.panel.services.errorLibrary.all()) {
        const { text } = await browser(language).get(hrefOf(code)).expect(200);
        for (const { place } of sections) expect(text, code).to.contain(`data-place="${place}"`);
        expect(text, code)
          .to.contain(`<html lang="${language}"`)
          .and.not.to.match(/undefined|tiktok-errors:|errors:/);
      }
    });
  }

  it('in the timeline of a post', async () => {
    const facts = { sentence: 'TikTok had a fault.', call: 'video/init', code: 'internal_error', logId: 'LOG1' };
    const event = { subject: 'delivery', subjectId: deliveryId, kind: 'waited', teamId, actorId: null, facts } as const;
    await whole.panel.services.events.record(event);
    await end(['fail', 'spam_risk']);
    const { text } = await browser('en').get(`/team/${teamId}/posts/${postId}`).expect(200);
    expect(text).to.contain(`<dd><a href="${hrefOf('internal_error')}">internal_error</a></dd>`);
  });

  it('in notifications, of posts and of lost accesses', async () => {
    const { db } = whole.web;
    const deps = { clock: whole.panel.base.clock, timings: whole.panel.base.timings };
    const told = { channel: 'Rye Club', plugin: 'tiktok', sentence: 'It failed.', nextStep: 'Trim it.' };
    const facts = { ...told, postId, post: '', who: 'you', code: 'duration_check_failed', mayBePosted: false } as const;
    await putNotification(db.knex, deps, { kind: 'delivery-failed', teamId, subjectId: deliveryId, facts });
    for (const because of ['network', 'app'] as const) {
      const lost = { channel: 'Rye Club', plugin: 'tiktok', because };
      await putNotification(db.knex, deps, { kind: 'reconnect-needed', teamId, subjectId: 1, facts: lost });
    }
    const { text } = await browser('en').get(`/team/${teamId}/notifications`).expect(200);
    for (const code of ['duration_check_failed', 'reconnect_needed', 'app_replaced']) {
      expect(text).to.contain(`<a href="${hrefOf(code)}">${code}</a>`);
    }
  });

  it('at a channel that must be reconnected or lacks a permission, and where a pop-up was blocked', async () => {
    await whole.web.db.knex('credentials').update({ state: 'reconnect-needed' });
    const { text } = await browser('en').get(`/team/${teamId}/channels`).expect(200);
    expect(text).to.contain(hrefOf('reconnect_needed')).and.to.contain(hrefOf('popup_blocked'));
    expect((await browser('en').get(hrefOf('permission_missing'))).status).to.equal(200);
  });

  it('where a file was not taken', async () => {
    const owner = browser('en');
    const sent = owner.send('post', `/team/${teamId}/files`).set('Origin', whole.web.publicUrl);
    const { text } = await sent
      .field('_csrf', owner.csrfToken)
      .attach('file', Buffer.from('no video'), 'x.mp4')
      .expect(422);
    expect(text).to.contain(`<a href="${hrefOf('file_not_taken')}">file_not_taken</a>`);
  });

  it('at a connection whose renewal failed', async () => {
    const failure = { refresh_failed_code: 'invalid_grant', refresh_failed_at: 1, plugin: 'tiktok' };
    await whole.web.db.knex('credentials').update(failure);
    await whole.web.db.knex('channels').update({ plugin: 'tiktok' });
    const { text } = await admin.get('/admin/api-integration/tiktok/connections').expect(200);
    expect(text).to.contain(`<a href="${hrefOf('invalid_grant')}">invalid_grant</a>`);
  });

  it('in the setup check', async () => {
    const found = { tone: 'bad', kind: 'refused', sentence: 'No.', steps: [], links: [], code: 'invalid_client' };
    const row = { name: 'tiktok.keys', tone: 'bad', finding: JSON.stringify(found), checked_at: 1, checked_by: null };
    await whole.web.db.knex('doctor_findings').insert(row);
    const { text } = await admin.get('/admin/api-integration/tiktok').expect(200);
    expect(text).to.contain(`<a href="${hrefOf('invalid_client')}">invalid_client</a>`);
  });

  it('in the result of Test connection', async () => {
    const fields = { mode: 'live', enabled: '1', 'live.appId': 'awnew000000000000', 'live.appSecret': 'a-new-secret' };
    const { text } = await admin.post('/admin/api-integration/tiktok/test', fields).expect(200);
    expect(text).to.contain(`<a href="${hrefOf('no_answer')}">no_answer</a>`);
  });
});
