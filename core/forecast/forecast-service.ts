import type { Clock, PostCap } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { type PostingAccount, type PostingTime, selectPostingAccounts, selectPostingTimes } from './forecast-store.ts';
import { findFreeTime, findFullStretch, sortUses, type Use } from './full-days.ts';

/** One post to these channels at a time. */
interface Plan {
  readonly channelIds: readonly number[];
  /** UTC milliseconds. */
  readonly at: number;
}

/** A network will not take one more then; the post would wait until it does. Times are UTC milliseconds. */
export interface QuotaWarning {
  readonly channelId: number;
  readonly nickname: string;
  readonly username: string | null;
  /** Posts of this account, or accounts that post through its app. */
  readonly counts: 'posts' | 'accounts';
  readonly limit: number;
  /** How many there are in the stretch without this post, over all teams. */
  readonly taken: number;
  readonly withinMs: number;
  /** The end of the full stretch: the time of the post, or of a later one that it would push over the limit. */
  readonly endsAt: number;
  /** When it would fit; null where it does not within a week. */
  readonly freeAt: number | null;
}

/** Whether networks will take posts at the times they are planned for. A warning, never a refusal: what is too much waits. */
export interface ForecastService {
  /** @param exceptPostId the post that is being edited */
  forecast(
    question: Plan & { readonly teamId: number; readonly exceptPostId?: number },
  ): Promise<readonly QuotaWarning[]>;
  /**
   * For many posts, each counted when the next ones are asked for: the warnings of each plan, in their order. Two
   * statements, however many they are.
   */
  forecastMany(question: {
    readonly teamId: number;
    readonly plans: readonly Plan[];
    /** Scheduled posts that the plans replace. */
    readonly exceptPostIds?: readonly number[];
  }): Promise<readonly (readonly QuotaWarning[])[]>;
}

export interface ForecastParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly plugins: PluginRegistry;
}

export function createForecast(parts: ForecastParts): ForecastService {
  const service: ForecastService = {
    async forecast({ teamId, exceptPostId, ...plan }) {
      const exceptPostIds = exceptPostId === undefined ? [] : [exceptPostId];
      const [warnings = []] = await service.forecastMany({ teamId, plans: [plan], exceptPostIds });
      return warnings;
    },
    forecastMany: ({ teamId, plans, exceptPostIds = [] }) => forecastMany(parts, { teamId, plans, exceptPostIds }),
  };
  return service;
}

interface Many {
  readonly teamId: number;
  readonly plans: readonly Plan[];
  readonly exceptPostIds: readonly number[];
}

async function forecastMany(
  parts: ForecastParts,
  { teamId, plans, exceptPostIds }: Many,
): Promise<readonly (readonly QuotaWarning[])[]> {
  const ids = [...new Set(plans.flatMap(({ channelIds }) => channelIds))];
  const accounts = await selectPostingAccounts(parts.db.knex, teamId, ids);
  const caps = await capsOf(parts.plugins, accounts);
  const counters = [...caps].flatMap(([app, { limits }]) => limits.map((cap) => ({ app, cap })));
  if (counters.length === 0) return plans.map(() => []);
  const times = await timesAround(parts, { plans, accounts, caps, except: { teamId, postIds: exceptPostIds } });
  const uses = new Map<string, readonly Use[]>();
  for (const { app, cap } of counters) collect(uses, times, { app, cap });
  return plans.map((plan, n) =>
    accounts
      .filter(({ channelId }) => plan.channelIds.includes(channelId))
      .flatMap((account) => warningsOf({ account, at: plan.at, n, uses }, caps.get(appOf(account))?.limits ?? [])),
  );
}

interface Caps {
  readonly plugin: string;
  readonly appKey: string;
  readonly limits: readonly PostCap[];
}

/** By app. */
async function capsOf(
  plugins: PluginRegistry,
  accounts: readonly PostingAccount[],
): Promise<ReadonlyMap<string, Caps>> {
  const caps = new Map<string, Caps>();
  for (const account of accounts) {
    const app = appOf(account);
    if (caps.has(app)) continue;
    const { plugin, appKey } = account;
    const publisher = plugins.find(plugin)?.parts.publisher;
    caps.set(app, { plugin, appKey, limits: (await publisher?.caps?.(appKey)) ?? [] });
  }
  return caps;
}

function appOf({ plugin, appKey }: { readonly plugin: string; readonly appKey: string }): string {
  return `${plugin}/${appKey}`;
}

interface Around extends Pick<Many, 'plans'> {
  readonly except: Parameters<typeof selectPostingTimes>[1]['except'];
  readonly accounts: readonly PostingAccount[];
  readonly caps: ReadonlyMap<string, Caps>;
}

const aheadMs = 9 * 86_400_000;

async function timesAround(
  { db, clock }: ForecastParts,
  { plans, accounts, caps, except }: Around,
): Promise<readonly PostingTime[]> {
  const limits = [...caps.values()].flatMap((one) => one.limits);
  const longest = Math.max(...limits.map(({ withinMs }) => withinMs));
  const planned = plans.map(({ at }) => at);
  const countsAccounts = limits.some(({ per }) => per === 'app');
  return selectPostingTimes(db.knex, {
    apps: [...caps.values()],
    credentialIds: countsAccounts ? null : accounts.map(({ credentialId }) => credentialId),
    // What is late goes out later than its time says.
    from: Math.min(...planned) - 2 * longest,
    to: Math.max(...planned) + aheadMs,
    now: clock.now(),
    except,
  });
}

interface Counter {
  readonly app: string;
  readonly cap: PostCap;
}

/** Each cap counts for itself: the posts of each account, the accounts of each app. */
function collect(uses: Map<string, readonly Use[]>, times: readonly PostingTime[], { app, cap }: Counter): void {
  const found = new Map<string, Use[]>();
  for (const time of times.filter((one) => appOf(one) === app)) {
    const key = keyOf(cap, time);
    const use = { at: time.at, member: memberOf(cap, time, `d${time.deliveryId}`) };
    found.set(key, [...(found.get(key) ?? []), use]);
  }
  for (const [key, list] of found) uses.set(key, sortUses(list));
}

type Place = Pick<PostingAccount, 'plugin' | 'appKey' | 'credentialId'>;

function keyOf({ per }: PostCap, place: Place): string {
  return per === 'account' ? `posts/${place.credentialId}` : `accounts/${appOf(place)}`;
}

function memberOf({ per }: PostCap, { credentialId }: Place, post: string): string {
  return per === 'account' ? post : String(credentialId);
}

interface Asked {
  readonly account: PostingAccount;
  readonly at: number;
  /** Number of the plan. */
  readonly n: number;
  /** Takes this post in. */
  readonly uses: Map<string, readonly Use[]>;
}

function warningsOf({ account, at, n, uses }: Asked, caps: readonly PostCap[]): readonly QuotaWarning[] {
  const { channelId, nickname, username } = account;
  return caps.flatMap((cap): readonly QuotaWarning[] => {
    const key = keyOf(cap, account);
    const known = uses.get(key) ?? [];
    const use = { at, member: memberOf(cap, account, `p${n}.${channelId}`) };
    uses.set(key, sortUses([...known, use]));
    const full = findFullStretch(known, use, cap);
    if (full === undefined) return [];
    const { limit, withinMs } = cap;
    const counts = cap.per === 'account' ? 'posts' : 'accounts';
    const freeAt = findFreeTime(known, use, cap);
    return [{ channelId, nickname, username, counts, limit, withinMs, ...full, freeAt }];
  });
}
