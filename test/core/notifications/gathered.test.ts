import { expect } from 'chai';
import { z } from 'zod';
import type { Role } from '../../../core/auth/permissions.ts';
import type { Actor, ConsentRecord, Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { gatheredFacts } from '../../../core/notifications/notification.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, addPost, createEngineWorld, dueIn, type EngineWorld } from '../../support/engine-world.ts';
import { createMember } from '../../support/factories.ts';

const noteRow = z.object({ kind: z.string(), subject_id: z.number(), facts: z.string() });
const recipientRow = z.object({ name: z.string(), kind: z.string(), read_at: z.number().nullable(), mail: z.string() });

onEachDatabase('A notification of what waits for approval', (db) => {
  let world: EngineWorld;
  let ploy: Actor;
  let mo: Actor;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    await db().knex('teams').where({ id: world.teamId }).update({ needs_approval: true });
    ploy = await member('editor', 'Ploy');
    mo = await member('manager', 'Mo');
    await member('owner', 'Ora');
    await member('viewer', 'Vi');
  });

  const member = (role: Role, name: string) => createMember(db(), { team: { id: world.teamId }, role, name });
  const consentOf = ({ id, name }: Actor): ConsentRecord => ({
    ...{ by: id, byName: name, at: world.clock.now(), text: 'Agreed.', options: null },
  });
  const submit = async (actor = ploy, title = 'Rye at four', channels = 1): Promise<Delivery> => {
    const postId = await addPost(world, title);
    const ids: number[] = [];
    for (let n = 0; n < channels; n += 1) {
      const place = { postId, teamId: world.teamId, channelId: (await addChannel(world)).id, plugin: 'fake' };
      const made = { ...place, options: null, due: dueIn(world, 3_600_000), consent: consentOf(actor) };
      ids.push(await db().transaction((sql) => world.desk.create(made, sql)));
    }
    return world.desk.find(world.teamId, ids[0] ?? 0);
  };
  const approve = ({ id, revision }: Delivery, actor = mo) =>
    db().transaction((sql) => world.desk.approve({ actor, teamId: world.teamId, id, revision }, sql));
  const move = ({ id }: Delivery, { id: by }: Actor) =>
    db().transaction((sql) => world.desk.revise(world.teamId, id, { due: dueIn(world, 7_200_000), by }, sql));
  const edit = ({ id }: Delivery, actor: Actor) =>
    db().transaction((sql) => world.desk.revise(world.teamId, id, { consent: consentOf(actor) }, sql));
  const told = async () => {
    const rows: unknown = await db().knex('notifications').orderBy('id');
    return z
      .array(noteRow)
      .parse(rows)
      .map(({ kind, subject_id: subject, facts }) => ({ kind, subject, ...gatheredFacts.parse(JSON.parse(facts)) }));
  };
  const readers = async () => {
    const rows: unknown = await db()
      .knex('notification_recipients as r')
      .join('users as u', 'u.id', 'r.user_id')
      .join('notifications as n', 'n.id', 'r.notification_id')
      .orderBy(['r.notification_id', 'u.name'])
      .select('u.name', 'n.kind', 'r.read_at', 'r.mail');
    return z.array(recipientRow).parse(rows);
  };
  const reads = ({ id }: Actor) =>
    db().knex('notification_recipients').where({ user_id: id }).update({ read_at: world.clock.now(), mail: 'sent' });

  it('tells managers and owners once of forty posts, whatever their channels, and one mail of each person waits.', async () => {
    const posts: number[] = [];
    for (let n = 1; n <= 3; n += 1) posts.push((await submit(ploy, `Batch ${n}`, 2)).postId);
    const draft = await submit(mo, 'Batch 4');
    await db().transaction((sql) => world.desk.revise(world.teamId, draft.id, { due: null, consent: null }, sql));
    const due = { due: dueIn(world, 3_600_000), consent: consentOf(ploy) };
    await db().transaction((sql) => world.desk.revise(world.teamId, draft.id, due, sql));
    posts.push(draft.postId);
    expect(await told()).to.deep.equal([
      { kind: 'posts-submitted', subject: ploy.id, by: ploy.id, byName: 'Ploy', posts, post: 'Batch 4' },
    ]);
    expect((await readers()).map(({ name, mail }) => [name, mail])).to.deep.equal([
      ['Mo', 'waiting'],
      ['Ora', 'waiting'],
    ]);
  });

  it('is told anew to whoever has read it, counts only what still waits, and begins again once all have read it.', async () => {
    const first = await submit();
    const second = await submit();
    await reads(mo);
    await approve(first);
    const third = await submit();
    const [note, ...more] = (await told()).filter(({ kind }) => kind === 'posts-submitted');
    expect(more).to.deep.equal([]);
    expect(note?.posts).to.deep.equal([second.postId, third.postId]);
    const submitted = async () => (await readers()).filter(({ kind }) => kind === 'posts-submitted');
    expect((await submitted()).map(({ name, read_at: at, mail }) => [name, at, mail])).to.deep.equal([
      ['Mo', null, 'waiting'],
      ['Ora', null, 'waiting'],
    ]);
    await db().knex('notification_recipients').update({ read_at: 1 });
    await submit();
    expect((await told()).filter(({ kind }) => kind === 'posts-submitted')).to.have.lengthOf(2);
  });

  it('is another one for another person, and for a manager who came since the same.', async () => {
    await submit();
    await submit(await member('editor', 'Esa'));
    expect((await told()).map(({ byName }) => byName)).to.deep.equal(['Ploy', 'Esa']);
    await member('manager', 'New');
    await submit();
    const names = (await readers()).map(({ name }) => name);
    expect(names).to.deep.equal(['Mo', 'New', 'Ora', 'Mo', 'Ora']);
  });

  it('comes of a move, an edit and a retry that ask for approval anew, and of nothing that waits already.', async () => {
    const delivery = await submit();
    await move(delivery, ploy);
    await move(delivery, mo);
    expect(await told()).to.have.lengthOf(1);
    for (const act of [() => move(delivery, ploy), () => edit(delivery, ploy)]) {
      await approve(await world.desk.find(world.teamId, delivery.id));
      await db().knex('notifications').delete();
      await act();
      expect((await told()).map(({ kind, by }) => [kind, by])).to.deep.equal([['posts-submitted', ploy.id]]);
    }
    await db().knex('notifications').delete();
    await db().knex('deliveries').where({ id: delivery.id }).update({ state: 'failed', hold: null });
    await world.desk.retry(ploy, world.teamId, delivery.id);
    expect((await told()).map(({ kind }) => kind)).to.deep.equal(['posts-submitted']);
  });

  it('tells its author of each way in which a manager lets it out, and the manager nothing.', async () => {
    const ways = [(one: Delivery) => approve(one), (one: Delivery) => edit(one, mo)];
    const posts: number[] = [];
    for (const letOut of ways) {
      const delivery = await submit();
      await letOut(delivery);
      posts.push(delivery.postId);
    }
    const retried = await submit();
    await db().knex('deliveries').where({ id: retried.id }).update({ state: 'failed', hold: null });
    await world.desk.retry(mo, world.teamId, retried.id);
    posts.push(retried.postId);
    const [approved, ...more] = (await told()).filter(({ kind }) => kind === 'posts-approved');
    expect(more).to.deep.equal([]);
    expect(approved).to.deep.include({ subject: ploy.id, by: mo.id, byName: 'Mo', posts });
    const whom = (await readers()).filter(({ kind }) => kind === 'posts-approved').map(({ name }) => name);
    expect(whom).to.deep.equal(['Ploy']);
  });

  it('is not there when the submission was not stored, nor where the team asks for no approval.', async () => {
    const delivery = await submit(mo);
    const failing = db().transaction(async (sql) => {
      await world.desk.revise(world.teamId, delivery.id, { consent: consentOf(ploy) }, sql);
      throw new Error('It was not stored.');
    });
    await failing.catch(() => undefined);
    await db().knex('teams').where({ id: world.teamId }).update({ needs_approval: false });
    await submit();
    expect(await told()).to.deep.equal([]);
  });

  it('is one of many submissions at once.', async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => submit(mo)));
    await Promise.all(made.map((one) => edit(one, ploy)));
    const notes = await told();
    expect(notes).to.have.lengthOf(1);
    expect(new Set(notes[0]?.posts)).to.deep.equal(new Set(made.map(({ postId }) => postId)));
  });
});
