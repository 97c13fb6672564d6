import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import type {
  Attempt,
  ChannelPlugin,
  FoundLink,
  Json,
  PostCap,
  PublishingDelivery,
  PublishingTools,
  Step,
  TokenSet,
  Translate,
} from '#plugin-api';
import type { CredentialService } from '../../core/credentials/credential-service.ts';
import { createCredentialService } from '../../core/credentials/stored-credentials.ts';
import type { Database } from '../../core/db/database.ts';
import type { Delivery, DeliveryDesk, Due } from '../../core/deliveries/delivery-desk.ts';
import { createDeliveryDesk } from '../../core/deliveries/delivery-desk-service.ts';
import { createPublishHandler } from '../../core/deliveries/publish-delivery.ts';
import { publishJobKind } from '../../core/deliveries/publishing-context.ts';
import { createVault, type Vault } from '../../core/keys/vault.ts';
import { readKeys } from '../../core/keys/key-ring.ts';
import { createPluginRegistry, type PluginRegistry } from '../../core/plugin-host/plugin-registry.ts';
import { projectRoot } from '../../core/project-root.ts';
import { claimDueJobs } from '../../core/queue/claim-store.ts';
import { createJobQueue, type ClaimedJob, type JobHandler, type JobQueue } from '../../core/queue/job-queue.ts';
import { claimedJob, runJob } from '../../core/queue/job-runner.ts';
import { createWorker, type Worker } from '../../core/queue/worker.ts';
import { standardTimings, type Timings } from '../../core/timings.ts';
import { loadTexts } from '../../core/web/texts.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { nextNumber } from './factories.ts';
import { recordingLog, type RecordingLog } from './log.ts';

/** A network in memory at the border of the plugin contract: each test says what `advance` answers. */
class FakeNetwork {
  advance: (delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools) => Promise<Step> | Step = () => ({
    kind: 'published',
    remoteIds: ['1'],
  });
  findLink: () => FoundLink = () => ({ found: false });
  refresh: (tokens: TokenSet) => Promise<TokenSet> | TokenSet = () => {
    throw new Error('This test expects no refresh.');
  };
  revoke: (tokens: TokenSet) => Promise<void> | void = () => undefined;
  /** Throws where a test says that it refuses this token. */
  confirm: (accessToken: string) => Promise<void> | void = () => undefined;
  /** How settings are looked up; a test may let it take its time. */
  findApp: () => Promise<void> | void = () => undefined;
  isEnabled = true;
  /** How many posts and accounts a day it takes, for the forecast. */
  caps: readonly PostCap[] = [];
  /** What `advance` was called with, in order. */
  readonly calls: { readonly delivery: PublishingDelivery; readonly attempt: Attempt }[] = [];
  revoked = 0;
}

export interface EngineWorld {
  readonly db: Database;
  readonly clock: TestClock;
  readonly timings: Timings;
  readonly log: RecordingLog;
  readonly t: Translate;
  readonly vault: Vault;
  readonly network: FakeNetwork;
  readonly registry: PluginRegistry;
  readonly queue: JobQueue;
  readonly credentials: CredentialService;
  readonly desk: DeliveryDesk;
  readonly publishing: JobHandler;
  readonly teamId: number;
  readonly actor: { readonly id: number; readonly name: string };
}

/** Timers of workers in real milliseconds; everything that decides asks the test's clock. */
export const quickTimings: Timings = {
  ...standardTimings,
  idlePollMs: 20,
  rescueMs: 0,
  storeAgainMs: 5,
  refreshPollMs: 10,
};

export async function createEngineWorld(
  db: Database,
  timings: Timings = quickTimings,
  clock: TestClock = createTestClock(),
): Promise<EngineWorld> {
  const log = recordingLog();
  const t = testTexts();
  const network = new FakeNetwork();
  const registry = createPluginRegistry();
  registry.add(fakePlugin(network));
  const queue = createJobQueue({ db, clock });
  const shared = { db, clock, timings, vault: testVault(), registry, t, log: log.log, random: () => 0.5 };
  const credentials = createCredentialService({ ...shared, queue });
  const desk = createDeliveryDesk({ db, queue, clock, timings, t });
  const publishing = createPublishHandler({ ...shared, credentials, mediaFolder: path.join('/data', 'media') });
  const [actorId = 0] = await db
    .knex('users')
    .insert({ email: `${randomBytes(6).toString('hex')}@example.org`, name: 'Ida', created_at: 0 });
  const [teamId = 0] = await db.knex('teams').insert({ name: 'North', zone: 'Europe/Copenhagen', created_at: 0 });
  const rooms = { db, clock, timings, log, t, vault: shared.vault, network, registry, queue };
  return { ...rooms, credentials, desk, publishing, teamId, actor: { id: actorId, name: 'Ida' } };
}

function testTexts(): Translate {
  const onMissing = (key: string): void => {
    throw new Error(`There is no text ${key}.`);
  };
  return loadTexts({ folders: [path.join(projectRoot, 'core', 'locales')], onMissing }).speech('en').t;
}

/** The same key in every process of a test. */
function testVault(): Vault {
  const keys = readKeys(`test:${Buffer.alloc(32, 7).toString('base64')}`);
  if ('problem' in keys) throw new Error(keys.problem);
  return createVault(() => keys.ring);
}

function fakePlugin(network: FakeNetwork) {
  const set = {
    id: 'live',
    appKey: 'app',
    callbackUrl: '',
    text: () => '',
    choices: () => [],
    isConfirmed: () => false,
  };
  const nothing = { fields: () => ({}), describe: () => [], load: () => Promise.resolve({}), view: 'fake/compose' };
  const plugin: ChannelPlugin = {
    ...{ apiVersion: 1, id: 'fake', name: 'Fake', icon: 'broadcast' },
    settings: { sets: [], modeEnvironment: 'X', defaultSet: 'live', appKeyField: 'key', fields: [], addresses: [] },
    activate: () => Promise.reject(new Error('It is active.')),
  };
  return {
    plugin,
    settings: {
      isEnabled: () => Promise.resolve(network.isEnabled),
      active: () => Promise.resolve(set),
      complete: () => Promise.resolve([set]),
      findByAppKey: async (key: string) => {
        await network.findApp();
        return key === 'app' ? set : undefined;
      },
      address: () => '',
      notes: () => Promise.resolve({ state: undefined, isAudited: undefined, testers: [], testersNotedAt: undefined }),
      withdraw: () => Promise.resolve(),
    },
    parts: {
      connector: {
        strategy: () => {
          throw new Error('Nobody signs in here.');
        },
        readAccount: () => {
          throw new Error('Nobody signs in here.');
        },
        refresh: async ({ tokens }: { readonly tokens: TokenSet }) => network.refresh(tokens),
        revoke: async ({ tokens }: { readonly tokens: TokenSet }) => {
          network.revoked += 1;
          await network.revoke(tokens);
        },
        confirm: async (accessToken: string) => network.confirm(accessToken),
        explain: () => ({ sentence: '', who: 'you', nextStep: '', code: '' }) as const,
        missingScopes: () => [],
      },
      publisher: {
        check: () => Promise.resolve([]),
        async advance(delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools) {
          network.calls.push({ delivery, attempt });
          return network.advance(delivery, attempt, tools);
        },
        findLink: () => Promise.resolve(network.findLink()),
        caps: () => Promise.resolve(network.caps),
      },
      composer: { ...nothing, parse: () => ({ options: null }), consent: () => ({ text: '', parts: [] }) },
      connectionTest: { run: () => Promise.resolve({ ok: true, sentence: '' }) },
    },
  };
}

export function tokensUntil(accessExpiresAt: number, name = 'first'): TokenSet {
  return {
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    accessExpiresAt,
    refreshExpiresAt: accessExpiresAt + 180 * 86_400_000,
    scopes: ['video.publish'],
  };
}

/** A connected channel with an access of its own, good for two hours. */
export async function addChannel(world: EngineWorld): Promise<{ readonly id: number; readonly credentialId: number }> {
  const accountId = `account-${nextNumber()}`;
  const tokens = tokensUntil(world.clock.now() + 7_200_000);
  const account = { accountId, nickname: 'North Roast', tokens };
  const credentialId = await world.credentials.save({ plugin: 'fake', appKey: 'app', mode: 'live', account });
  const [id = 0] = await world.db.knex('channels').insert({
    ...{ team_id: world.teamId, credential_id: credentialId, plugin: 'fake', account_id: accountId },
    ...{ nickname: account.nickname, is_paused: false, connected_at: world.clock.now() },
  });
  return { id, credentialId };
}

export async function addPost(world: EngineWorld, caption = 'New beans today'): Promise<number> {
  const now = world.clock.now();
  const [id = 0] = await world.db.knex('posts').insert({
    ...{ team_id: world.teamId, caption, nonce: randomBytes(8).toString('hex'), nonce_body: 'x' },
    ...{ created_by: world.actor.id, created_at: now, updated_at: now, state: 'draft' },
  });
  return id;
}

export function dueIn(world: EngineWorld, ms: number): Due {
  return { wall: '2026-11-21T13:00', zone: 'Europe/Copenhagen', at: world.clock.now() + ms };
}

interface Scheduling {
  readonly postId?: number;
  readonly channelId?: number;
  /** From now; 0 unless said. null = a draft. */
  readonly inMs?: number | null;
  readonly options?: Json;
}

/** A post on a channel of its own unless said. */
export async function schedule(world: EngineWorld, facts: Scheduling = {}): Promise<Delivery> {
  const postId = facts.postId ?? (await addPost(world));
  const channelId = facts.channelId ?? (await addChannel(world)).id;
  const due = facts.inMs === null ? null : dueIn(world, facts.inMs ?? 0);
  const place = { postId, teamId: world.teamId, channelId, plugin: 'fake' };
  const delivery = { ...place, options: facts.options ?? { privacy: 'everyone' }, due, consent: null };
  const id = await world.db.transaction((sql) => world.desk.create(delivery, sql));
  return world.desk.find(world.teamId, id);
}

/** Claims what is due as a worker would, without running it. */
export async function claim(
  world: EngineWorld,
  owner = 'worker-a',
  isStopping = () => false,
): Promise<readonly ClaimedJob[]> {
  const now = world.clock.now();
  const claims = await claimDueJobs(world.db, { owner, limit: 10, now, leaseUntil: now + world.timings.leaseMs });
  const signal = new AbortController().signal;
  return claims.map((found) => claimedJob(found, { worker: owner, signal, isStopping }));
}

/** Runs claimed jobs to where they wait, end or lose their claim. */
export async function run(world: EngineWorld, jobs: readonly ClaimedJob[]): Promise<void> {
  const handlers = new Map([[publishJobKind, world.publishing]]);
  const deps = { ...world, handlers, log: world.log.log, random: () => 0.5 };
  await Promise.all(jobs.map((job) => runJob(deps, job)));
}

/** Everything that is due now, once. */
export async function runDue(world: EngineWorld): Promise<void> {
  await run(world, await claim(world));
}

export function makeWorker(
  world: EngineWorld,
  handlers: readonly JobHandler[] = [world.publishing],
  slots = 10,
): Worker {
  return createWorker({ ...world, handlers, slots, log: world.log.log, random: () => 0.5 });
}

const anyRow = z.record(z.string(), z.unknown());

/** The row of the delivery's job. */
export async function jobOf(world: EngineWorld, delivery: { readonly id: number }) {
  const rows: unknown = await world.db.knex('jobs').where({ kind: publishJobKind, key: String(delivery.id) });
  const [row] = z.array(anyRow).parse(rows);
  if (row === undefined) throw new Error(`Delivery ${delivery.id} has no job.`);
  return row;
}

export async function attemptsOf(world: EngineWorld, delivery: { readonly id: number }) {
  const rows: unknown = await world.db.knex('attempts').where({ delivery_id: delivery.id }).orderBy('n');
  return z.array(anyRow).parse(rows);
}

/** Asks until it holds. @throws after half a minute */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`It did not come to pass: ${what}.`);
}
