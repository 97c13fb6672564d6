import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';
import { connectDatabase } from '../../core/db/connect.ts';
import type { Database, DatabaseTarget } from '../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../core/db/migrate.ts';
import { type Simulator, startSimulator } from '../../plugins/tiktok/simulator/index.ts';
import { connectAccount } from '../plugins/tiktok/login.ts';
import { type Bundle, bundle } from './bundle.ts';
import type { MariaDbServer } from './mariadb.ts';
import { appKey, openTokenRooms, type TokenRooms } from './token-rooms.ts';
import { until } from './until.ts';

/** P7: several processes and one TikTok whose refresh tokens work once. */
export interface TokenStorm {
  /** Every credential ends in the same second, and every process wants all of them. */
  rounds(count: number): Promise<RoundsResult>;
  /** The database is killed while TikTok's answers are under way, and comes back. */
  blackouts(count: number): Promise<Harm & { readonly refreshes: number }>;
  /**
   * Processes are killed (SIGKILL), each while `perProcess` refreshes stand at points that the seed decides; then the
   * others find what they left.
   */
  kills(count: number, perProcess: number): Promise<KillsResult>;
  close(): Promise<void>;
}

interface Harm {
  readonly concurrent: number;
  readonly refused: number;
  readonly needsReconnecting: number;
}

interface RoundsResult extends Harm {
  readonly refreshes: number;
  /** Credentials for which two processes were given different tokens in one round. */
  readonly disagreements: number;
}

interface KillsResult {
  readonly processes: number;
  readonly concurrent: number;
  /** How many refreshes died at each point, and how many of those lost their credential. */
  readonly points: Readonly<Record<string, { readonly killed: number; readonly lost: number }>>;
  /** Losses that the events and the log call by their name. */
  readonly named: { readonly events: number; readonly logLines: number };
}

interface StormOptions {
  readonly server: MariaDbServer;
  readonly processes: number;
  readonly credentials: number;
  readonly seed: string;
}

/** `accepted`: TikTok has replaced the tokens and its answer is not there yet. */
const killPoints = ['before-call', 'in-flight', 'accepted', 'after-response', 'after-commit'] as const;
type KillPoint = (typeof killPoints)[number];

interface Scene extends StormOptions {
  readonly process: Bundle;
  readonly simulator: Simulator;
  readonly target: DatabaseTarget;
  readonly db: Database;
  /** Of the process that never dies. */
  readonly rooms: TokenRooms;
  readonly teamId: number;
  /** Usernames at TikTok by the credential's number. */
  readonly accounts: Map<number, string>;
  readonly children: Set<ChildProcess>;
}

export async function openTokenStorm(options: StormOptions): Promise<TokenStorm> {
  const target = await options.server.createDatabase();
  const entry = path.join(import.meta.dirname, 'token-process.ts');
  const [simulator, db, process] = await Promise.all([startSimulator(), connectDatabase(target), bundle(entry)]);
  await migrateToLatest(db, [coreMigrations]);
  const [teamId = 0] = await db.knex('teams').insert({ name: 'North', zone: 'UTC', created_at: 0 });
  const rooms = openTokenRooms(db, simulator.url);
  const world = { simulator, target, db, process, rooms, teamId, accounts: new Map<number, string>() };
  const scene: Scene = { ...options, ...world, children: new Set() };
  await Promise.all([connectAll(scene), withProcesses(scene)]);
  return {
    rounds: (count) => playRounds(scene, count),
    blackouts: (count) => playBlackouts(scene, count),
    kills: (count, perProcess) => playKills(scene, { count, perProcess }),
    async close() {
      for (const child of scene.children) child.kill('SIGKILL');
      await rooms.credentials.stop();
      await db.close();
      await simulator.close();
      await process.remove();
    },
  };
}

async function connectAll(scene: Scene): Promise<void> {
  for (let n = 0; n < scene.credentials; n += 1) {
    const username = `north.${n}`;
    scene.simulator.control.putAccount({ username, nickname: `North ${n}` });
    const { id, accountId } = await logIn(scene, username);
    const facts = { plugin: 'tiktok', account_id: accountId, nickname: username, connected_at: 0 };
    await scene.db.knex('channels').insert({ ...facts, team_id: scene.teamId, credential_id: id });
    scene.accounts.set(id, username);
  }
}

/** The person connects the profile, for the first time or again. */
async function logIn({ simulator, rooms }: Scene, username: string): Promise<{ id: number; accountId: string }> {
  // Nobody looks at names and pictures here.
  simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind: 'server-error', account: username }] });
  const account = await connectAccount(simulator.url, { account: username, clock: { now: () => Date.now() } });
  const id = await rooms.credentials.save({ plugin: 'tiktok', appKey, mode: 'live', account });
  return { id, accountId: account.accountId };
}

async function playRounds(scene: Scene, count: number): Promise<RoundsResult> {
  const { simulator, seed } = scene;
  const ids = [...scene.accounts.keys()];
  const children = await withProcesses(scene);
  let disagreements = 0;
  const harm = await harmOf(scene, async () => {
    // Long enough for everybody to meet everybody's calls under way.
    simulator.control.setSwitches({ latency_ms: 20 });
    for (let round = 0; round < count; round += 1) {
      await endAllAtOnce(scene, ids);
      const asked = children.map((child, n) => tokensFrom(child, shuffled(ids, `${seed} ${round} ${n}`)));
      const answers = await Promise.all(asked);
      disagreements += ids.filter((id) => new Set(answers.map((tokens) => tokens.get(id))).size !== 1).length;
    }
    simulator.control.setSwitches({ latency_ms: 0 });
  });
  return { ...harm, disagreements };
}

async function playBlackouts(scene: Scene, count: number): Promise<Harm & { refreshes: number }> {
  const { control } = scene.simulator;
  const ids = [...scene.accounts.keys()].slice(0, 10);
  const children = await withProcesses(scene);
  return harmOf(scene, async () => {
    for (let n = 0; n < count; n += 1) {
      await endAllAtOnce(scene, ids);
      const slow = ids.map((id) => ({ account: scene.accounts.get(id), seconds: 0.3 }));
      control.setSwitches({ failures: slow.map((one) => ({ endpoint: 'oauth/token', kind: 'hang', ...one })) });
      const already = control.stats().refreshes;
      const answers = Promise.all(children.map((child) => tokensFrom(child, ids)));
      await until(() => control.switches().failures.length === 0, 'every refresh is under way');
      await scene.server.kill9();
      await until(() => control.stats().refreshes === already + ids.length, 'TikTok answers');
      await scene.server.restart();
      await answers;
    }
  });
}

interface Death {
  readonly id: number;
  readonly point: KillPoint;
}

async function playKills(
  scene: Scene,
  { count, perProcess }: { readonly count: number; readonly perProcess: number },
): Promise<KillsResult> {
  const ids = shuffled([...scene.accounts.keys()], scene.seed);
  const points = new Map(killPoints.map((point) => [point, { killed: 0, lost: 0 }]));
  const before = scene.simulator.control.stats().concurrent_refreshes;
  let processes = 0;
  for (let done = 0; done < count;) {
    const most = Math.min(count - done, scene.processes * perProcess, ids.length);
    const deaths = ids.slice(0, most).map((id, n): Death => ({ id, point: pointOf(scene.seed, done + n) }));
    processes += await dieTogether(scene, deaths, perProcess);
    await letLeasesEnd(scene);
    await Promise.all(deaths.map(({ id }) => recover(scene.rooms, id)));
    const lost = await lostIds(scene);
    for (const { id, point } of deaths) {
      const found = points.get(point) ?? { killed: 0, lost: 0 };
      points.set(point, { killed: found.killed + 1, lost: found.lost + (lost.includes(id) ? 1 : 0) });
      if (lost.includes(id)) await logIn(scene, scene.accounts.get(id) ?? '');
    }
    done += deaths.length;
  }
  const concurrent = scene.simulator.control.stats().concurrent_refreshes - before;
  return { processes, concurrent, points: Object.fromEntries(points), named: await namedLosses(scene) };
}

/** Each point in turn, in an order that the seed decides. */
function pointOf(seed: string, n: number): KillPoint {
  const cycle = shuffled([...killPoints], `${seed} ${Math.floor(n / killPoints.length)}`);
  return cycle[n % killPoints.length] ?? 'before-call';
}

/** @returns how many processes died */
async function dieTogether(scene: Scene, deaths: readonly Death[], perProcess: number): Promise<number> {
  const children = await withProcesses(scene);
  const groups = children.map((child, n) => ({ child, deaths: deaths.slice(n * perProcess, (n + 1) * perProcess) }));
  const doomed = groups.filter((group) => group.deaths.length > 0);
  await endAllAtOnce(
    scene,
    deaths.map(({ id }) => id),
  );
  await Promise.all(doomed.map((group) => dieOnce(scene, group)));
  return doomed.length;
}

async function dieOnce(scene: Scene, { child, deaths }: { child: ChildProcess; deaths: readonly Death[] }) {
  const { control } = scene.simulator;
  const unanswered = deaths.filter(({ point }) => point === 'in-flight' || point === 'accepted');
  const accounts = unanswered.map(({ id }) => scene.accounts.get(id));
  control.setSwitches({
    failures: unanswered.map(({ point }, n) => ({
      endpoint: 'oauth/token',
      kind: point === 'in-flight' ? 'hang' : 'hang-after',
      account: accounts[n],
    })),
  });
  const standing: unknown[] = [];
  child.on('message', (said) => void standing.push(said));
  child.send(deaths.map(({ id, point }) => ({ id, standAt: point })));
  const isEverybodyThere = () =>
    standing.length === deaths.length - unanswered.length &&
    !control.switches().failures.some((failure) => accounts.includes(failure.account));
  await until(isEverybodyThere, 'every refresh is where it shall die');
  const isOver = once(child, 'exit');
  child.kill('SIGKILL');
  await isOver;
}

/** As if the rest of half a minute had passed since they died. */
async function letLeasesEnd({ db }: Scene): Promise<void> {
  await db.knex('credentials').whereNotNull('refresh_owner').update({ refresh_until: Date.now() });
}

/** As the next job would: asks until there is a token, or people must log in again. */
async function recover({ credentials }: TokenRooms, id: number): Promise<void> {
  await until(async () => {
    const { state } = await credentials.find(id);
    const access = await credentials.access(id);
    return (
      state === 'reconnect-needed' ||
      access.accessToken().then(
        () => true,
        () => false,
      )
    );
  }, `credential ${id} recovers or is given up`);
}

async function namedLosses({ db, rooms }: Scene): Promise<KillsResult['named']> {
  const events: unknown = await db.knex('events').where({ kind: 'channel.reconnect-needed' }).select('facts');
  const countOf = (text: string, what: string): number => text.split(what).length - 1;
  return {
    events: countOf(JSON.stringify(events), 'answer-lost'),
    logLines: countOf(rooms.log.text(), 'an access is lost'),
  };
}

/** What the work did to tokens, as TikTok counts it and as our rows say. */
async function harmOf(scene: Scene, work: () => Promise<void>): Promise<Harm & { refreshes: number }> {
  const before = scene.simulator.control.stats();
  await work();
  const after = scene.simulator.control.stats();
  return {
    refreshes: after.refreshes - before.refreshes,
    concurrent: after.concurrent_refreshes - before.concurrent_refreshes,
    refused: after.refused_refreshes - before.refused_refreshes,
    needsReconnecting: (await lostIds(scene)).length,
  };
}

/** Their two hours are over within the second. */
async function endAllAtOnce({ db }: Scene, ids: readonly number[]): Promise<void> {
  const now = Date.now();
  const times = { refreshed_at: now - 7_200_000, access_expires_at: now };
  await db
    .knex('credentials')
    .whereIn('id', [...ids])
    .update(times);
}

async function lostIds({ db }: Scene): Promise<readonly number[]> {
  const rows: unknown = await db.knex('credentials').where({ state: 'reconnect-needed' }).select('id');
  return z
    .array(z.object({ id: z.number() }))
    .parse(rows)
    .map((row) => row.id);
}

/** As many as there should be: those that died are replaced. */
async function withProcesses(scene: Scene): Promise<readonly ChildProcess[]> {
  const args = [JSON.stringify({ target: scene.target, url: scene.simulator.url })];
  const missing = scene.processes - scene.children.size;
  const begun = Array.from({ length: missing }, () => {
    const child = scene.process.start({ args, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    scene.children.add(child);
    child.once('exit', () => scene.children.delete(child));
    return once(child, 'message');
  });
  await Promise.all(begun);
  return [...scene.children];
}

async function tokensFrom(child: ChildProcess, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const answer = once(child, 'message');
  child.send(ids.map((id) => ({ id })));
  const [{ tokens }] = z.tuple([z.object({ tokens: z.array(z.string()) })], z.unknown()).parse(await answer);
  return new Map(ids.map((id, n) => [id, tokens[n] ?? '']));
}

/** The same order for the same seed. */
function shuffled<T>(all: readonly T[], seed: string): T[] {
  const rank = (n: number): string => createHash('sha256').update(`${seed}/${n}`).digest('hex');
  return all
    .map((one, n) => ({ one, rank: rank(n) }))
    .sort((a, b) => a.rank.localeCompare(b.rank))
    .map(({ one }) => one);
}
