import { expect } from 'chai';
import type { Database, Sql } from '../../../core/db/database.ts';
import { selectLinkedIds, selectLinkless } from '../../../core/deliveries/late-link-store.ts';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import { findNextDueAt } from '../../../core/queue/claim-store.ts';
import { hasWaste } from '../../../core/queue/purge-store.ts';
import { fillDeliveries } from '../../../bench/lib/fill.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld, type EngineWorld } from '../../support/engine-world.ts';
import { rowsRead } from '../../support/rows-read.ts';

const minute = 60_000;
const each = 10_000;

onEachDatabase('What a worker looks for besides due jobs', (db) => {
  it(`reads a few rows although ${each} posts wait and ${each} are published`, async function () {
    this.timeout(120_000);
    const world = await createEngineWorld(db());
    const channels = [await addChannel(world), await addChannel(world)];
    const channelIds = channels.map(({ id }) => id);
    await fill(world, channels);
    const now = world.clock.now();
    const since = now - 1_000 * minute;
    const times = { now: 1, unseenBefore: 1 };
    const looks: Readonly<Record<string, (own: Own) => Promise<unknown>>> = {
      'next due': findNextDueAt,
      'posts without a link': ({ knex }) => selectLinkless(knex, channelIds, since),
      'nothing to delete': ({ knex }) => hasWaste(knex, { ...times, finishedBefore: now - (each + 1) * minute }),
      'something to delete': ({ knex }) => hasWaste(knex, { ...times, finishedBefore: now }),
    };
    for (const [name, look] of Object.entries(looks)) expect(await readBy(db(), look), name).to.be.at.most(80);
    expect(await selectLinkless(db().knex, channelIds, since)).to.have.lengthOf(10);

    // One entry of an index for each linked post of the account, and none of those that wait.
    const linked = ({ knex }: Own) => selectLinkedIds(knex, channelIds.slice(0, 1), since);
    expect(await readBy(db(), linked)).to.be.at.most(each / 2 + 5);
  });
});

type Channel = Awaited<ReturnType<typeof addChannel>>;
type Own = Pick<Database, 'knex' | 'kind'>;

/** Rows that MariaDB reads for it; of SQLite, which does not count them, the plan is looked at. */
async function readBy(db: Database, look: (own: Own) => Promise<unknown>): Promise<number> {
  const asked: { readonly sql: string; readonly bindings: readonly (string | number)[] }[] = [];
  const note = (query: (typeof asked)[number]): void => void asked.push(query);
  // One connection, so that its counters are those of these statements.
  const read = await db.transaction(async (sql) => {
    const own = { knex: sql, kind: db.kind };
    const before = await rowsRead(own);
    sql.on('query', note);
    await look(own);
    sql.removeListener('query', note);
    return (await rowsRead(own)) - before;
  });
  if (db.kind === 'sqlite') {
    for (const { sql, bindings } of asked) await expectIndex(db.knex, sql, bindings);
  }
  return read;
}

async function expectIndex(knex: Sql, sql: string, bindings: readonly (string | number)[]): Promise<void> {
  const plan: unknown = await knex.raw(`explain query plan ${sql}`, [...bindings]);
  expect(JSON.stringify(plan), sql).not.to.match(/SCAN (d|jobs|j|deliveries|webhook_events|sessions|call_windows)\b/);
}

/** On two channels in turn; every hundredth of the published ones has no link. */
async function fill({ db, clock, teamId, actor }: EngineWorld, channels: readonly Channel[]): Promise<void> {
  const { knex } = db;
  const channelIds = channels.map(({ id }) => id);
  const place = { teamId, authorId: actor.id, plugin: 'fake', channelIds, stepMs: minute };
  const published = { from: 1, to: each, state: 'published', firstAt: clock.now() - each * minute } as const;
  await fillDeliveries(db, publishJobKind, { ...place, ...published });
  const scheduled = { from: each + 1, to: 2 * each, state: 'scheduled', firstAt: clock.now() } as const;
  await fillDeliveries(db, publishJobKind, { ...place, ...scheduled });
  const done = () => knex('deliveries').where({ state: 'published' });
  await done().update({ published_at: knex.ref('due_at'), remote_id: knex.ref('id') });
  await done().whereRaw('id % 100 = 7').update({ remote_id: null });
  await knex('jobs')
    .where({ state: 'finished' })
    .update({ updated_at: knex.ref('run_at') });
  await knex.raw(
    `insert into attempts (delivery_id, n, plugin, credential_id, revision, started_at, point_of_no_return_at, outcome)
     select id, 1, 'fake', ?, 1, 1, 1, 'published' from deliveries where state = 'published'`,
    [channels[0]?.credentialId ?? 0],
  );
  if (db.kind === 'mysql') await knex.raw('analyze table jobs, deliveries, attempts');
}
