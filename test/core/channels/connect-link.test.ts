import { expect } from 'chai';
import { loggedPath } from '../../../core/web/request-log.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { createDesk, type Desk } from './connect-desk.ts';

const minuteMs = 60_000;

describe('A link for connecting from another machine', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await createDesk();
  });
  afterEach(() => desk.close());

  const make = (order: { team?: string; email?: string } = {}) =>
    desk.world.connectLinks.make({ plugin: 'example', ...order });

  async function failureOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'it worked',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  it('is made for the one team and the one person that there are, and asks which where there are several', async () => {
    const { team, person } = await make();
    expect([team.id, person.name]).to.deep.equal([desk.team.id, 'Maja']);
    await createMember(desk.world.db, { team: desk.team, role: 'owner', email: 'olga@example.org' });
    await createMember(desk.world.db, { team: desk.team, role: 'viewer', email: 'vera@example.org' });
    expect(await failureOf(make()))
      .to.contain('--email')
      .and.to.contain('olga@example.org')
      .and.not.to.contain('vera');
    expect(await failureOf(make({ email: 'vera@example.org' }))).to.contain('Nobody in');
    expect((await make({ email: 'Olga@example.org' })).person.email).to.equal('olga@example.org');
    const other = await createTeam(desk.world.db);
    expect(await failureOf(make({ email: 'olga@example.org' })))
      .to.contain(`--team`)
      .and.to.contain(String(other.id));
    expect(await failureOf(make({ team: 'nowhere' }))).to.contain('There is no such team');
  });

  it('asks a stranger to sign in, explains, and connects by a POST in the session that pressed', async () => {
    const { path } = await make();
    const stranger = await desk.world.stranger().get(path);
    expect([stranger.status, stranger.headers['location']]).to.deep.equal([
      303,
      `/sign-in?next=${encodeURIComponent(path)}`,
    ]);
    const page = await desk.browser.get(path);
    expect(page.status).to.equal(200);
    expect(page.text).to.contain('You are signed in as Maja').and.to.contain(`action="${path}"`);
    const pressed = await desk.browser.post(path);
    expect(pressed.status).to.equal(303);
    const consent = new URL(pressed.headers['location'] ?? '');
    expect(consent.origin).to.equal('https://example.test');
    const state = consent.searchParams.get('state') ?? '';
    const other = await desk.world.signIn(desk.maja);
    const elsewhere = await desk.comeBack({ code: 'code-1', state }, other);
    expect(elsewhere.status).to.equal(400);
    const back = await desk.comeBack({ code: 'code-1', state });
    expect(back.status).to.equal(303);
    expect((await desk.onlyChannel()).nickname).to.equal('Rye Club');
  });

  it('works once, also when it is pressed many times at once, and not by looking', async () => {
    const { path } = await make();
    await desk.browser.get(path);
    await desk.browser.get(path);
    const answers = await Promise.all(Array.from({ length: 10 }, () => desk.browser.post(path)));
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1);
    expect((await desk.browser.get(path)).status).to.equal(404);
  });

  it('ends after ten minutes', async () => {
    const { path } = await make();
    desk.world.clock.advance(10 * minuteMs - 1);
    expect((await desk.browser.get(path)).status).to.equal(200);
    desk.world.clock.advance(1);
    expect((await desk.browser.get(path)).text).to.contain('This link does not work any more');
    expect((await desk.browser.post(path)).status).to.equal(404);
  });

  it('is nothing for anybody else: another member, a viewer, another team', async () => {
    const { path } = await make();
    const { world, team } = desk;
    const owner = await world.signIn(await createMember(world.db, { team, role: 'owner' }));
    expect((await owner.get(path)).status).to.equal(404);
    expect((await owner.post(path)).status).to.equal(404);
    const viewer = await world.signIn(await createMember(world.db, { team, role: 'viewer' }));
    expect((await viewer.get(path)).status).to.equal(403);
    const mine = await createTeam(world.db);
    await world.db.knex('members').insert({ team_id: mine.id, user_id: desk.maja.id, role: 'owner', created_at: 0 });
    expect((await desk.browser.post(path.replace(`/team/${team.id}/`, `/team/${mine.id}/`))).status).to.equal(404);
    expect((await desk.browser.post(path)).status).to.equal(303);
  });

  it('is noted in the activity of its team, for whom it was made', async () => {
    await make();
    const rows: unknown = await desk.world.db
      .knex('events')
      .where({ kind: 'channel.link-made' })
      .select('team_id', 'actor_id', 'subject_id', 'facts', 'is_act');
    const facts = JSON.stringify({ userId: desk.maja.id });
    expect(JSON.parse(JSON.stringify(rows))).to.deep.equal([
      { team_id: desk.team.id, actor_id: null, subject_id: 'example', facts, is_act: 1 },
    ]);
  });

  it('is kept as a hash, and its token stays out of the log', async () => {
    const { path } = await make();
    const token = path.split('/').at(-1) ?? '';
    expect(token).to.have.length(43);
    expect(JSON.stringify(await desk.world.db.knex('connect_links'))).not.to.contain(token);
    expect(loggedPath(path)).to.equal(`/team/${desk.team.id}/channels/connect-link/•`);
  });
});
