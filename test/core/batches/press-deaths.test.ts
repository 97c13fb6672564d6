import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { DatabaseTarget } from '../../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { createDice, chosenSeed } from '../../chaos/dice.ts';
import { bundle, type Bundle } from '../../support/bundle.ts';
import { startMariaDb, type MariaDbServer } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { makeTable, openBatchesWorld, refs, type BatchesWorld, type Table } from './batches-world.ts';
import { press, type PressOrder } from './press.ts';

const count = 40;
/** A row takes two dozen statements: each death leaves rows to the next. */
const latestStatement = 280;

describe('A press that schedules a table and dies in the middle', function () {
  this.timeout(120_000);
  const dice = createDice(chosenSeed());
  let processes: Bundle;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-press-'));
    processes = await bundle(path.join(import.meta.dirname, 'press-process.ts'));
  });
  after(async () => {
    await processes.remove();
    await rm(folder, { recursive: true });
  });

  it(`P3: leaves each of ${count} rows scheduled once or as it was, over 3 SIGKILLs of the web, on SQLite`, async () => {
    const target = { kind: 'sqlite', file: path.join(folder, 'press.sqlite') } as const;
    const press = await preparePress(target);
    for (const web of await startWebs(target, 3)) await press.expectToHold(() => web.dieAt(press.order, draw()));
    await press.finish();
  });

  describe('on MariaDB', () => {
    let server: MariaDbServer | undefined;
    before(needs('mariadbd'));
    after(() => server?.stop());

    it(`P3: the same over a SIGKILL of the web and one of the database (${count} rows)`, async () => {
      server = await startMariaDb();
      const target = await server.createDatabase();
      const press = await preparePress(target);
      for (const web of await startWebs(target, 1)) await press.expectToHold(() => web.dieAt(press.order, draw()));
      await press.expectToHold(() => dieOfDatabase(press, server));
      await press.finish();
    });
  });

  const draw = (): number => dice.between(20, latestStatement);

  async function startWebs(target: DatabaseTarget, many: number) {
    const webs = Array.from({ length: many }, () =>
      processes.start({ args: [JSON.stringify(target)], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    const begun = await Promise.all(webs.map((web) => Promise.race([once(web, 'message'), once(web, 'exit')])));
    for (const said of begun) expect(said[0], 'the web has begun').to.equal('ready');
    return webs.map((web) => ({
      async dieAt(order: () => Promise<PressOrder>, dieAt: number): Promise<string> {
        const ended = once(web, 'exit');
        web.send({ ...(await order()), dieAt });
        const [, signal] = z.tuple([z.unknown(), z.unknown()]).parse(await ended);
        expect(signal, `it died in the middle, seed ${dice.seed}`).to.equal('SIGKILL');
        return `seed ${dice.seed}, the web died before its statement ${dieAt}`;
      },
    }));
  }

  async function dieOfDatabase(prepared: Prepared, server: MariaDbServer | undefined): Promise<string> {
    const dieAt = draw();
    const order = await prepared.order();
    let asked = 0;
    let dead: Promise<void> | undefined;
    const note = (): void => {
      asked += 1;
      if (asked === dieAt) dead = server?.kill9();
    };
    prepared.world.db.knex.on('query', note);
    await press(prepared.world, order);
    prepared.world.db.knex.removeListener('query', note);
    expect(dead, 'it died in the middle').not.to.equal(undefined);
    await dead;
    await server?.restart();
    return `seed ${dice.seed}, the database died at statement ${dieAt}`;
  }
});

interface Prepared {
  readonly world: BatchesWorld;
  /** As the page would send it now: its open rows with their versions. */
  readonly order: () => Promise<PressOrder>;
  readonly expectToHold: (die: () => Promise<string>) => Promise<void>;
  /** Presses once more, expects everything to be scheduled once, and closes. */
  readonly finish: () => Promise<void>;
}

const row = z.object({
  ...{
    id: z.number(),
    state: z.string(),
    version: z.number(),
    caption: z.string(),
    planned_date: z.string().nullable(),
  },
  ...{ deliveries: z.coerce.number(), due: z.coerce.number(), jobs: z.coerce.number() },
});

async function preparePress(target: DatabaseTarget): Promise<Prepared> {
  const db = await connectDatabase(target);
  await migrateToLatest(db, [coreMigrations]);
  const world = await openBatchesWorld({ db });
  const table = await fillTable(world);
  const rows = async () => {
    const found: unknown = await db
      .knex('posts as p')
      .whereIn('p.id', [...table.postIds])
      .orderBy('p.id')
      .select('p.id', 'p.state', 'p.version', 'p.caption', 'p.planned_date')
      .select(
        db.knex('deliveries as d').whereRaw('d.post_id = p.id').count('*').as('deliveries'),
        db.knex('deliveries as d').whereRaw("d.post_id = p.id and d.state = 'scheduled'").count('*').as('due'),
        db
          .knex('jobs as j')
          .join('deliveries as d', (on) => void on.on(db.knex.raw('j.`key` = cast(d.id as char)')))
          .whereRaw('d.post_id = p.id')
          .count('*')
          .as('jobs'),
      );
    return z.array(row).parse(found);
  };
  const before = await rows();
  const order = async (): Promise<PressOrder> => {
    const open = (await rows()).filter(({ state }) => state === 'draft');
    const refsNow = open.map(({ id, version }) => `${id}:${version}`).join(',');
    return { editorId: world.editor.id, address: table.address, channelId: table.channel.id, rows: refsNow };
  };
  return {
    world,
    order,
    async expectToHold(die) {
      const what = await die();
      const now = await rows();
      for (const [n, one] of now.entries()) {
        const { state, version } = one;
        const isDone = state === 'scheduled';
        const counts = { deliveries: 1, due: isDone ? 1 : 0, jobs: isDone ? 1 : 0 };
        const { caption, planned_date } = before[n] ?? one;
        expect(one, what).to.include({ state: isDone ? 'scheduled' : 'draft', caption, ...counts });
        if (!isDone)
          expect({ version, planned_date: one.planned_date }, what).to.deep.equal({
            version: before[n]?.version,
            planned_date,
          });
      }
    },
    async finish() {
      const left = (await order()).rows.split(',').length;
      expect(left, 'the deaths left something to do').to.be.within(1, count - 1);
      await press(world, await order());
      const once = { state: 'scheduled', deliveries: 1, due: 1, jobs: 1 };
      for (const one of await rows()) expect(one).to.include(once);
      expect(await db.knex('posts').where({ team_id: world.team.id }).select('id')).to.have.length(count);
      await world.close();
    },
  };
}

/** Everything is typed: captions from the files' names, and a time for each. */
async function fillTable(world: BatchesWorld): Promise<Table> {
  const table = await makeTable(world, count);
  await world.browser.post(`${table.address}/captions`, { rows: refs(table.postIds) });
  const pattern = { fill: 'pattern', from: '2026-12-10', times: ['07:30', '18:00'] };
  await world.browser.post(`${table.address}/times`, { rows: refs(table.postIds, 2), ...pattern });
  return table;
}
