import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Database, DatabaseTarget, Sql } from '../../../core/db/database.ts';
import { connectDatabase } from '../../../core/db/connect.ts';
import { refreshPostSummary } from '../../../core/deliveries/post-summary-store.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { type Bundle, bundle } from '../../support/bundle.ts';
import {
  addChannel,
  addPost,
  createEngineWorld,
  dueIn,
  type EngineWorld,
  quickTimings,
  schedule,
} from '../../support/engine-world.ts';
import { locksWaitedFor, type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { until } from '../../support/until.ts';

describe('Two worker processes on one MariaDB', () => {
  let server: MariaDbServer;
  let target: DatabaseTarget;
  let db: Database;
  let made: Bundle;
  const processes: ChildProcess[] = [];

  before(async function () {
    this.timeout(120_000);
    const entry = path.join(import.meta.dirname, '../../support/publishing-process.ts');
    [server, made] = await Promise.all([startMariaDb(), bundle(entry)]);
    target = await server.createDatabase();
    db = await connectDatabase(target);
    await migrateToLatest(db, [coreMigrations]);
    // No unique key: a second post of a delivery must be counted, not refused.
    await db.knex.schema.createTable('real_posts', (table) => {
      table.bigInteger('delivery_id');
      table.integer('pid');
    });
  });

  after(async () => {
    for (const child of processes) child.kill('SIGKILL');
    await db.close();
    await server.stop();
    await made.remove();
  });

  it('publish 500 due deliveries over 100 channels once each (500 trials)', async function () {
    this.timeout(240_000);
    const world = await createEngineWorld(db, quickTimings, {
      now: () => Date.now(),
      advance: () => undefined,
      set: () => undefined,
    });
    const postIds = await schedule500(world);

    await Promise.all([startProcess(), startProcess()]);
    // Due only now, so that neither is done before the other has begun.
    const now = Date.now();
    await db.knex('deliveries').update({ due_at: now });
    await db.knex('jobs').update({ run_at: now });
    await until(async () => (await countOf({ state: 'published' })) === 500, 'all are published', 180_000);

    const real: unknown = await db
      .knex('real_posts')
      .select('delivery_id')
      .count({ n: '*' })
      .groupBy('delivery_id')
      .having(db.knex.raw('count(*) > 1'));
    expect(real, 'posted twice').to.deep.equal([]);
    expect(await db.knex('real_posts').countDistinct({ n: 'delivery_id' })).to.deep.equal([{ n: 500 }]);
    expect(await db.knex('real_posts').countDistinct({ n: 'pid' }), 'both took part').to.deep.equal([{ n: 2 }]);
    expect(await db.knex('attempts').count({ n: '*' })).to.deep.equal([{ n: 500 }]);
    expect(await db.knex('jobs').where({ state: 'finished', fence: 1 }).count({ n: '*' })).to.deep.equal([{ n: 500 }]);
    expect(await db.knex('posts').whereIn('id', postIds).distinct('state')).to.deep.equal([{ state: 'published' }]);
    await Promise.all(processes.map(stopProcess));
    expect(await db.knex('workers').select('id')).to.deep.equal([]);
  });

  it('leave the row of a post right when both finish a delivery of it at the same moment', async () => {
    const world = await createEngineWorld(db);
    const single = await schedule(world, { inMs: 1_000_000 });
    const postId = await addPost(world);
    const [ours, theirs] = [
      await schedule(world, { postId, inMs: 1_000_000 }),
      await schedule(world, { postId, inMs: 1_000_000 }),
    ];
    const finish = (sql: Sql, ids: readonly number[]) =>
      sql('deliveries')
        .whereIn('id', [...ids])
        .update({ state: 'published' });

    const other = await db.knex.transaction();
    await finish(other, [theirs.id]);
    await refreshPostSummary(other, postId);
    const both = db.transaction(async (sql) => {
      await finish(sql, [single.id, ours.id]);
      await refreshPostSummary(sql, single.postId, postId);
    });
    await until(async () => (await locksWaitedFor(db)) === 1, 'one waits for the other').finally(() => other.commit());
    await both;

    const posts = await db.knex('posts').whereIn('id', [single.postId, postId]).distinct('state');
    expect(posts).to.deep.equal([{ state: 'published' }]);
  });

  /** For an hour later. */
  async function schedule500(world: EngineWorld): Promise<readonly number[]> {
    const channels: number[] = [];
    for (let n = 0; n < 100; n += 1) channels.push((await addChannel(world)).id);
    const postIds: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const postId = await addPost(world);
      postIds.push(postId);
      const rest = { postId, teamId: world.teamId, plugin: 'fake', options: null, consent: null };
      await db.transaction(async (sql) => {
        for (const channelId of channels)
          await world.desk.create({ ...rest, channelId, due: dueIn(world, 3_600_000) }, sql);
      });
    }
    return postIds;
  }

  async function countOf(where: Record<string, string>): Promise<number> {
    const rows: unknown[] = await db.knex('deliveries').where(where).select('id');
    return rows.length;
  }

  async function startProcess(): Promise<void> {
    const child = made.start({ args: [JSON.stringify(target)], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    processes.push(child);
    const first: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    expect(first[0]).to.equal('ready');
  }

  async function stopProcess(child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit');
    child.send('stop');
    expect((await ended)[0]).to.equal(0);
  }
});
