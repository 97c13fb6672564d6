import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { accountRoutes } from '../../../core/account/account-routes.ts';
import { createNotificationService } from '../../../core/notifications/notification-service.ts';
import { notificationRoutes } from '../../../core/notifications/notification-routes.ts';
import { putNotification } from '../../../core/notifications/outbox-store.ts';
import { createWeeklyChoices } from '../../../core/weekly/weekly-choices.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { readTeamFacts } from '../../../core/teams/team-facts.ts';
import { standardTimings } from '../../../core/timings.ts';
import type { FrameReader } from '../../../core/web/pages.ts';
import type { Person, TeamOfMember } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';

const unexpected = (): never => {
  throw new Error('This test expects no change of an account.');
};
const attack = '"><svg onload=alert(1)>';

describe('Notifications in the panel', () => {
  let web: TestApp;
  let team: Omit<TeamOfMember, 'role'>;
  let owner: Person;
  let browser: TestBrowser;

  beforeEach(async () => {
    web = await createTestApp({
      routes: ({ db, clock }) => {
        const notifications = createNotificationService({ db, clock, config: { mail: {} } });
        const accounts = {
          ...{ readLink: unexpected, choosePassword: unexpected, changePassword: unexpected },
          ...{ rename: unexpected, setTheme: unexpected, setLanguage: unexpected },
        };
        const { mailChoices } = notifications;
        const rest = {
          addresses: { provesByMail: true, ask: unexpected, read: unexpected, follow: unexpected, change: unexpected },
          ownSessions: { list: () => Promise.resolve([]), end: unexpected, endOthers: unexpected },
          secondFactors: {
            ...{ has: unexpected, having: unexpected, stateOf: () => Promise.resolve(undefined), begin: unexpected },
            ...{
              resume: unexpected,
              enable: unexpected,
              verify: unexpected,
              newRecoveryCodes: unexpected,
              remove: unexpected,
            },
          },
        };
        const weekly = createWeeklyChoices({ db, clock, config: {} });
        return [
          ...notificationRoutes({ notifications, plugins: createPluginRegistry(), clock }),
          ...accountRoutes({ ...rest, accounts, mailChoices, weekly, themeOf: () => Promise.resolve('auto') }),
        ];
      },
      teamFacts: (teamId, reader) => factsOf(teamId, reader),
    });
    team = await createTeam(web.db);
    owner = await createMember(web.db, { team, role: 'owner' });
    browser = await web.signIn(owner);
  });
  afterEach(() => web.close());

  const factsOf = (teamId: number, reader: FrameReader) => {
    const parts = { ...web, timings: standardTimings, registry: createPluginRegistry() };
    return readTeamFacts({ ...parts, config: { plugins: new Map() } }, teamId, reader);
  };
  const tell = (post: string, teamId = team.id, postId = 7) =>
    web.db.transaction((sql) =>
      putNotification(
        sql,
        { clock: web.clock, timings: standardTimings },
        {
          ...{ kind: 'delivery-needs-attention', teamId, subjectId: 1 },
          facts: {
            ...{ postId, post, channel: 'Hazel & Rye', plugin: 'tiktok', mayBePosted: true },
            ...{ sentence: 'TikTok did not say.', who: 'team', nextStep: 'Look at the profile.' },
          },
        },
      ),
    );

  const listed = async (path = `/team/${team.id}/notifications`) => {
    const page = parse((await browser.get(path)).text);
    const bells = page.querySelectorAll('.cd-bell').map((bell) => bell.textContent.replaceAll(/\s+/g, ' '));
    const items = page.querySelectorAll('[data-notification]');
    return { page, bell: bells[0], items, isNew: items.map((item) => item.hasAttribute('data-new')) };
  };

  it('say what happened, whether it may have been posted, who can fix it, and lead to where it is fixed', async () => {
    await tell(attack);
    const { page, items, bell } = await listed();
    const [item] = items;
    expect(item?.textContent.replaceAll(/\s+/g, ' ')).to.contain(
      'TikTok did not say. It may have been posted: look before trying again. Somebody in your team can fix this. Look at the profile.',
    );
    expect(page.outerHTML).to.not.contain('<svg onload');
    expect(bell).to.match(/Notifications.*1 new/);
    const form = item?.querySelector('form');
    const answer = await browser.post(form?.getAttribute('action') ?? '');
    expect([answer.status, answer.headers['location']]).to.deep.equal([303, `/team/${team.id}/posts/7`]);
    expect((await listed()).isNew).to.deep.equal([false]);
    expect((await listed()).items[0]?.querySelector('a')?.getAttribute('href')).to.equal(`/team/${team.id}/posts/7`);
    expect((await listed()).bell).to.not.contain('new');
  });

  it('say of a channel why it must be connected again, and lead to it', async () => {
    const facts = { channel: 'Hazel & Rye', plugin: 'tiktok' };
    const why = { network: 'takes no more posts', app: 'no longer set up here', refused: 'is asked again every half' };
    for (const because of ['network', 'app', 'refused'] as const) {
      const told = { kind: 'reconnect-needed', teamId: team.id, subjectId: 9, facts: { ...facts, because } } as const;
      const deps = { clock: web.clock, timings: standardTimings };
      await web.db.transaction((sql) => putNotification(sql, deps, told));
      const [item] = (await listed()).items;
      expect(item?.textContent).to.contain(why[because]).and.to.contain('Reconnect');
    }
  });

  it('say who submitted or approved how many posts, who can act, and lead to the one post or to all of them', async () => {
    const words = {
      'posts-submitted': ['submitted', 'A manager or an owner of the team can approve or send back', 'attention'],
      'posts-approved': ['approved', 'You need do nothing more', 'posts'],
    } as const;
    for (const kind of ['posts-submitted', 'posts-approved'] as const) {
      const [verb, who, page] = words[kind];
      for (const many of [false, true]) {
        const posts: [number, ...number[]] = many ? [4, 7, 9] : [4];
        const facts = { by: owner.id, byName: 'Ploy', post: 'Rye', posts };
        const told = { kind, teamId: team.id, subjectId: owner.id, facts };
        const deps = { clock: web.clock, timings: standardTimings };
        await web.db.transaction((sql) => putNotification(sql, deps, told));
        const [item] = (await listed()).items;
        expect(item?.textContent)
          .to.contain(many ? `Ploy ${verb} 3 posts` : `Ploy ${verb} “Rye”`)
          .and.to.contain(who);
        const { headers } = await browser.post(item?.querySelector('form')?.getAttribute('action') ?? '');
        expect(headers['location']).to.equal(`/team/${team.id}/${many ? page : 'posts/4'}`);
      }
    }
  });

  it('are marked as read for this person alone, and only up to what was on the page', async () => {
    const manager = await createMember(web.db, { team, role: 'manager' });
    await tell('First');
    await tell('Second');
    const { page } = await listed();
    await tell('Third, meanwhile');
    const upto = page.querySelector('input[name=upto]')?.getAttribute('value') ?? '';
    expect((await browser.post(`/team/${team.id}/notifications/read`, { upto })).status).to.equal(303);
    expect((await listed()).isNew).to.deep.equal([true, false, false]);
    expect(await factsOf(team.id, { personId: manager.id, role: 'manager' })).to.have.property('unread', 3);
  });

  it('S5: stay new for whoever only asks for the page', async () => {
    await tell('First');
    await listed();
    await browser.send('head', `/team/${team.id}/notifications`);
    expect((await listed()).isNew).to.deep.equal([true]);
  });

  it('S1: of another team or another person are not there', async () => {
    const other = await createTeam(web.db);
    await createMember(web.db, { team: other, role: 'owner' });
    await tell('Theirs', other.id);
    await tell('Told before the editor came');
    const editor = await web.signIn(await createMember(web.db, { team, role: 'editor' }));
    expect((await listed()).items).to.have.length(1);
    expect((await browser.get(`/team/${other.id}/notifications`)).status).to.equal(404);
    expect((await browser.post(`/team/${team.id}/notifications/1/look`)).status).to.equal(404);
    expect((await browser.post(`/team/${team.id}/notifications/1e0/look`)).status).to.equal(404);
    expect((await editor.post(`/team/${team.id}/notifications/2/look`)).status).to.equal(404);
    const viewer = await web.signIn(await createMember(web.db, { team, role: 'viewer' }));
    expect((await viewer.get(`/team/${team.id}/notifications`)).status).to.equal(403);
  });

  it('come in pages, newest first, and cost the frame one statement', async () => {
    for (let n = 0; n < 120; n += 1) await tell(`Post ${n}`);
    const first = await listed();
    expect(first.items).to.have.length(50);
    expect(first.bell).to.contain('99+ new');
    const older = first.page.querySelector('a[rel=next]')?.getAttribute('href') ?? '';
    const second = await listed(older);
    expect([second.items[0]?.textContent.includes('“Post 69”'), second.items.length]).to.deep.equal([true, 50]);
    const third = await listed(second.page.querySelector('a[rel=next]')?.getAttribute('href') ?? '');
    expect([third.items.length, third.page.querySelector('a[rel=next]')]).to.deep.equal([20, null]);
    const back = await listed(third.page.querySelector('a[rel=prev]')?.getAttribute('href') ?? '');
    expect(back.items.map((item) => item.textContent)).to.deep.equal(second.items.map((item) => item.textContent));

    const statements: string[] = [];
    web.db.knex.on('query', ({ sql }: { readonly sql: string }) => void statements.push(sql));
    await factsOf(team.id, { personId: owner.id, role: 'owner' });
    const [counting = '', ...more] = statements;
    expect(more).to.deep.equal([]);
    const values = counting.match(/\?/g)?.map(() => 1) ?? [];
    const plan = JSON.stringify(await web.db.knex.raw(`explain query plan ${counting}`, values));
    expect(plan)
      .to.match(/SEARCH notification_recipients USING COVERING INDEX [a-z_]*read_at/)
      .and.not.match(/SCAN (notification|deliveries|c\b|k\b)/);
  });

  it('are told by mail about every kind until a person says otherwise on the account page', async () => {
    const chosen = async (): Promise<readonly (string | undefined)[]> =>
      parse((await browser.get('/account')).text)
        .querySelectorAll('input[name=mail][checked]')
        .map((box) => box.getAttribute('value'));
    const kinds = [
      'delivery-failed',
      'delivery-needs-attention',
      'reconnect-needed',
      'access-ending',
      'post-sent-back',
      'posts-submitted',
      'posts-approved',
    ];
    expect(await chosen()).to.deep.equal(kinds);
    expect((await browser.post('/account/mail', { mail: ['access-ending', 'delivery-failed', 'x'] })).status).to.equal(
      303,
    );
    expect(await chosen()).to.deep.equal(['delivery-failed', 'access-ending']);
    await browser.post('/account/mail');
    expect(await chosen()).to.deep.equal([]);
  });
});
