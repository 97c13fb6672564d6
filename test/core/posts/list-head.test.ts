import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import type { DeliveryState } from '../../../core/deliveries/delivery.ts';
import { createListHead } from '../../../core/posts/list-head.ts';
import { createTestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam } from '../../support/factories.ts';

onEachDatabase('The numbers of the tabs', (db) => {
  it('count each state up to the limit, also when there are more posts than are counted in one go', async () => {
    const { read, add } = await openTabs(db());
    expect(await read()).to.deep.equal({});
    await add('draft', 2);
    await add('published', 7);
    await add('failed', 3);
    expect(await read()).to.deep.equal({ draft: 2, published: 5, failed: 3 });
    await add('cancelled', 4);
    expect(await read()).to.deep.equal({ draft: 2, published: 5, failed: 3, cancelled: 4 });
  });

  it('count what is full again after ten seconds, and what is not at once', async () => {
    const { read, add, clock, asked } = await openTabs(db());
    await add('published', 7);
    await add('draft', 3);
    expect(await read()).to.deep.equal({ draft: 3, published: 5 });
    await add('draft', 1);
    await db().knex('posts').where({ state: 'published' }).update({ state: 'failed' });
    expect(await read()).to.deep.equal({ draft: 4, failed: 5, published: 5 });
    expect(asked.at(-1)).to.not.contain('published');
    clock.advance(10_000);
    expect(await read()).to.deep.equal({ draft: 4, failed: 5 });
  });
});

async function openTabs(db: Database) {
  const team = await createTeam(db);
  const other = await createTeam(db);
  const clock = createTestClock();
  const readHead = createListHead({ db, clock });
  const asked: unknown[] = [];
  db.knex.on('query', ({ bindings }: { readonly bindings: unknown }) => void asked.push(bindings));
  const read = async () =>
    Object.fromEntries((await readHead({ teamId: team.id, limit: 5, batchIds: [], asksForUnfinished: false })).counts);
  let made = 0;
  const add = async (state: DeliveryState, posts: number) => {
    const row = { caption: '', nonce_body: 'x', created_at: 0, updated_at: 0, state };
    const rows = Array.from({ length: posts }, () => ({ ...row, team_id: team.id, nonce: `n${(made += 1)}` }));
    await db.knex('posts').insert([...rows, { ...row, team_id: other.id, nonce: `n${(made += 1)}` }]);
  };
  return { read, add, clock, asked };
}
