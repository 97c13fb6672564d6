import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  addPost,
  createEngineWorld,
  dueIn,
  type EngineWorld,
  makeWorker,
  quickTimings,
  until,
} from '../../support/engine-world.ts';

const posts = 40;

onEachDatabase('Publishing posts of a network that takes no time', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db(), { ...quickTimings, rescueMs: 5_000 });
  });

  const scheduleAll = async (): Promise<void> => {
    const channels: number[] = [];
    for (let n = 0; n < 6; n += 1) channels.push((await addChannel(world)).id);
    const postIds: number[] = [];
    for (let n = 0; n < posts; n += 1) postIds.push(await addPost(world));
    const rest = { teamId: world.teamId, plugin: 'fake', options: null, consent: null, due: dueIn(world, 0) };
    await db().transaction(async (sql) => {
      for (const postId of postIds) {
        await world.desk.create({ ...rest, postId, channelId: channels[postId % channels.length] ?? 0 }, sql);
      }
    });
  };

  /** The settings of a real plugin are in the database; those of the tests' are not. */
  const readSettings = (): void => {
    const active = world.registry.get('fake');
    const isEnabled = async (): Promise<boolean> => {
      await db().knex('plugin_settings').where({ plugin: 'fake' }).select('value');
      return true;
    };
    world.registry.add({ ...active, settings: { ...active.settings, isEnabled } });
  };

  for (const slots of [1, 10]) {
    it(`takes at most 5 statements a claimed batch and 10 a post, far fewer together, with ${slots} at once (${posts} posts)`, async () => {
      readSettings();
      await scheduleAll();
      const worker = makeWorker(world, [world.publishing], slots);
      const asked = await statementsOf(db(), async () => {
        await worker.start();
        await until(() => world.network.calls.length === posts, 'all are published');
        await worker.stop();
      });
      const batches = asked.filter((sql) => claimed.test(sql)).length;
      expect(batches).to.be.at.least(posts / slots);
      // Besides: start and stop, and a look for each slot that finds nothing more to do.
      expect(asked.length).to.be.at.most(5 * batches + 10 * posts + slots + 6);
      // What is due together is asked together.
      if (slots > 1) expect(asked.length).to.be.at.most(3 * posts);
      expect(await db().knex('deliveries').distinct('state')).to.deep.equal([{ state: 'published' }]);
    });
  }
});

const claimed = /^(update `jobs` .* returning|select .* from jobs .* for update skip locked)/;

/** Every statement sent while the work runs, BEGIN and COMMIT included. */
async function statementsOf(db: Database, work: () => Promise<void>): Promise<readonly string[]> {
  const asked: string[] = [];
  const note = ({ sql }: { readonly sql: string }): void => void asked.push(sql);
  db.knex.on('query', note);
  await work();
  db.knex.removeListener('query', note);
  return asked;
}
