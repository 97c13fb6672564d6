import { expect } from 'chai';
import { z } from 'zod';
import type { Explanation, Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { InputError } from '../../../core/errors.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld, type EngineWorld, runDue, schedule } from '../../support/engine-world.ts';
import { createTeam } from '../../support/factories.ts';
import { caught } from '../../support/failure.ts';

const link = { kind: 'posted', remoteId: '7548021', url: 'https://network.example/v/7548021' } as const;
const because: Explanation = { sentence: 'It forgot.', who: 'network', nextStep: 'Look.', code: 'status_unknown' };
const refusal = [
  { field: 'link', message: 'Another post to this account has this link already. Give the link of this one.' },
];

onEachDatabase('The link that a person gives', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (one: Delivery): Promise<Delivery> => world.desk.find(one.teamId, one.id);
  const act = ({ id, teamId }: Delivery) => ({ actor: world.actor, teamId, id });
  const inDoubt = async (place: { readonly teamId?: number; readonly channelId?: number } = {}): Promise<Delivery> => {
    const { teamId = world.teamId, ...channel } = place;
    const delivery = await schedule({ ...world, teamId }, channel);
    world.network.advance = (_delivery, attempt): Step =>
      attempt.pointOfNoReturnAt === null
        ? {
            ...{ kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now() },
            ...{ pointOfNoReturn: true, reference: `r-${delivery.id}` },
          }
        : { kind: 'needs-attention', because, mayBePosted: true };
    await runDue(world);
    return delivery;
  };
  /** The same account, connected by another team. @returns its place there */
  const ofAnotherTeam = async (channelId: number) => {
    const { id: teamId } = await createTeam(db());
    const columns = ['credential_id', 'plugin', 'account_id', 'nickname', 'is_paused', 'connected_at'];
    const shared: unknown = await db().knex('channels').where({ id: channelId }).first(columns);
    const [id = 0] = await db()
      .knex('channels')
      .insert({ ...z.record(z.string(), z.unknown()).parse(shared), team_id: teamId });
    return { teamId, channelId: id };
  };

  it('is refused, and nothing changed, when another post of the channel has it already', async () => {
    const first = await inDoubt();
    await world.desk.decide(act(first), link);
    const second = await inDoubt({ channelId: first.channelId });
    const error = await caught(InputError, world.desk.decide(act(second), link));
    expect(error.problems).to.deep.equal(refusal);
    expect(await now(second)).to.include({ state: 'needs-attention', url: null });
  });

  it('is refused when a post of another team to the same account has it', async () => {
    const { id: channelId } = await addChannel(world);
    const theirs = await inDoubt(await ofAnotherTeam(channelId));
    await world.desk.decide(act(theirs), link);
    const ours = await inDoubt({ channelId });
    const error = await caught(InputError, world.desk.decide(act(ours), link));
    expect(error.problems).to.deep.equal(refusal);
    expect(await now(ours)).to.include({ state: 'needs-attention', url: null });
    await world.desk.decide(act(ours), { ...link, remoteId: '7548022', url: 'https://network.example/v/7548022' });
    expect(await now(ours)).to.include({ state: 'published' });
  });

  it('is compared as it stands where no plugin reads it', async () => {
    const bare = { ...link, remoteId: null };
    const first = await inDoubt();
    await world.desk.decide(act(first), bare);
    const second = await inDoubt({ channelId: first.channelId });
    const error = await caught(InputError, world.desk.decide(act(second), bare));
    expect(error.problems).to.deep.equal(refusal);
  });

  it('belongs to one post only, however many people give it at once (10 races)', async () => {
    const { id: channelId } = await addChannel(world);
    const there = await ofAnotherTeam(channelId);
    for (let race = 0; race < 10; race += 1) {
      const both = [await inDoubt({ channelId }), await inDoubt(there)];
      const given = { ...link, remoteId: String(race) };
      const ended = await Promise.allSettled(both.map((one) => world.desk.decide(act(one), given)));
      expect(ended.map(({ status }) => status).sort(), `race ${race}`).to.deep.equal(['fulfilled', 'rejected']);
    }
  });
});
