import { expect } from 'chai';
import { TeamRemovalStore } from '../../../core/teams/team-removal-store.ts';
import { fillDeliveries, numbers } from '../../../bench/lib/fill.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld } from '../../support/engine-world.ts';
import { createPerson, createTeam } from '../../support/factories.ts';
import { rowsRead } from '../../support/rows-read.ts';

const ofOthers = 1_000;
const own = 3;

onEachDatabase('Deleting a team in an installation with many posts', (db) => {
  it(`reads none of ${ofOthers} attempts of others for its ${own} posts`, async () => {
    const world = await createEngineWorld(db());
    const [{ id: others }, { id: its }] = [await addChannel(world), await addChannel(world)];
    const { id: teamId } = await createTeam(db());
    const { id: authorId } = await createPerson(db());
    const { knex } = db();
    await knex('channels').where({ id: its }).update({ team_id: teamId, disconnected_at: 1 });
    const fill = { authorId, plugin: 'p', state: 'published', firstAt: 0, stepMs: 1 } as const;
    const last = ofOthers + own;
    await fillDeliveries(db(), 'publish', {
      ...fill,
      teamId: world.teamId,
      channelIds: [others],
      from: 1,
      to: ofOthers,
    });
    await fillDeliveries(db(), 'publish', { ...fill, teamId, channelIds: [its], from: ofOthers + 1, to: last });
    await knex.raw(
      `insert into attempts (delivery_id, n, plugin, credential_id, revision, started_at, outcome)
       select n, 1, 'p', (select min(id) from credentials), 1, 0, 'published' from ${numbers(db(), { from: 1, to: last })}`,
    );
    await knex('teams').where({ id: teamId }).update({ deleted_at: 1 });

    const read = await db().transaction(async (sql) => {
      const before = await rowsRead({ ...db(), knex: sql });
      expect(await new TeamRemovalStore(db()).finish(teamId, sql)).to.equal(true);
      return (await rowsRead({ ...db(), knex: sql })) - before;
    });
    expect(read).to.be.at.most(ofOthers / 4);
    expect(await knex('attempts').pluck('delivery_id')).to.have.length(ofOthers);
  });

  it('takes files and channels away bit by bit, too, so that little is left for the last transaction', async () => {
    const world = await createEngineWorld(db());
    const { knex } = db();
    const { id: its } = await addChannel(world);
    const { teamId } = world;
    await knex('channels').where({ id: its }).update({ disconnected_at: 1 });
    await knex.raw(
      `insert into media (team_id, file_name, stored_name, kind, type, bytes, sha256, width, height, created_at)
       select ?, 'Lucia.mp4', n, 'video', 'video/mp4', 1, 'a', 1, 1, 0 from ${numbers(db(), { from: 1, to: 250 })}`,
      [teamId],
    );
    const store = new TeamRemovalStore(db());
    const taken: number[] = [];
    for (let some = await store.removeSome(teamId); some > 0; some = await store.removeSome(teamId)) taken.push(some);
    expect(taken).to.deep.equal([200, 50, 1]);
    expect([await knex('media'), await knex('channels')]).to.deep.equal([[], []]);
  });
});
