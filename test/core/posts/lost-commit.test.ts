import { expect } from 'chai';
import type { Database, Sql } from '../../../core/db/database.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { fillForm, openPostsWorld, postIdIn } from './posts-world.ts';

const trials = 15;

type Loss = 'after the COMMIT' | 'instead of the COMMIT';

/** The connection is lost at the end of the next transaction, and for as many reads after it as said. */
function losing(db: Database) {
  const next: { loss?: Loss; transactions: number } = { transactions: 0 };
  const lost = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const flaky: Database = {
    ...db,
    transaction: async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
      const { loss } = next;
      if (loss === undefined) return db.transaction(work);
      delete next.loss;
      next.transactions += 1;
      await db.transaction(async (sql) => {
        await work(sql);
        if (loss === 'instead of the COMMIT') throw lost();
      });
      throw lost();
    },
  };
  return { flaky, next };
}

onEachDatabase('A post whose COMMIT got no answer', (db) => {
  const counted = async () => {
    const counts = ['posts', 'deliveries', 'jobs'].map(async (table) => (await db().knex(table).select('id')).length);
    return Promise.all(counts);
  };

  it(`P3: is there once, and sending the form again answers that very post (${trials} trials, committed)`, async () => {
    const { flaky, next } = losing(db());
    const world = await openPostsWorld({ db: flaky });
    for (let trial = 1; trial <= trials; trial += 1) {
      const { fields } = await fillForm(world);
      next.loss = 'after the COMMIT';
      const first = postIdIn(await world.browser.post(world.address, fields));
      const again = postIdIn(await world.browser.post(world.address, fields));
      expect(again).to.equal(first);
      expect(await counted()).to.deep.equal([trial, trial, trial]);
    }
    expect(next.transactions).to.equal(trials);
  });

  it(`P3: is not there when it was undone: the person is told, and the same form makes it (${trials} trials)`, async () => {
    const { flaky, next } = losing(db());
    const world = await openPostsWorld({ db: flaky });
    for (let trial = 1; trial <= trials; trial += 1) {
      const { fields } = await fillForm(world);
      next.loss = 'instead of the COMMIT';
      expect((await world.browser.post(world.address, fields)).status).to.be.at.least(500);
      expect(await counted()).to.deep.equal([trial - 1, trial - 1, trial - 1]);
      const made = postIdIn(await world.browser.post(world.address, fields));
      expect(await world.posts.find(world.team.id, made)).to.include({ state: 'scheduled' });
      expect(await counted()).to.deep.equal([trial, trial, trial]);
    }
  });

  it('P3: takes an edit once, whether its COMMIT was answered or not', async () => {
    const { flaky, next } = losing(db());
    const world = await openPostsWorld({ db: flaky });
    const { fields } = await fillForm(world);
    const postId = postIdIn(await world.browser.post(world.address, fields));
    const edit = { ...fields, version: '1', caption: 'Saffron buns, batch two' };
    next.loss = 'after the COMMIT';
    await world.browser.post(`${world.address}/${postId}`, edit).expect(303);
    await world.browser.post(`${world.address}/${postId}`, edit).expect(303);
    const [delivery] = await world.desk.ofPost(world.team.id, postId);
    expect(delivery).to.include({ state: 'scheduled', revision: 2 });
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption: edit.caption, version: 2 });
  });
});
