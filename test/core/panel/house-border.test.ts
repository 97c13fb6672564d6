import { expect } from 'chai';
import { parse } from 'node-html-parser';
import path from 'node:path';
import { makeDemoVideo } from '../../../core/bin/demo/demo-video.ts';
import { type DemoWorld, openDemoWorld } from '../../../core/bin/demo/demo-world.ts';
import { doMainJob } from '../../../core/bin/demo/main-job.ts';
import { panelNetworks, panelRoutes } from '../../../core/panel/web.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { dump, expectAbsentForOthers } from '../../support/replay.ts';
import { until } from '../../support/until.ts';

/** A team after its first day: a connected channel, a file, a published post, a scheduled one, videos with covers. */
describe('The border of a team in the whole installation', function () {
  this.timeout(300_000);
  let world: DemoWorld;
  let web: TestApp;
  let insider: TestBrowser;
  let others: Readonly<Record<string, TestBrowser>>;
  let otherTeam: number;
  let ownerB: TestBrowser;

  before(async () => {
    world = await openDemoWorld({ port: 0, simulatorPort: 0 });
    const file = path.join(world.folder, 'lucia.mp4');
    await makeDemoVideo(file, 1_000_000);
    await doMainJob({ world, file, say: () => undefined });
    const { base, services } = world.panel;
    const pending = base.db.knex('deliveries').where({ link_pending: true });
    await until(async () => (await pending.clone()).length === 0, 'the link of the post is known');
    web = await createTestApp({
      db: base.db,
      publicUrl: world.url,
      routes: () => panelRoutes(base, services),
      networks: panelNetworks(base, services),
    });
    insider = await web.signIn(await createMember(web.db, { team: { id: 1 }, role: 'owner' }));
    const team = await createTeam(web.db);
    otherTeam = team.id;
    ownerB = await web.signIn(await createMember(web.db, { team, role: 'owner' }));
    others = {
      'owner of B': ownerB,
      'viewer of B': await web.signIn(await createMember(web.db, { team, role: 'viewer' })),
      admin: await web.signIn(await createPerson(web.db, { isAdmin: true })),
    };
  });

  // The world owns the database that the app stands on.
  after(() => world.close());

  it('S1: answers every address that a member meets as absent to everybody else, by every method', async () => {
    const paths = await crawl(insider, '/team/1/');
    for (const kind of ['/posts/', '/channels/', '/files/', '/covers/', '/content', '/refresh']) {
      expect(
        paths.filter((one) => one.includes(kind)),
        kind,
      ).not.to.be.empty;
    }
    const before = await dump(web.db, ['sessions', 'attempt_counts', 'jobs']);
    await expectAbsentForOthers({
      web,
      paths,
      absent: (one) => one.replace('/team/1/', '/team/999999/'),
      browsers: others,
    });
    expect(await dump(web.db, ['sessions', 'attempt_counts', 'jobs'])).to.equal(before);
  });

  it('S1: finds nothing of team A under the address of team B', async () => {
    const paths = (await crawl(insider, '/team/1/')).filter((one) => /\/\d+(\/|$)/.test(one.replace('/team/1', '')));
    expect(paths).not.to.be.empty;
    for (const one of paths) {
      const nested = one.replace('/team/1/', `/team/${otherTeam}/`);
      expect((await ownerB.get(nested)).status, `get ${nested}`).to.equal(404);
      // A form is checked before its record is looked up: then the answer equals that for a number nobody has.
      const nobodys = nested.replace(/(?<=\/\d+\/.*\/)\d+/g, '999999');
      const posted = await ownerB.post(nested);
      expect(posted.status, `post ${nested}`).to.equal((await ownerB.post(nobodys)).status);
      expect(posted.status, `post ${nested}`).to.be.oneOf([404, 422]);
    }
  });

  it('S1: takes no channel and no file of team A into a post of team B', async () => {
    const posts = Number(Object.values((await web.db.knex('posts').count('id').first()) ?? {})[0]);
    const typed = { channels: '1', media: '1', caption: 'Not yours', act: 'publish', 'options.1.privacy': 'SELF_ONLY' };
    const answer = await ownerB.post(`/team/${otherTeam}/posts`, typed);
    expect(answer.status).to.equal(422);
    expect(answer.text).not.to.include('lucia.mp4').and.not.to.include('hazelandrye');
    expect(Number(Object.values((await web.db.knex('posts').count('id').first()) ?? {})[0])).to.equal(posts);
  });

  it('S5: changes nothing by any GET', async () => {
    const paths = await crawl(insider, '/team/1/');
    const before = await dump(web.db, ['sessions', 'attempt_counts', 'jobs']);
    for (const one of paths) await insider.get(one);
    expect(await dump(web.db, ['sessions', 'attempt_counts', 'jobs'])).to.equal(before);
  });

  it('S23: keeps every signed-in page out of caches', async () => {
    for (const one of await crawl(insider, '/team/1/')) {
      const answer = await insider.get(one);
      expect(answer.headers['cache-control'], one).to.include('no-store');
    }
  });
});

/** Every address of the team that its pages lead to: links, pictures, forms and what scripts are told. */
async function crawl(browser: TestBrowser, prefix: string): Promise<readonly string[]> {
  const seen = new Set<string>([prefix]);
  const pages = [prefix];
  for (let page = pages.shift(); page !== undefined && seen.size < 400; page = pages.shift()) {
    const answer = await browser.get(page);
    if (answer.status !== 200 || !String(answer.headers['content-type']).startsWith('text/html')) continue;
    for (const found of addressesIn(answer.text, page)) {
      if (!found.startsWith(prefix) || seen.has(found)) continue;
      seen.add(found);
      pages.push(found);
    }
  }
  return [...seen];
}

function addressesIn(markup: string, at: string): readonly string[] {
  const attributes = [
    'href',
    'src',
    'action',
    'formaction',
    'data-options',
    'data-declaration',
    'data-due',
    'data-live',
  ];
  const elements = parse(markup).querySelectorAll('*');
  return elements.flatMap((element) =>
    attributes.flatMap((name) => {
      const value = element.getAttribute(name);
      if (value === undefined || !URL.canParse(value, `http://here${at}`)) return [];
      const url = new URL(value, `http://here${at}`);
      return url.host === 'here' ? [url.pathname] : [];
    }),
  );
}
