import type { Account, AccountInput } from './accounts.ts';
import type { App, AppInput } from './apps.ts';
import type { Failure, FailureInput } from './failures.ts';
import type { FatesOrder } from './fates.ts';
import type { Loose } from './loose.ts';
import { newStats, type RequestEntry, type Stats } from './ledger.ts';
import { postsThatBecameReal, publishRows, type PostRow, type PublishRow } from './posts.ts';
import { endProcessing, removeAuthorization } from './processing.ts';
import { isAtWork } from './publishes.ts';
import type { Switches } from './switches.ts';
import type { WebhookDelivery } from './webhooks.ts';
import { resetWorld, type World } from './world.ts';

interface SwitchesInput extends Loose<Switches> {
  /** Appended to those still waiting. */
  readonly failures?: readonly FailureInput[] | undefined;
  /** Forgets those still waiting, before `failures` are added. */
  readonly clear_failures?: boolean | undefined;
  /** A share of all requests fails at random; null ends it. */
  readonly fates?: FatesOrder | null | undefined;
}

interface SwitchesState {
  readonly switches: Switches;
  readonly failures: readonly Failure[];
}

/** Everything the routes under /__simulator/ do, for tests in the same process. Usernames come without @. */
export interface SimulatorControl {
  posts(): readonly PostRow[];
  publishes(): readonly PublishRow[];
  requests(): readonly RequestEntry[];
  webhooks(): readonly WebhookDelivery[];
  stats(): Stats;
  accounts(): readonly Account[];
  apps(): readonly App[];
  switches(): SwitchesState;
  setSwitches(patch: SwitchesInput): SwitchesState;
  putAccount(account: AccountInput): Account;
  putApp(app: AppInput): App;
  now(): number;
  advanceClock(milliseconds: number): number;
  reset(): void;
  /** Kills tokens and sends authorization.removed; all apps unless one is named. Returns the apps' keys. */
  revokeAuthorization(order: {
    account: string;
    client_key?: string | undefined;
    reason?: number | undefined;
  }): readonly string[];
  /** Ends processing that waits (processing_hold, or time): all of it unless one is named. Returns how many ended. */
  release(publishId?: string): number;
  sendWebhook(order: WebhookOrder): void;
  /** The received bytes of a publish, on disk. */
  fileOf(publishId: string): string | undefined;
}

interface WebhookOrder {
  readonly client_key: string;
  readonly event?: string | undefined;
  readonly content?: Readonly<Record<string, unknown>> | undefined;
  readonly user_openid?: string | undefined;
}

export class UnknownThing extends Error {}

export function createControl(world: World): SimulatorControl {
  return {
    posts: () => settled(world, postsThatBecameReal),
    publishes: () => settled(world, publishRows),
    requests: () => world.ledger.requests,
    webhooks: () => world.webhooks.deliveries,
    stats: () => ({ ...newStats(), ...world.stats }),
    accounts: () => world.accounts.all(),
    apps: () => world.apps.all(),
    switches: () => switchesState(world),
    setSwitches: (patch) => setSwitches(world, patch),
    putAccount: (account) => world.accounts.put(account),
    putApp: (app) => world.apps.put(app),
    now: () => world.clock.now(),
    advanceClock: (milliseconds) => advance(world, milliseconds),
    reset: () => resetWorld(world),
    revokeAuthorization: (order) => {
      const account = found(world.accounts.named(order.account), `account ${order.account}`);
      return removeAuthorization(world, { account, clientKey: order.client_key, reason: order.reason ?? 1 });
    },
    release: (publishId) => release(world, publishId),
    sendWebhook: (order) => sendWebhook(world, order),
    fileOf: (publishId) => world.publishes.find(publishId)?.file,
  };
}

function settled<T>(world: World, read: (world: World) => T): T {
  world.agenda.runDue();
  return read(world);
}

function switchesState(world: World): SwitchesState {
  return { switches: world.switches.values, failures: world.failures.waiting };
}

function setSwitches(world: World, patch: SwitchesInput): SwitchesState {
  const { failures = [], clear_failures: isCleared = false, fates, ...values } = patch;
  world.switches.set(values);
  if (isCleared) world.failures.clear();
  world.failures.add(failures);
  if (fates !== undefined) world.failures.deal(fates);
  return switchesState(world);
}

function advance(world: World, milliseconds: number): number {
  world.clock.advance(milliseconds);
  world.agenda.runDue();
  return world.clock.now();
}

function release(world: World, publishId: string | undefined): number {
  const waiting = world.publishes
    .all()
    .filter((one) => isAtWork(one) && (one.photos === undefined ? one.arrivedAt !== undefined : one.isFetched));
  const chosen = waiting.filter((one) => publishId === undefined || one.publishId === publishId);
  for (const publish of chosen) endProcessing(world, publish);
  world.agenda.runDue();
  return chosen.length;
}

/** The portal's test button sends this ping, with its time in milliseconds. */
function sendWebhook(world: World, order: WebhookOrder): void {
  const app = found(world.apps.find(order.client_key), `app ${order.client_key}`);
  const event = order.event ?? 'tiktok.ping';
  const isPing = event === 'tiktok.ping';
  world.webhooks.send({
    app,
    event,
    content: order.content ?? (isPing ? { reason: 'testing Webhook' } : {}),
    ...(order.user_openid === undefined ? {} : { openId: order.user_openid }),
    ...(isPing ? { createTime: world.clock.now() } : {}),
  });
}

function found<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new UnknownThing(`The simulator knows no ${name}.`);
  return thing;
}
