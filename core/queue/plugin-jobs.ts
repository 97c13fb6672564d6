import { z } from 'zod';
import { type Clock, type Log, type PluginJob, type PluginJobs, RemoteError } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { rowId } from '../db/rows.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Timings } from '../timings.ts';
import { equalJitter, type Random, systemRandom } from './backoff.ts';
import type { ClaimedJob, JobHandler, JobOutcome, JobQueue } from './job-queue.ts';
import { type RecurringWork, spread } from './recurring.ts';

interface PluginJobDeps {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly registry: PluginRegistry;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly log: Log;
  readonly random?: Random;
}

/** A plugin's door to the queue: its kinds are its own. */
export function createPluginJobs(plugin: string, queue: JobQueue): PluginJobs {
  return { enqueue: (job) => queue.enqueue({ ...job, kind: jobKind(plugin, job.kind), ...laneOf(job.key) }) };
}

/** A key that is a number is a channel's. */
function laneOf(key: string): { readonly channelId?: number } {
  const channelId = Number(key);
  return Number.isSafeInteger(channelId) && channelId > 0 ? { channelId } : {};
}

/** One handler for each kind of job of each plugin; to be made after the plugins are active. */
export function pluginJobHandlers(deps: PluginJobDeps): readonly JobHandler[] {
  return deps.registry.all().flatMap(({ plugin, parts }) =>
    (parts.jobs ?? []).map((work): JobHandler => ({
      kind: jobKind(plugin.id, work.kind),
      whenItKeepsFailing: work.everyMs === undefined ? 'gives-up' : 'rests',
      run: (job) => runPluginJob(deps, { job, work, plugin: plugin.id }),
    })),
  );
}

/** Puts the recurring jobs of channels that have none into the queue. The job's key is the channel's number. */
export function seedPluginJobs(deps: PluginJobDeps): RecurringWork {
  return {
    kind: 'seed-plugin-jobs',
    everyMs: deps.timings.seedEveryMs,
    async isDue() {
      for (const of of recurringOf(deps)) if ((await channelsWithout(deps, of)).length > 0) return true;
      return false;
    },
    async run() {
      for (const of of recurringOf(deps)) await seedKind(deps, of);
      return false;
    },
  };
}

interface RecurringKind {
  readonly plugin: string;
  readonly kind: string;
  readonly everyMs: number;
}

function recurringOf({ registry }: PluginJobDeps): readonly RecurringKind[] {
  return registry.all().flatMap(({ plugin, parts }) =>
    (parts.jobs ?? []).flatMap(({ kind, everyMs }) => {
      return everyMs === undefined ? [] : [{ plugin: plugin.id, kind: jobKind(plugin.id, kind), everyMs }];
    }),
  );
}

function jobKind(plugin: string, kind: string): string {
  return `${plugin}:${kind}`;
}

async function runPluginJob(
  deps: PluginJobDeps,
  { job, work, plugin }: { readonly job: ClaimedJob; readonly work: PluginJob; readonly plugin: string },
): Promise<JobOutcome> {
  if (work.everyMs !== undefined && !(await isConnected(deps, plugin, job.key))) return { kind: 'done' };
  try {
    const result = await work.run({ key: job.key, payload: job.payload }, job.signal);
    if ('again' in result) return { kind: 'again', ...result.again };
    return afterwards(deps, work, 0);
  } catch (error) {
    if (job.signal.aborted || !(error instanceof RemoteError)) throw error;
    deps.log.warn({ err: error, kind: job.kind, key: job.key }, 'a job of a plugin met an error of its network');
    return afterRemoteError(deps, work, error);
  }
}

/** Temporary errors grow their wait like any job's; the others end this run: the next one comes in its time. */
function afterRemoteError(deps: PluginJobDeps, work: PluginJob, error: RemoteError): JobOutcome {
  const now = deps.clock.now();
  if (error.kind === 'temporary' || error.kind === 'outcome-unknown') {
    if (error.retryAt === undefined) throw error;
    return { kind: 'again', at: Math.max(error.retryAt, now) };
  }
  if (error.kind === 'rate-limited') {
    return {
      kind: 'again',
      at: error.retryAt ?? now + equalJitter(deps.timings.rateLimitMs, deps.random ?? systemRandom),
    };
  }
  return afterwards(deps, work, deps.timings.absentPluginMs);
}

function afterwards(deps: PluginJobDeps, work: PluginJob, leastMs: number): JobOutcome {
  if (work.everyMs === undefined) return { kind: 'done' };
  return { kind: 'again', at: deps.clock.now() + Math.max(leastMs, spread(work.everyMs, deps.random)), payload: {} };
}

async function isConnected(deps: PluginJobDeps, plugin: string, key: string): Promise<boolean> {
  const id = Number(key);
  if (!Number.isSafeInteger(id)) return true;
  const rows: unknown[] = await deps.db
    .knex('channels')
    .where({ id, plugin })
    .whereNull('disconnected_at')
    .select('id');
  return rows.length > 0;
}

async function seedKind(deps: PluginJobDeps, of: RecurringKind): Promise<void> {
  const { queue, clock, random = systemRandom } = deps;
  for (const id of await channelsWithout(deps, of)) {
    const runAt = clock.now() + Math.round(random() * Math.min(of.everyMs, firstWithinMs));
    await queue.enqueue({ kind: of.kind, key: String(id), payload: {}, runAt, channelId: id });
  }
}

/** Connected channels that have no such job. */
async function channelsWithout({ db }: PluginJobDeps, { plugin, kind }: RecurringKind): Promise<readonly number[]> {
  const channels: unknown = await db.knex('channels').where({ plugin }).whereNull('disconnected_at').select('id');
  const live: unknown = await db.knex('jobs').where({ kind }).whereIn('state', ['waiting', 'running']).select('key');
  const keys = new Set(
    z
      .array(z.object({ key: z.string() }))
      .parse(live)
      .map((row) => row.key),
  );
  return z
    .array(z.object({ id: rowId }))
    .parse(channels)
    .map(({ id }) => id)
    .filter((id) => !keys.has(String(id)));
}

/** Many channels found at once begin within this, not in the same second. */
const firstWithinMs = 60_000;
