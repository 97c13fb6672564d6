import { expect } from 'chai';
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../core/errors.ts';
import type { Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  addPost,
  attemptsOf,
  claim,
  createEngineWorld,
  dueIn,
  type EngineWorld,
  jobOf,
  run,
  runDue,
  schedule,
} from '../../support/engine-world.ts';
import { caught } from '../../support/failure.ts';

const hour = 3_600_000;

onEachDatabase('The desk', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const cancel = (delivery: Delivery) => world.desk.cancel(world.actor, world.teamId, delivery.id);
  const retry = (delivery: Delivery) => world.desk.retry(world.actor, world.teamId, delivery.id);
  const revise = (delivery: Delivery, change: Parameters<EngineWorld['desk']['revise']>[2]) =>
    db().transaction((sql) => world.desk.revise(world.teamId, delivery.id, change, sql));
  const sentences = async (delivery: Delivery): Promise<readonly string[]> => {
    const events = await world.desk.timeline(world.teamId, delivery.id);
    return events.map((event) => z.object({ sentence: z.string() }).parse(event.facts).sentence);
  };
  const post = async (postId: number): Promise<unknown> => {
    const rows: unknown[] = await db().knex('posts').where({ id: postId }).select('state', 'due_at');
    return rows[0];
  };
  /** Committed, and waiting for the network. */
  const untilProcessing = async (): Promise<Delivery> => {
    const delivery = await schedule(world);
    world.network.advance = (_delivery, attempt) =>
      attempt.pointOfNoReturnAt === null
        ? { kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now(), pointOfNoReturn: true }
        : { kind: 'continue', stage: 'processing', progress: null, at: world.clock.now() + 5_000 };
    await runDue(world);
    return delivery;
  };

  it('keeps a draft without a job and a scheduled delivery with one at its time', async () => {
    const draft = await schedule(world, { inMs: null });
    const scheduled = await schedule(world, { inMs: hour });

    expect(draft).to.include({ state: 'draft', dueAt: null });
    expect(scheduled).to.include({ state: 'scheduled', dueWall: '2026-11-21T13:00', dueZone: 'Europe/Copenhagen' });
    expect(await db().knex('jobs').select('key')).to.deep.equal([{ key: String(scheduled.id) }]);
    expect(await jobOf(world, scheduled)).to.include({ run_at: world.clock.now() + hour });
    expect(await post(scheduled.postId)).to.deep.equal({ state: 'scheduled', due_at: world.clock.now() + hour });
    expect(await sentences(scheduled)).to.deep.equal(['Scheduled for 2026-11-21 13:00 (Europe/Copenhagen).']);
  });

  it('says of what is due now that it is published at once, without naming a minute', async () => {
    const delivery = await schedule(world, { inMs: null });
    await revise(delivery, { due: dueIn(world, 0) });
    const both = [await sentences(delivery), await sentences(await schedule(world, { inMs: 0 }))];
    expect(both.map((said) => said.at(-1))).to.deep.equal(['To be published at once.', 'To be published at once.']);
  });

  it('forgets everything of a creation whose transaction is undone', async () => {
    const postId = await addPost(world);
    const { id: channelId } = await addChannel(world);
    const undone = db().transaction(async (sql) => {
      const place = { postId, channelId, teamId: world.teamId, plugin: 'fake' };
      await world.desk.create({ ...place, options: null, due: dueIn(world, 0), consent: null }, sql);
      throw new Error('undone');
    });
    await undone.catch(() => undefined);
    expect(await db().knex('jobs').select('id')).to.deep.equal([]);
    expect(await db().knex('events').select('id')).to.deep.equal([]);
  });

  it('reschedules and edits while scheduled: a higher revision, the new time, the fence raised', async () => {
    const delivery = await schedule(world);
    const consent = { by: world.actor.id, byName: 'Ida', at: world.clock.now(), text: 'I agree.', options: null };
    await revise(delivery, { options: { privacy: 'only-me' }, due: dueIn(world, hour), consent });

    const revised = await now(delivery);
    expect(revised).to.deep.include({ state: 'scheduled', revision: 2, options: { privacy: 'only-me' }, consent });
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', run_at: world.clock.now() + hour });
    expect(await post(delivery.postId)).to.deep.equal({ state: 'scheduled', due_at: world.clock.now() + hour });
    await revise(delivery, { due: null });
    expect(await now(delivery)).to.include({ state: 'draft', dueAt: null });
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
  });

  it('lets a worker that already held the delivery lose it to an edit: exactly one revision is published', async () => {
    const delivery = await schedule(world, { options: 'first' });
    const jobs = await claim(world);
    const published: unknown[] = [];
    world.network.advance = async (view, attempt) => {
      if (view.options === 'first') await revise(delivery, { options: 'second' });
      if (attempt.pointOfNoReturnAt !== null) {
        published.push(view.options);
        return { kind: 'published', remoteIds: ['1'] };
      }
      return { kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now(), pointOfNoReturn: true };
    };

    await run(world, jobs);
    expect(published).to.deep.equal([]);
    await runDue(world);

    expect(published).to.deep.equal(['second']);
    expect((await attemptsOf(world, delivery)).map((row) => [row['outcome'], row['revision']])).to.deep.equal([
      ['superseded', 1],
      ['published', 2],
    ]);
  });

  it('refuses to edit what is being published', async () => {
    const delivery = await untilProcessing();
    const refusal = await caught(ConflictError, revise(delivery, { options: null }));
    expect(refusal.message).to.equal('This post is already being published, so it cannot be changed.');
    expect(await now(delivery)).to.include({ state: 'processing', revision: 1 });
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', fence: 1 });
  });

  it('cancels until the point of no return, also under a running worker, which then posts nothing', async () => {
    const delivery = await schedule(world);
    const jobs = await claim(world);
    world.network.advance = async (_delivery, attempt) => {
      expect(attempt.pointOfNoReturnAt).to.equal(null);
      await cancel(delivery);
      return { kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now(), pointOfNoReturn: true };
    };

    await run(world, jobs);

    expect(world.network.calls).to.have.lengthOf(1);
    expect(await now(delivery)).to.include({ state: 'cancelled' });
    expect((await attemptsOf(world, delivery))[0]).to.include({ outcome: 'superseded', reason: 'cancelled' });
    expect(await claim(world)).to.deep.equal([]);
    expect((await sentences(delivery)).at(-1)).to.equal('Cancelled by Ida.');
    expect(await post(delivery.postId)).to.include({ state: 'cancelled' });
  });

  it('refuses to cancel past the point of no return, and changes nothing then', async () => {
    const delivery = await untilProcessing();
    const before = await jobOf(world, delivery);
    const refusal = await caught(ConflictError, cancel(delivery));
    expect(refusal.message).to.equal('This post is already being published, so it cannot be cancelled.');
    expect(await jobOf(world, delivery)).to.deep.equal(before);
  });

  it('lets exactly one win of a cancel and a point of no return at the same moment (20 races)', async () => {
    for (let race = 0; race < 20; race += 1) {
      const delivery = await schedule(world);
      let real = 0;
      world.network.advance = (_delivery, attempt) => {
        if (attempt.pointOfNoReturnAt === null) {
          return {
            kind: 'continue',
            stage: 'publishing',
            progress: null,
            at: world.clock.now(),
            pointOfNoReturn: true,
          };
        }
        real += 1;
        return { kind: 'published', remoteIds: ['1'] };
      };
      const jobs = await claim(world);
      const [cancelled] = await Promise.allSettled([cancel(delivery), run(world, jobs)]);

      const state = cancelled.status === 'fulfilled' ? 'cancelled' : 'published';
      expect(await now(delivery), `race ${race}`).to.include({ state });
      expect(real, `race ${race}`).to.equal(cancelled.status === 'fulfilled' ? 0 : 1);
    }
  });

  it('tries a failed delivery again with a new attempt, and the grace counts from then', async () => {
    const delivery = await schedule(world);
    const because = { sentence: 'No.', who: 'network', nextStep: '', code: 'no' } as const;
    world.network.advance = () => ({ kind: 'failed', because });
    await runDue(world);
    world.clock.advance(72 * hour);
    await retry(delivery);
    expect(await now(delivery)).to.include({ state: 'scheduled', outcome: null, dueAt: delivery.dueAt });
    world.network.advance = () => ({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published' });
    expect((await attemptsOf(world, delivery)).map((row) => row['outcome'])).to.deep.equal(['failed', 'published']);
    const refusal = await caught(ConflictError, retry(delivery));
    expect(refusal.message).to.equal('Only what was certainly not posted can be tried again; this one is published.');
  });

  it('tries again what needs attention and was certainly not posted, with its whole grace', async () => {
    const delivery = await schedule(world);
    world.clock.advance(25 * hour);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'missed_window' });
    await retry(delivery);
    expect(await now(delivery)).to.include({ state: 'scheduled', outcome: null, outcomeCode: null });
    expect((await sentences(delivery)).at(-1)).to.equal('Ida asked to try again.');
    expect(await post(delivery.postId)).to.include({ state: 'scheduled' });
    const because = { sentence: 'No.', who: 'you', nextStep: '', code: 'options_changed' } as const;
    world.network.advance = () => ({ kind: 'needs-attention', because, mayBePosted: false });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'options_changed' });
    await retry(delivery);
    world.network.advance = () => ({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published' });
    expect((await attemptsOf(world, delivery)).map((row) => row['outcome'])).to.deep.equal(['superseded', 'published']);
  });

  it('tries again what ended its workers before the point of no return, forgiven its deaths', async () => {
    const delivery = await schedule(world);
    await db().knex('jobs').update({ deaths: 3 });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'poison' });
    await retry(delivery);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('never tries again what may have been posted, whatever its outcome says', async () => {
    const delivery = await untilProcessing();
    const because = { sentence: 'No.', who: 'network', nextStep: '', code: 'no' } as const;
    for (const mayBePosted of [true, false]) {
      world.network.advance = () => ({ kind: 'needs-attention', because, mayBePosted });
      world.clock.advance(5_000);
      await runDue(world);
      expect(await now(delivery)).to.include({ state: 'needs-attention' });
      const before = await jobOf(world, delivery);
      const refusal = await caught(ConflictError, retry(delivery));
      expect(refusal.message).to.equal('This post may have been posted already, so it is not sent again.');
      expect(await jobOf(world, delivery)).to.deep.equal(before);
      await db().knex('deliveries').update({ state: 'processing' });
      await db().knex('jobs').update({ state: 'waiting' });
    }
  });

  it('schedules and retries nothing on a channel that is disconnected', async () => {
    const { id: channelId } = await addChannel(world);
    const draft = await schedule(world, { channelId, inMs: null });
    const failed = await schedule(world, { channelId });
    const because = { sentence: 'No.', who: 'network', nextStep: '', code: 'no' } as const;
    world.network.advance = () => ({ kind: 'failed', because });
    await runDue(world);
    await db().knex('channels').where({ id: channelId }).update({ disconnected_at: 1 });

    const says = 'The channel was disconnected meanwhile.';
    expect((await caught(ConflictError, schedule(world, { channelId }))).message).to.equal(says);
    expect((await caught(ConflictError, revise(draft, { due: dueIn(world, hour) }))).message).to.equal(says);
    expect((await caught(ConflictError, retry(failed))).message).to.equal(says);
    expect(await now(draft)).to.include({ state: 'draft', revision: 1 });
    expect(await now(failed)).to.include({ state: 'failed' });
    await revise(draft, { options: null });
  });

  it('lets no schedule slip past a disconnection that looks at the same moment (20 races)', async () => {
    for (let race = 0; race < 20; race += 1) {
      const { id: channelId } = await addChannel(world);
      const draft = await schedule(world, { channelId, inMs: null });
      const disconnect = db().transaction(async (sql) => {
        await sql('channels').where({ id: channelId }).update({ disconnected_at: 1 });
        const live: unknown[] = await sql('deliveries').where({ channel_id: channelId, state: 'scheduled' });
        if (live.length > 0) throw new ConflictError('Something is due.');
      });
      const made = revise(draft, { due: dueIn(world, hour) });
      const [gone, kept] = await Promise.allSettled([disconnect, made]);
      expect([gone.status, kept.status].sort(), `race ${race}`).to.deep.equal(['fulfilled', 'rejected']);
    }
  });

  it('removes a delivery whose channel was unticked', async () => {
    const postId = await addPost(world);
    const stays = await schedule(world, { postId, inMs: null });
    const goes = await schedule(world, { postId });
    const jobs = await claim(world);
    await db().transaction((sql) => world.desk.remove(world.teamId, goes.id, sql));
    await run(world, jobs);

    expect(world.network.calls).to.deep.equal([]);
    expect((await world.desk.ofPost(world.teamId, postId)).map(({ id }) => id)).to.deep.equal([stays.id]);
    expect(await post(postId)).to.deep.equal({ state: 'draft', due_at: null });
  });

  it('shows and changes deliveries only through their own team', async () => {
    const delivery = await schedule(world);
    const other = world.teamId + 1;
    await caught(NotFoundError, world.desk.find(other, delivery.id));
    await caught(NotFoundError, world.desk.timeline(other, delivery.id));
    await caught(NotFoundError, world.desk.cancel(world.actor, other, delivery.id));
    await caught(NotFoundError, world.desk.retry(world.actor, other, delivery.id));
    await caught(
      NotFoundError,
      db().transaction((sql) => world.desk.revise(other, delivery.id, {}, sql)),
    );
    expect(await world.desk.ofPost(other, delivery.postId)).to.deep.equal([]);
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', fence: 0 });
  });

  it('knows which files are needed', async () => {
    const delivery = await schedule(world);
    const [mediaId = 0] = await db()
      .knex('media')
      .insert({
        ...{ team_id: world.teamId, file_name: 'a.mp4', stored_name: 'a.mp4', kind: 'video', type: 'video/mp4' },
        ...{ bytes: 4_000_000_000, sha256: '0'.repeat(64), width: 1080, height: 1920, created_at: 0 },
      });
    await db().knex('post_media').insert({ post_id: delivery.postId, media_id: mediaId, position: 0 });
    expect(await world.desk.usingMedia(mediaId)).to.equal(true);
    world.network.advance = () => ({ kind: 'failed', because: { sentence: '', who: 'you', nextStep: '', code: 'x' } });
    await runDue(world);

    expect(world.network.calls[0]?.delivery.media[0]).to.include({ bytes: 4_000_000_000, path: '/data/media/a.mp4' });
    expect(await world.desk.usingMedia(mediaId)).to.equal(false);
    expect((await world.desk.ofChannel(delivery.channelId, ['failed'])).map(({ id }) => id)).to.deep.equal([
      delivery.id,
    ]);
  });
});
