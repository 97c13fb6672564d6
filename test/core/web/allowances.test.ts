import { expect } from 'chai';
import { createAllowances } from '../../../core/auth/allowances.ts';
import { AttemptStore } from '../../../core/auth/attempt-store.ts';
import { readConfig } from '../../../core/config.ts';
import { standardHourlyLimits } from '../../../core/config/hourly-limits.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { webRooms } from '../../support/web-rooms.ts';
import { openWholePanel } from '../../support/whole-panel.ts';

const hourMs = 3_600_000;

describe('S49: What costs much', () => {
  let web: TestApp;
  before(async () => {
    web = await createTestApp({ routes: (base) => webRooms(base) });
  });
  after(() => web.close());

  it('is counted for each person and hour: the twenty-first invitation is answered 429 with Retry-After', async () => {
    const team = await createTeam(web.db);
    const [one, other] = [
      await web.signIn(await createMember(web.db, { team, role: 'owner' })),
      await web.signIn(await createMember(web.db, { team, role: 'owner' })),
    ];
    const invite = (browser: typeof one, n: number) =>
      browser.post(`/team/${team.id}/members`, { email: `guest-${n}@example.org`, role: 'viewer' });
    for (let n = 0; n < 20; n += 1) expect((await invite(one, n)).status, String(n)).to.equal(200);
    const refused = await invite(one, 20);
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers['retry-after'])).to.be.within(1, 3_600);
    expect(await web.db.knex('users').where({ email: 'guest-20@example.org' })).to.have.length(0);
    expect((await invite(other, 21)).status).to.equal(200);
    web.clock.advance(hourMs);
    expect((await invite(one, 22)).status).to.equal(200);
  });

  it('has the limits that the environment names', async () => {
    const environment = { HOURLY_LIMITS: 'upload=2, connect=1' };
    const { hourlyLimits } = readConfig(environment, []);
    expect(hourlyLimits).to.deep.equal({ ...standardHourlyLimits, upload: 2, connect: 1 });
    const allowances = createAllowances(new AttemptStore(web.db, web.clock), hourlyLimits);
    const waits = [
      await allowances.spend('upload', 7),
      await allowances.spend('upload', 7),
      await allowances.spend('upload', 7),
    ];
    expect(waits).to.deep.equal([0, 0, hourMs]);
    expect(await allowances.spend('connect', 7)).to.equal(0);
    expect(() => readConfig({ HOURLY_LIMITS: 'upload=0,beer=3' }, [])).to.throw(/upload=0.*\n?.*beer=3/s);
  });

  it('is asked of exactly the forms that upload, connect, publish at once, invite and write to a new address', async () => {
    const whole = await openWholePanel();
    const asking = whole.routes.flatMap((route) =>
      route.permission !== 'public' && route.spends !== undefined ? [route.path] : [],
    );
    await whole.close();
    expect(asking.sort()).to.deep.equal([
      '/account/email',
      '/admin/teams/:team/owner',
      '/team/:team/channels/connect-link/:token',
      '/team/:team/channels/connect/:plugin',
      '/team/:team/files',
      '/team/:team/files/uploads',
      '/team/:team/invitations/:invitation/renewal',
      '/team/:team/members',
      '/team/:team/posts',
      '/team/:team/posts/:post',
    ]);
  });
});
