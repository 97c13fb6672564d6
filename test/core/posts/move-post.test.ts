import { expect } from 'chai';
import { ConflictError, InputError, NotFoundError } from '../../../core/errors.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam } from '../../support/factories.ts';
import { type CalendarWorld, draftPost, openCalendarWorld, schedulePost } from '../calendar/calendar-world.ts';
import { wallTimes } from '../time/wall-time-table.ts';
import { createChannel, fillForm, postIdIn } from './posts-world.ts';

const day = 86_400_000;

onEachDatabase('moving a post', (db) => {
  let world: CalendarWorld;
  beforeEach(async () => {
    world = await openCalendarWorld({ db: db() });
  });

  const move = (postId: number, to: Readonly<Record<string, string>>) => {
    const asked = { version: '1', date: '2026-11-24', time: '18:00', dueSeen: '', ...to };
    return world.moves.move(world.member, { postId, ...asked });
  };
  const deliveryOf = async (postId: number) => {
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    if (delivery === undefined) throw new Error('There is no delivery.');
    return delivery;
  };
  const job = async (deliveryId: number): Promise<unknown> =>
    db()
      .knex('jobs')
      .where({ key: String(deliveryId) })
      .first('run_at', 'fence');

  it('T11: gives what is scheduled another due time, raises revision and fence, and leaves the rest.', async () => {
    const postId = await schedulePost(world);
    const before = await deliveryOf(postId);
    expect(await job(before.id)).to.deep.equal({ run_at: Date.UTC(2026, 10, 22, 8, 30), fence: 0 });
    const moved = await move(postId, {});
    expect(moved).to.deep.equal({
      version: 2,
      from: { date: '2026-11-22', time: '09:30' },
      to: { date: '2026-11-24', time: '18:00' },
    });
    const dueAt = Date.UTC(2026, 10, 24, 17);
    const after = await deliveryOf(postId);
    expect(after).to.deep.equal({ ...before, revision: 2, dueAt, dueWall: '2026-11-24T18:00' });
    expect(after.consent).to.be.an('object');
    expect(await job(before.id)).to.deep.equal({ run_at: dueAt, fence: 2 });
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.include({ version: 2, dueAt, caption: 'Saffron buns, batch one' });
    expect(post.media).to.have.length(1);
    const events = await db().knex('events').where({ subject: 'post', kind: 'post.moved' }).select('actor_id');
    expect(events).to.deep.equal([{ actor_id: world.editor.id }]);
  });

  it('moves back to where it was, also to a time that the clocks show twice, without asking again.', async () => {
    world.clock.set(Date.UTC(2026, 9, 20));
    const overlap = { date: '2026-10-25', time: '02:30', dueSeen: '2026-10-25T02:30' };
    const postId = await schedulePost(world, overlap);
    const { dueAt } = await deliveryOf(postId);
    const { from, version } = await move(postId, { date: '2026-10-27' });
    await move(postId, { ...from, version: String(version), dueSeen: `${from.date}T${from.time}` });
    expect((await deliveryOf(postId)).dueAt).to.equal(dueAt);
  });

  it('gives a draft another planned date and time, agreed to by nobody and due at nothing.', async () => {
    const postId = await draftPost(world, { date: '2026-11-22', time: '' });
    expect((await move(postId, { time: '' })).from).to.deep.equal({ date: '2026-11-22', time: '' });
    await move(postId, { version: '2', date: '2026-11-25', time: '07:15' });
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.deep.include({ state: 'draft', dueAt: null, planned: { date: '2026-11-25', time: '07:15' } });
    expect(await deliveryOf(postId)).to.include({ state: 'draft', dueAt: null, consent: null });
    expect(await db().knex('jobs').select('id')).to.deep.equal([]);
  });

  it('takes the same move that comes twice as one.', async () => {
    const postId = await schedulePost(world);
    const [one, other] = [await move(postId, {}), await move(postId, {})];
    expect([one.version, other.version]).to.deep.equal([2, 2]);
    expect((await deliveryOf(postId)).revision).to.equal(2);
  });

  it('P15: lets one of two people win who move the same version at once.', async () => {
    const postId = await schedulePost(world);
    const answers = await Promise.allSettled(['2026-11-24', '2026-11-25'].map((date) => move(postId, { date })));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
    const [lost] = answers.flatMap((answer): unknown[] => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(lost).to.be.instanceOf(ConflictError).and.to.include({ code: 'changed_meanwhile' });
    expect((await deliveryOf(postId)).revision).to.equal(2);
  });

  it('leaves a cancelled channel where it was, and shows the post where the others go.', async () => {
    const added = await createChannel(db(), { team: world.team });
    const { channel, fields } = await fillForm(world, { [`options.${added.id}.audience`]: 'everyone' });
    const channels = [String(channel.id), String(added.id)];
    const postId = postIdIn(await world.browser.post(world.address, { ...fields, channels }));
    const { id } = await deliveryOf(postId);
    await world.desk.cancel({ id: world.editor.id, name: 'Editor' }, world.team.id, id);
    await move(postId, {});
    const deliveries = await world.desk.ofPost(world.team.id, postId);
    expect(deliveries.map(({ state, dueWall }) => [state, dueWall])).to.deep.equal([
      ['cancelled', '2026-11-22T09:30'],
      ['scheduled', '2026-11-24T18:00'],
    ]);
    const post = await world.posts.find(world.team.id, postId);
    expect(post).to.include({ state: 'scheduled', dueAt: Date.UTC(2026, 10, 24, 17) });
  });
});

describe('What stays where it is', () => {
  let world: CalendarWorld;
  before(async () => {
    world = await openCalendarWorld();
  });
  after(() => world.close());

  const refusal = async (postId: number, to: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const asked = { version: '1', date: '2026-11-24', time: '18:00', dueSeen: '', ...to };
    return world.moves.move(world.member, { postId, ...asked }).then(
      () => 'moved',
      (error: unknown) => error,
    );
  };

  it('is a post of which a part has begun, or that was cancelled.', async () => {
    for (const state of ['publishing', 'processing', 'published', 'failed', 'needs-attention', 'cancelled']) {
      const postId = await schedulePost(world);
      await world.db.knex('deliveries').where({ post_id: postId }).update({ state });
      const error = await refusal(postId);
      expect(error, state).to.be.instanceOf(ConflictError);
      expect(String(error)).to.contain('can no longer be edited');
      const [delivery] = await world.desk.ofPost(world.team.id, postId);
      expect(delivery).to.include({ revision: 1, dueWall: '2026-11-22T09:30' });
    }
  });

  it('is a scheduled post that was to go to the past, or to no time.', async () => {
    const postId = await schedulePost(world);
    for (const [to, words] of [
      [{ date: '2026-11-21', time: '12:59' }, 'This time has passed: it is 13:00 now in Europe/Berlin.'],
      [{ date: '2026-02-31' }, 'There is no such date and time.'],
      [{ time: '' }, 'Choose a time.'],
      [{ date: 'tomorrow' }, 'There is no such date and time.'],
    ] as const) {
      const error = await refusal(postId, to);
      expect(error, words).to.be.instanceOf(InputError);
      expect(String(error)).to.contain(words);
    }
  });

  it('is a draft that was to go to a day that is none.', async () => {
    const postId = await draftPost(world, { date: '2026-11-22', time: '09:00' });
    for (const to of [{ date: '' }, { date: '2026-02-31', time: '' }, { time: '25:00' }])
      expect(await refusal(postId, to)).to.be.instanceOf(InputError);
  });

  it('S1: is a post of another team.', async () => {
    const postId = await schedulePost(world);
    const other = await createTeam(world.db);
    const asked = { postId, version: '1', date: '2026-11-24', time: '18:00', dueSeen: '' };
    const error = await world.moves.move({ ...world.member, teamId: other.id }, asked).then(
      () => 'moved',
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(NotFoundError);
  });
});

describe('P9: A moved post', () => {
  let world: CalendarWorld;
  let postId = 0;
  before(async () => {
    world = await openCalendarWorld();
    postId = await schedulePost(world);
  });
  after(() => world.close());

  it('is due at the instants of the whole table, and is told of each gap and overlap first.', async () => {
    let version = 1;
    for (const [wall, zone, at, note] of wallTimes) {
      const dueAt = Date.parse(at.replace('Z', ':00.000Z'));
      world.clock.set(dueAt - day);
      const move = (dueSeen: string) => {
        const asked = { postId, version: String(version), date: wall.slice(0, 10), time: wall.slice(11), dueSeen };
        return world.moves.move({ ...world.member, zone }, asked);
      };
      const what = `${wall} ${zone}`;
      if (note !== undefined) {
        const told = await move('').catch((error: unknown) => error);
        expect(told, what).to.be.instanceOf(InputError);
        expect(String(told), what).to.contain(note === 'gap' ? 'jump over' : 'comes twice');
      }
      ({ version } = await move(note === undefined ? '' : wall));
      const [delivery] = await world.desk.ofPost(world.team.id, postId);
      expect(delivery, what).to.include({ dueAt, dueWall: wall, dueZone: zone });
    }
  });
});
