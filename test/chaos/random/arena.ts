import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { connectDatabase } from '../../../core/db/connect.ts';
import type { Database } from '../../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { TestClock } from '../../support/clock.ts';
import { addChannel, addPost, createEngineWorld, type EngineWorld, schedule } from '../../support/engine-world.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { sha256Of } from '../../support/sha256.ts';
import { connectAccount } from '../../plugins/tiktok/login.ts';
import { publicOptions } from '../../plugins/tiktok/support.ts';
import { createDice, type Dice } from '../dice.ts';
import { MortalProcess } from './mortal-process.ts';
import type { ProcessOrder } from './order.ts';
import { hostTimings, linkSeconds } from './quick.ts';

export interface TrialCount {
  readonly dup: number;
  readonly lost: number;
  readonly phantom: number;
  readonly stuck: number;
  readonly needsAttention: number;
  /** What was done, and the timeline of each delivery that ended badly. */
  readonly story: readonly string[];
}

const share = 0.12;
const quiesceMs = 100_000;

/** Two worker processes, a database and a TikTok, all of which may fail. The simulator's ledger is the judge. */
export class Arena {
  readonly #db: Database;
  readonly #world: EngineWorld;
  readonly #simulator: Simulator;
  readonly #server: MariaDbServer | undefined;
  readonly #folder: string;
  readonly #workers: readonly MortalProcess[];
  readonly #channels: number[] = [];

  private constructor(parts: {
    db: Database;
    world: EngineWorld;
    simulator: Simulator;
    server: MariaDbServer | undefined;
    folder: string;
    order: ProcessOrder;
  }) {
    this.#db = parts.db;
    this.#world = parts.world;
    this.#simulator = parts.simulator;
    this.#server = parts.server;
    this.#folder = parts.folder;
    this.#workers = [new MortalProcess(parts.order), new MortalProcess(parts.order)];
  }

  static async open(kind: 'sqlite' | 'mariadb'): Promise<Arena> {
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-chaos-'));
    const server = kind === 'mariadb' ? await startMariaDb() : undefined;
    const target = (await server?.createDatabase()) ?? ({ kind: 'sqlite', file: path.join(folder, 'c.db') } as const);
    const db = await connectDatabase(target);
    await migrateToLatest(db, [coreMigrations]);
    const clock: TestClock = { now: () => Date.now(), advance: () => undefined, set: () => undefined };
    const world = await createEngineWorld(db, hostTimings, clock);
    const simulator = await openSimulator();
    const { tokens } = await connectAccount(simulator.url);
    const file = await smallFile(folder);
    const order = { target, url: simulator.url, token: tokens.accessToken, file };
    const arena = new Arena({ db, world, simulator, server, folder, order });
    await Promise.all(arena.#workers.map((worker) => worker.start()));
    return arena;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    await this.#db.close();
    await this.#server?.stop();
    await this.#simulator.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** So many posts are due at once, a share of all requests meets a fate, and something of ours is killed or stopped. */
  async trial(seed: number, deliveries: number): Promise<TrialCount> {
    const dice = createDice(String(seed));
    const name = `${seed}.${randomBytes(3).toString('hex')}`;
    this.#simulator.control.setSwitches({ fates: { seed, share } });
    for (let n = 0; n < deliveries; n += 1) await this.#schedule(name, n);
    const disaster = this.#disaster(dice);
    const delayMs = dice.between(0, 600);
    await pause(delayMs);
    await Promise.all([disaster.run(), this.#quiesce(name)]);
    await Promise.all(this.#workers.map((worker) => worker.ready()));
    return this.#judge(name, [`seed ${seed}: ${disaster.name} after ${delayMs} ms`]);
  }

  async #schedule(name: string, n: number): Promise<void> {
    if (this.#channels[n] === undefined) this.#channels[n] = (await addChannel(this.#world)).id;
    const postId = await addPost(this.#world, `${name}/${n}`);
    const options = { ...publicOptions, privacy: 'SELF_ONLY' };
    await schedule(this.#world, { postId, channelId: this.#channels[n], options });
  }

  #disaster(dice: Dice): { readonly name: string; run(): Promise<unknown> } {
    const who = dice.between(0, 1);
    const worker = this.#workers[who];
    const all = [
      { name: `kill worker ${who}`, run: async () => worker?.killAndRestart() },
      { name: 'kill both workers', run: () => Promise.all(this.#workers.map((one) => one.killAndRestart())) },
      { name: `stop worker ${who} for three leases`, run: async () => worker?.stall(3 * hostTimings.leaseMs) },
      this.#server === undefined
        ? { name: 'only fates', run: () => Promise.resolve() }
        : { name: 'kill the database', run: async () => this.#server?.restart() },
    ];
    const chosen = all[dice.between(0, all.length - 1)];
    if (chosen === undefined) throw new Error('There is always a disaster to choose.');
    return chosen;
  }

  async #quiesce(name: string): Promise<void> {
    const end = performance.now() + quiesceMs;
    while (performance.now() < end) {
      // The database may be away for a moment: that is what is tested.
      const rows = await this.#rows(name).catch(() => undefined);
      if (rows?.every(({ state }) => ended.has(state)) === true) return;
      await pause(30);
    }
  }

  async #rows(name: string): Promise<readonly z.output<typeof deliveryRow>[]> {
    const rows: unknown = await this.#db
      .knex('deliveries as d')
      .join('posts as p', 'p.id', 'd.post_id')
      .where('p.caption', 'like', `${name}/%`)
      .select('d.id', 'd.state', 'd.outcome_code', 'p.caption');
    return z.array(deliveryRow).parse(rows);
  }

  async #judge(name: string, story: readonly string[]): Promise<TrialCount> {
    const posts = this.#simulator.control.posts();
    const count = { dup: 0, lost: 0, phantom: 0, stuck: 0, needsAttention: 0 };
    const bad: string[] = [];
    for (const row of await this.#rows(name)) {
      const real = posts.filter(({ caption }) => caption === row.caption).length;
      const problem = problemOf(row.state, real);
      if (real > 1) count.dup += real - 1;
      if (problem === undefined && real < 2) continue;
      if (problem !== undefined) count[problem] += 1;
      bad.push(
        `${row.caption}: ${row.state} ${row.outcome_code ?? ''}, ${real} posts`,
        ...(await this.#timeline(row.id)),
      );
    }
    return { ...count, story: bad.length === 0 ? [] : [...story, ...bad] };
  }

  async #timeline(deliveryId: number): Promise<readonly string[]> {
    const rows: unknown = await this.#db
      .knex('events')
      .where({ subject: 'delivery', subject_id: String(deliveryId) })
      .orderBy('id')
      .select('at', 'kind', 'facts');
    const shape = z.array(z.object({ at: z.number(), kind: z.string(), facts: z.unknown() }));
    return shape.parse(rows).map(({ at, kind, facts }) => `  ${at} ${kind} ${JSON.stringify(facts).slice(0, 160)}`);
  }
}

const ended = new Set(['published', 'failed', 'needs-attention', 'cancelled']);

const deliveryRow = z.object({
  id: z.number(),
  state: z.string(),
  outcome_code: z.string().nullable(),
  caption: z.string(),
});

function problemOf(state: string, real: number): 'lost' | 'phantom' | 'stuck' | 'needsAttention' | undefined {
  if (!ended.has(state)) return 'stuck';
  if (state === 'published') return real === 0 ? 'lost' : undefined;
  if (state === 'failed') return real > 0 ? 'phantom' : undefined;
  return 'needsAttention';
}

async function openSimulator(): Promise<Simulator> {
  const simulator = await startSimulator();
  simulator.control.setSwitches({
    ...{ media_check: 'none', webhooks: 'off', rate_limits: 'off', processing_seconds: 0.05 },
    ...{ access_token_seconds: 365 * 86_400, upload_url_seconds: linkSeconds },
  });
  simulator.control.putAccount({ username: 'hazelandrye', daily_post_cap: 1_000_000 });
  return simulator;
}

async function smallFile(folder: string): Promise<ProcessOrder['file']> {
  const file = path.join(folder, 'video.mp4');
  await writeFile(file, randomBytes(1_000));
  return { path: file, bytes: 1_000, sha256: await sha256Of(file) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
