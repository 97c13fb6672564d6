import { expect } from 'chai';
import type { ClaimedJob } from '../../../core/queue/job.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { claim, createEngineWorld, type EngineWorld, run, schedule } from '../../support/engine-world.ts';

const count = 6;

onEachDatabase('Deliveries that are worked on at the same moment', (db) => {
  let world: EngineWorld;
  let jobs: readonly ClaimedJob[];
  beforeEach(async () => {
    world = await createEngineWorld(db());
    for (let n = 0; n < count; n += 1) await schedule(world);
    jobs = await claim(world);
  });

  /** The network has been asked for all of them, and answers when this is done. */
  const beforeTheAnswers = (act: () => Promise<unknown>): void => {
    const waiting: (() => void)[] = [];
    world.network.advance = async () => {
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        if (waiting.length === count) act().then(() => waiting.forEach((goOn) => goOn()), reject);
      });
      return { kind: 'published', remoteIds: ['1'] };
    };
  };

  const keyOf = (n: number): string => jobs[n]?.key ?? '';
  const statesByDelivery = async () => {
    const rows: { id: number; state: string }[] = await db().knex('deliveries').orderBy('id').select('id', 'state');
    return new Map(rows.map(({ id, state }) => [String(id), state]));
  };

  it('are stored with the statements of one, each with its own outcome', async () => {
    world.network.advance = ({ id }) => ({
      kind: 'published',
      remoteIds: [`v-${id}`],
      url: `https://example.org/${id}`,
    });
    let statements = 0;
    const note = (): void => void (statements += 1);
    db().knex.on('query', note);
    await run(world, jobs);
    db().knex.removeListener('query', note);

    expect(statements).to.be.at.most(12);
    const rows: { id: number; state: string; remote_id: string; url: string }[] = await db().knex('deliveries');
    expect(rows).to.have.lengthOf(count);
    for (const { id, state, remote_id, url } of rows) {
      expect({ state, remote_id, url }).to.deep.equal({
        ...{ state: 'published', remote_id: `v-${id}`, url: `https://example.org/${id}` },
      });
    }
    expect(await db().knex('jobs').distinct('state', 'lease_owner')).to.deep.equal([
      { state: 'finished', lease_owner: null },
    ]);
    expect(await db().knex('attempts').distinct('n', 'outcome')).to.deep.equal([{ n: 1, outcome: 'published' }]);
  });

  it('leave the one alone that somebody else holds by now, and keep all the others', async () => {
    beforeTheAnswers(() =>
      db()
        .knex('jobs')
        .where({ key: keyOf(2) })
        .increment('fence'),
    );
    await run(world, jobs);
    const states = await statesByDelivery();
    for (const [n, { key }] of jobs.entries()) {
      expect(states.get(key), `the ${n}th`).to.equal(n === 2 ? 'scheduled' : 'published');
    }
  });

  it('begin no attempt of the one whose claim is lost, and ask the network for all the others', async () => {
    await db()
      .knex('jobs')
      .where({ key: keyOf(4) })
      .increment('fence');
    await run(world, jobs);
    const asked = world.network.calls.map(({ delivery }) => String(delivery.id));
    expect(new Set(asked)).to.deep.equal(new Set(jobs.map(({ key }) => key).filter((key) => key !== keyOf(4))));
    expect(await db().knex('attempts')).to.have.lengthOf(count - 1);
  });

  it('are stored one by one when the row of one of them is not as it was', async () => {
    beforeTheAnswers(() =>
      db()
        .knex('attempts')
        .where({ delivery_id: keyOf(1) })
        .update({ outcome: 'superseded' }),
    );
    await run(world, jobs);
    const states = await statesByDelivery();
    for (const [n, { key }] of jobs.entries()) {
      expect(states.get(key), `the ${n}th`).to.equal(n === 1 ? 'scheduled' : 'published');
    }
    expect(await db().knex('jobs').where({ state: 'waiting' }).select('key')).to.deep.equal([{ key: keyOf(1) }]);
  });

  it('are published but for the one whose row cannot be read', async () => {
    await db()
      .knex('deliveries')
      .where({ id: keyOf(3) })
      .update({ options: '{' });
    await run(world, jobs);
    const states = await statesByDelivery();
    for (const [n, { key }] of jobs.entries()) {
      expect(states.get(key), `the ${n}th`).to.equal(n === 3 ? 'scheduled' : 'published');
    }
  });
});
