import { expect } from 'chai';
import { z } from 'zod';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { dump, expectAbsentForOthers, pathsOf } from '../../support/replay.ts';
import { webRooms } from '../../support/web-rooms.ts';

describe("A team's border", () => {
  let web: TestApp;
  let routes: readonly Route[] = [];
  before(async () => {
    web = await createTestApp({
      routes: (base) => {
        routes = webRooms(base);
        return routes;
      },
    });
  });
  after(() => web.close());

  it('S1: hides everything of a team from people of another, from admins and from strangers', async () => {
    const [a, b] = [await createTeam(web.db), await createTeam(web.db)];
    const ownerA = await createMember(web.db, { team: a, role: 'owner' });
    await createMember(web.db, { team: a, role: 'viewer' });
    const browserA = await web.signIn(ownerA);
    await browserA.post(`/team/${a.id}/members`, { email: 'guest@example.org', role: 'editor' });
    const browsers = {
      'owner of B': await web.signIn(await createMember(web.db, { team: b, role: 'owner' })),
      'viewer of B': await web.signIn(await createMember(web.db, { team: b, role: 'viewer' })),
      admin: await web.signIn(await createPerson(web.db, { isAdmin: true })),
    };
    const before = await dump(web.db);
    const ofTeam = routes.filter(({ path }) => path.startsWith('/team/:team/'));
    const paths = pathsOf(ofTeam, { team: a.id, user: ownerA.id, invitation: await lastInvitation(web) });
    expect(paths).to.have.length.greaterThan(4);
    await expectAbsentForOthers({
      web,
      paths: [...paths, `/team/${a.id}/x.css`, `/team/${a.id}/posts/1`],
      absent: (path) => path.replace(`/team/${a.id}/`, '/team/999999/'),
      browsers,
    });
    expect(await dump(web.db)).to.equal(before);
  });

  it("S1: refuses another team's ids inside one's own addresses", async () => {
    const [a, b] = [await createTeam(web.db), await createTeam(web.db)];
    const memberA = await createMember(web.db, { team: a, role: 'viewer' });
    const ownerA = await createMember(web.db, { team: a, role: 'owner' });
    const browserA = await web.signIn(ownerA);
    await browserA.post(`/team/${a.id}/members`, { email: 'other-guest@example.org', role: 'editor' });
    const invitation = await lastInvitation(web);
    const browserB = await web.signIn(await createMember(web.db, { team: b, role: 'owner' }));
    const before = await dump(web.db);
    for (const path of [
      `/team/${b.id}/members/${memberA.id}/role`,
      `/team/${b.id}/members/${memberA.id}/removal`,
      `/team/${b.id}/invitations/${invitation}/withdrawal`,
    ]) {
      const foreign = await browserB.post(path, { role: 'owner', team_id: String(a.id), team: String(a.id) });
      expect(foreign.status, path).to.equal(404);
    }
    expect(await dump(web.db)).to.equal(before);
  });
});

async function lastInvitation(web: TestApp): Promise<number> {
  const row: unknown = await web.db.knex('one_time_links').orderBy('id', 'desc').first('id');
  return z.object({ id: z.number() }).parse(row).id;
}
