import { expect } from 'chai';
import { down, up } from '../../../migrations/018-approval.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createEngineWorld, addChannel, schedule } from '../../support/engine-world.ts';

onEachDatabase('the undo of approval', (db) => {
  it('makes drafts of what waits, so that nothing goes out unapproved, and leaves the rest alone.', async () => {
    const { knex } = db();
    const world = await createEngineWorld(db());
    const { id: channelId } = await addChannel(world);
    const waiting = await schedule(world, { channelId, inMs: 3_600_000 });
    const approved = await schedule(world, { channelId, inMs: 3_600_000 });
    await knex('deliveries').update({ hold: null, needs_approval: false });
    await knex('deliveries').where({ id: waiting.id }).update({ hold: 'approval', needs_approval: true });
    await down(knex);
    const columns = ['id', 'state', 'due_at', 'due_wall', 'hold', 'consent'];
    const rows: unknown[] = await knex('deliveries').orderBy('id').select(columns);
    const none = { due_at: null, due_wall: null, hold: null, consent: null };
    expect(rows[0]).to.deep.equal({ id: waiting.id, state: 'draft', ...none });
    expect(rows[1]).to.include({ id: approved.id, state: 'scheduled' });
    expect(await knex('jobs').pluck('key')).to.deep.equal([String(approved.id)]);
    const posts = await knex('posts').orderBy('id').pluck('state');
    expect(posts).to.deep.equal(['draft', 'scheduled']);
    await knex('deliveries').where({ id: approved.id }).update({ hold: 'approval' });
    await up(knex);
    const needs = await knex('deliveries').orderBy('id').pluck('needs_approval');
    expect(needs.map(Number)).to.deep.equal([0, 1]);
  });
});
