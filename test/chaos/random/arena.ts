import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '../../../core/db/connect.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import { demoApps, type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { bundle } from '../../support/bundle.ts';
import { createRunningClock } from '../../support/clock.ts';
import { addChannel, createEngineWorld, type EngineWorld } from '../../support/engine-world.ts';
import { freePort } from '../../support/free-port.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { sha256Of } from '../../support/sha256.ts';
import { connectAccount } from '../../plugins/tiktok/login.ts';
import { createDice } from '../dice.ts';
import { MortalProcess } from './mortal-process.ts';
import type { ProcessOrder } from './order.ts';
import { hostTimings, linkSeconds } from './quick.ts';
import { Spares } from './spares.ts';
import { WebhookLine } from './webhook-line.ts';

export interface ArenaPlan {
  readonly kind: 'sqlite' | 'mariadb';
  /** Of the fates of requests and of webhooks. */
  readonly seed: number;
  /** Of one trial: each goes to a channel of its own. */
  readonly deliveries: number;
}

/** So many requests in a hundred meet a fate. */
const share = 0.12;
const always = 1_000_000;
const roomNeeded = 500_000_000;

interface Parts {
  readonly kind: ArenaPlan['kind'];
  readonly world: EngineWorld;
  readonly simulator: Simulator;
  readonly server: MariaDbServer | undefined;
  readonly folder: string;
  readonly line: WebhookLine;
  readonly spares: Spares;
  readonly order: Omit<ProcessOrder, 'role'>;
  readonly channels: readonly number[];
}

/** A web, two workers, a database and a TikTok, all of which may fail. The simulator's ledger is the judge. */
export class Arena {
  readonly kind: ArenaPlan['kind'];
  readonly world: EngineWorld;
  readonly control: Simulator['control'];
  readonly server: MariaDbServer | undefined;
  readonly workers: readonly MortalProcess[];
  readonly web: MortalProcess;
  readonly webUrl: string;
  readonly line: WebhookLine;
  /** By the number of the delivery. */
  readonly channels: readonly number[];
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { kind, world, simulator, server, line, spares, order } = parts;
    this.channels = parts.channels;
    [this.kind, this.world, this.control, this.server, this.line] = [kind, world, simulator.control, server, line];
    this.workers = ['A', 'B'].map(() => new MortalProcess(spares, { ...order, role: 'worker' }));
    this.web = new MortalProcess(spares, { ...order, role: 'web' });
    this.webUrl = `http://127.0.0.1:${order.port}`;
  }

  static async open({ kind, seed, deliveries }: ArenaPlan): Promise<Arena> {
    const folder = await mkdtemp(path.join(await quickFolder(), 'castdeck-chaos-'));
    const made = await bundle(path.join(import.meta.dirname, 'process.ts'));
    const spares = new Spares(made, 2);
    const server = kind === 'mariadb' ? await startMariaDb(folder) : undefined;
    const target = (await server?.createDatabase()) ?? ({ kind: 'sqlite', file: path.join(folder, 'c.db') } as const);
    const db = await connectDatabase(target);
    await migrateToLatest(db, [coreMigrations]);
    const world = await createEngineWorld(db, hostTimings, { ...createRunningClock(), set: () => undefined });
    // Before anything is killed: it is not they that are tried.
    const channels: number[] = [];
    while (channels.length < deliveries) channels.push((await addChannel(world)).id);
    const port = await freePort();
    const line = new WebhookLine(`http://127.0.0.1:${port}/webhooks`, createDice(`webhooks ${seed}`));
    const simulator = await openSimulator(await line.open());
    const tokens = await accessesOf(simulator);
    // From now on; nobody loses the accesses.
    simulator.control.setSwitches({ fates: { seed, share } });
    const file = await smallFile(folder);
    const order = { target, url: simulator.url, port, teamId: world.teamId, file, tokens };
    return new Arena({ kind, world, simulator, server, folder, line, spares, order, channels });
  }

  async close(): Promise<void> {
    const { world, simulator, server, folder, line, spares } = this.#parts;
    await Promise.all([...this.workers, this.web].map((one) => one.close()));
    await spares.close();
    await line.close();
    await world.db.close();
    await server?.stop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }

  get workerDeaths(): number {
    return this.workers.reduce((all, { deaths }) => all + deaths, 0);
  }
}

async function openSimulator(webhookUrl: string): Promise<Simulator> {
  const simulator = await startSimulator();
  const { control } = simulator;
  control.setSwitches({
    ...{
      media_check: 'none',
      photo_fetch: 'none',
      rate_limits: 'off',
      processing_seconds: 0.05,
      post_id_delay_seconds: 0.05,
    },
    ...{ access_token_seconds: 365 * 86_400, upload_url_seconds: linkSeconds },
  });
  for (const username of ['hazelandrye', 'hazelandrye.old', 'hazelandrye.two']) {
    control.putAccount({ username, daily_post_cap: always });
  }
  control.putApp({ client_key: demoApps.live.client_key, webhook_url: webhookUrl });
  const forgets = { endpoint: 'status/fetch', kind: 'refuse', status: 400, code: 'invalid_publish_id' } as const;
  control.setSwitches({ failures: [{ ...forgets, account: 'hazelandrye.old', times: always }] });
  return simulator;
}

async function accessesOf({ url }: Simulator): Promise<ProcessOrder['tokens']> {
  const access = async (account: string): Promise<string> =>
    (await connectAccount(url, { account })).tokens.accessToken;
  return {
    usual: await access('hazelandrye'),
    forgotten: await access('hazelandrye.old'),
    other: await access('hazelandrye.two'),
  };
}

/** In memory where there is room: what is killed here are processes, and the files of those stay as they left them. */
async function quickFolder(): Promise<string> {
  const memory = await statfs('/dev/shm').catch(() => undefined);
  return memory !== undefined && memory.bavail * memory.bsize > roomNeeded ? '/dev/shm' : tmpdir();
}

async function smallFile(folder: string): Promise<ProcessOrder['file']> {
  const file = path.join(folder, 'video.mp4');
  await writeFile(file, randomBytes(1_000));
  return { path: file, bytes: 1_000, sha256: await sha256Of(file) };
}
