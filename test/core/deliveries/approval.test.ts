import { expect } from 'chai';
import type { Role } from '../../../core/auth/permissions.ts';
import { insertPostOfDrafts } from '../../../core/approvals/separation-store.ts';
import { passGate } from '../../../core/deliveries/gate.ts';
import { readPayload } from '../../../core/deliveries/publish-payload.ts';
import { loadPublishingWorks } from '../../../core/deliveries/publishing-store.ts';
import type { Actor, ConsentRecord, Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { ConflictError, NotAllowedError } from '../../../core/errors.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  addPost,
  claim,
  createEngineWorld,
  dueIn,
  type EngineWorld,
  run,
  runDue,
} from '../../support/engine-world.ts';
import { createMember } from '../../support/factories.ts';

const hour = 3_600_000;

onEachDatabase('approval', (db) => {
  let world: EngineWorld;
  let editor: Actor;
  let manager: Actor;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    const member = (role: Role, name: string) => createMember(db(), { team: { id: world.teamId }, role, name });
    editor = await member('editor', 'Ea');
    manager = await member('manager', 'Mo');
    await ask(true);
  });

  const ask = (needsApproval: boolean) =>
    db().knex('teams').where({ id: world.teamId }).update({ needs_approval: needsApproval });
  const consentOf = ({ id, name }: Actor): ConsentRecord => ({
    ...{ by: id, byName: name, at: world.clock.now(), text: 'Agreed.', options: null },
  });
  const compose = async (actor: Actor | null, inMs: number | null = hour): Promise<Delivery> => {
    const place = { postId: await addPost(world), teamId: world.teamId, channelId: (await addChannel(world)).id };
    const due = inMs === null ? null : dueIn(world, inMs);
    const delivery = {
      ...place,
      plugin: 'fake',
      options: null,
      due,
      consent: actor === null ? null : consentOf(actor),
    };
    const id = await db().transaction((sql) => world.desk.create(delivery, sql));
    return world.desk.find(world.teamId, id);
  };
  const now = ({ id }: Delivery) => world.desk.find(world.teamId, id);
  const act = ({ id, revision }: Delivery, actor: Actor) => ({ actor, teamId: world.teamId, id, revision });
  const approve = (delivery: Delivery, actor = manager) =>
    db().transaction((sql) => world.desk.approve(act(delivery, actor), sql));
  const sendBack = (delivery: Delivery, actor = manager) =>
    db().transaction((sql) =>
      world.desk.sendBack({ ...act(delivery, actor), comment: 'Brighter, please.', options: { typed: {} } }, sql),
    );
  const edit = ({ id }: Delivery, actor: Actor) =>
    db().transaction((sql) => world.desk.revise(world.teamId, id, { consent: consentOf(actor) }, sql));
  const move = ({ id }: Delivery, by: number | undefined) =>
    db().transaction((sql) =>
      world.desk.revise(world.teamId, id, { due: dueIn(world, 2 * hour), ...(by === undefined ? {} : { by }) }, sql),
    );
  const refusal = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const words = async ({ id }: Delivery) =>
    (await world.desk.timeline(world.teamId, id)).map(({ facts }) => JSON.stringify(facts)).join();

  it('holds what an editor schedules, whatever wakes it, until a manager approves it.', async () => {
    const delivery = await compose(editor);
    expect(delivery).to.include({ state: 'scheduled', hold: 'approval', needsApproval: true, approval: null });
    world.clock.advance(hour);
    await runDue(world);
    await world.desk.wakeChannel(delivery.channelId);
    await runDue(world);
    expect(world.network.calls).to.deep.equal([]);
    expect(await now(delivery)).to.include({ state: 'scheduled', hold: 'approval' });
    await approve(delivery);
    await runDue(world);
    const published = await now(delivery);
    expect(published).to.include({ state: 'published', needsApproval: false });
    expect(published.approval).to.deep.equal({ by: manager.id, byName: 'Mo', at: world.clock.now() });
    expect(published.consent?.by).to.equal(editor.id);
    expect(await words(delivery))
      .to.contain('Waits for approval')
      .and.to.contain('Approved by Mo.');
  });

  it('sends what was approved ahead of time at its time, and not before.', async () => {
    const delivery = await compose(editor);
    await approve(delivery);
    expect(await now(delivery)).to.include({ hold: null, needsApproval: false });
    await runDue(world);
    expect(world.network.calls).to.deep.equal([]);
    world.clock.advance(hour);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('asks for nothing where the team does not, for what a manager composes, and for drafts.', async () => {
    expect(await compose(manager)).to.include({ hold: null, needsApproval: false });
    expect(await compose(editor, null)).to.include({ state: 'draft', hold: null, needsApproval: false });
    await ask(false);
    expect(await compose(editor)).to.include({ hold: null, needsApproval: false });
  });

  it('holds what somebody composes whom nobody knows, or who is no member any more.', async () => {
    expect(await compose(null)).to.include({ needsApproval: true });
    await db().knex('members').where({ user_id: manager.id }).delete();
    expect(await compose(manager)).to.include({ needsApproval: true });
  });

  it('gives up what nobody approved in time, and lets no retry of an editor pass.', async () => {
    const delivery = await compose(editor, 0);
    world.clock.advance(24 * hour + 1);
    expect(await refusal(approve(delivery))).to.be.instanceOf(ConflictError);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'not_approved', hold: null });
    await world.desk.retry(editor, world.teamId, delivery.id);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'scheduled', hold: 'approval', needsApproval: true });
    expect(world.network.calls).to.deep.equal([]);
    world.clock.advance(hour);
    await approve(await now(delivery));
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('takes a retry of a manager for the approval.', async () => {
    const delivery = await compose(editor, 0);
    world.clock.advance(24 * hour + 1);
    await runDue(world);
    await world.desk.retry(manager, world.teamId, delivery.id);
    await runDue(world);
    expect((await now(delivery)).approval).to.include({ by: manager.id });
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('lets “It is not there” of an editor pass no more than a retry.', async () => {
    const delivery = await compose(editor, 0);
    const outcome = { sentence: '', who: 'team', nextStep: '', code: 'x', mayBePosted: true, at: 0 };
    const row = { state: 'needs-attention', hold: null, outcome: JSON.stringify(outcome) };
    await db().knex('deliveries').where({ id: delivery.id }).update(row);
    await world.desk.decide(act(delivery, editor), { kind: 'not-posted' });
    await runDue(world);
    expect(world.network.calls).to.deep.equal([]);
    expect(await now(delivery)).to.include({ state: 'scheduled', hold: 'approval' });
  });

  it('lets an editor’s retry wait for what failed before the team asked, unless it was approved.', async () => {
    await ask(false);
    const fail = async (): Promise<Delivery> => {
      const delivery = await compose(editor, 0);
      await db().knex('deliveries').where({ id: delivery.id }).update({ state: 'failed', hold: null });
      return delivery;
    };
    const early = await fail();
    const managers = await fail();
    const approved = await fail();
    const approval = JSON.stringify({ by: manager.id, byName: 'Mo', at: 0 });
    await db().knex('deliveries').where({ id: approved.id }).update({ approval });
    await world.desk.retry(editor, world.teamId, (await fail()).id);
    await ask(true);
    await runDue(world);
    expect(world.network.calls, 'pressed while nobody asked').to.have.lengthOf(1);
    await world.desk.retry(editor, world.teamId, early.id);
    await world.desk.retry(manager, world.teamId, managers.id);
    await world.desk.retry(editor, world.teamId, approved.id);
    await runDue(world);
    expect(await now(early)).to.include({ state: 'scheduled', hold: 'approval', needsApproval: true });
    expect(await now(managers)).to.include({ state: 'published' });
    expect(await now(approved)).to.include({ state: 'published' });
    await approve(await now(early));
    await runDue(world);
    expect(await now(early)).to.include({ state: 'published' });
  });

  it('asks again after an editor’s edit or move of what was approved, and not after a manager’s.', async () => {
    const delivery = await compose(editor);
    await approve(delivery);
    await move(delivery, manager.id);
    expect((await now(delivery)).approval?.by).to.equal(manager.id);
    await edit(delivery, manager);
    expect(await now(delivery)).to.include({ needsApproval: false, hold: null });
    for (const change of [
      () => edit(delivery, editor),
      () => move(delivery, editor.id),
      () => move(delivery, undefined),
    ]) {
      await change();
      expect(await now(delivery)).to.include({ needsApproval: true, hold: 'approval', approval: null });
      await approve(await now(delivery));
    }
    await edit(delivery, editor);
    await move(delivery, manager.id);
    expect(await now(delivery), 'a move approves nothing').to.include({ needsApproval: true });
    await ask(false);
    await move(delivery, editor.id);
    expect(await now(delivery), 'what waits goes on waiting').to.include({ needsApproval: true });
    await edit(delivery, manager);
    expect((await now(delivery)).approval).to.include({ by: manager.id });
  });

  it('makes what is sent back a draft, which agrees to nothing and is not sent.', async () => {
    const delivery = await compose(editor);
    await sendBack(delivery);
    expect(await now(delivery)).to.include({ state: 'draft', hold: null, dueAt: null, consent: null, revision: 2 });
    world.clock.advance(2 * hour);
    await runDue(world);
    expect(world.network.calls).to.deep.equal([]);
    expect(await words(delivery)).to.contain('Mo sent it back: “Brighter, please.”');
  });

  it('lets what was sent back go on in a post of its own, once.', async () => {
    const delivery = await compose(editor);
    await sendBack(delivery);
    const [comment, place] = [
      JSON.stringify({ comment: 'Brighter' }),
      { teamId: world.teamId, postId: delivery.postId },
    ];
    await db().knex('posts').where({ id: delivery.postId }).update({ sent_back: comment, planned_date: '2026-12-01' });
    const separate = () => db().transaction((sql) => insertPostOfDrafts(sql, { ...place, now: world.clock.now() }));
    const both = await Promise.all([separate(), separate()]);
    const apart = both.filter((id) => id !== undefined);
    expect(apart).to.have.lengthOf(1);
    expect(await now(delivery)).to.include({ postId: apart[0], state: 'draft' });
    const columns = ['caption', 'sent_back', 'planned_date', 'team_id', 'created_by', 'version'];
    const row = (id: number | undefined) => db().knex('posts').where({ id }).first<object>(columns);
    expect(await row(apart[0])).to.deep.equal(await row(delivery.postId));
  });

  it('takes the word of managers only, and only about what they have seen.', async () => {
    const delivery = await compose(editor);
    expect(await refusal(approve(delivery, editor))).to.be.instanceOf(NotAllowedError);
    expect(await refusal(sendBack(delivery, editor))).to.be.instanceOf(NotAllowedError);
    await edit(delivery, editor);
    expect(await refusal(approve(delivery))).to.be.instanceOf(ConflictError);
    expect(await refusal(sendBack(delivery))).to.be.instanceOf(ConflictError);
    expect(await now(delivery)).to.include({ needsApproval: true, revision: 2 });
  });

  it('sends nothing of a post that an editor changes while a worker has it (claimed when it was approved).', async () => {
    const delivery = await compose(editor, 0);
    await approve(delivery);
    const claims = await claim(world);
    expect(claims).to.have.lengthOf(1);
    world.network.advance = async () => {
      await edit(delivery, editor);
      return { kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now(), pointOfNoReturn: true };
    };
    await run(world, claims);
    await runDue(world);
    expect(world.network.calls).to.have.lengthOf(1);
    const after = await now(delivery);
    expect(after).to.include({ state: 'scheduled', hold: 'approval', pointOfNoReturnAt: null });
  });

  it('never lets out a post that is edited, or sent back, at the moment of its approval (10 races each).', async () => {
    for (let race = 0; race < 10; race += 1) {
      const edited = await compose(editor, 0);
      await Promise.allSettled([approve(edited), edit(edited, editor)]);
      expect(await now(edited), `edit ${race}`).to.include({ needsApproval: true, hold: 'approval' });
      const returned = await compose(editor, 0);
      const both = await Promise.allSettled([sendBack(returned), approve(returned), runDue(world)]);
      const wins = both.slice(0, 2).map(({ status }) => status === 'fulfilled');
      expect(wins.filter(Boolean), `send back ${race}`).to.have.lengthOf(1);
      const { state } = await now(returned);
      if (wins[0] === true) expect(state).to.equal('draft');
    }
    const sent = new Set(world.network.calls.map(({ delivery }) => delivery.id));
    const drafts = await db().knex('deliveries').where({ state: 'draft' }).pluck<number[]>('id');
    expect(drafts.filter((id) => sent.has(id))).to.deep.equal([]);
  });

  it('stops at the gate whatever else is said about the delivery.', async () => {
    const delivery = await compose(editor, 0);
    for (const change of [{ hold: null }, { hold: 'quota' }, { hold: 'reconnect' }, { state: 'publishing' }]) {
      await db().knex('deliveries').where({ id: delivery.id }).update(change);
      const [work] = await loadPublishingWorks(db().knex, [delivery.id], '/data/media');
      if (work === undefined || work instanceof Error) throw new Error('It cannot be read.');
      const standing = {
        work,
        job: { deaths: 0 },
        since: readPayload({}),
        now: world.clock.now(),
        timings: world.timings,
      };
      expect(passGate(standing).pass).to.equal('later');
    }
  });
});
