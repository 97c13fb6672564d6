import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { findNextDueAt } from '../queue/claim-store.ts';
import type { Timings } from '../timings.ts';
import type { HostState, Snapshot, WindowUse, WorkerFacts } from './snapshot.ts';
import {
  countJobs,
  selectCalls,
  selectWindows,
  selectWorkers,
  type StoredWindow,
  type StoredWorker,
} from './snapshot-store.ts';

export interface SnapshotDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Pick<Timings, 'heartbeatMs'>;
}

const dayMs = 86_400_000;
/** Heartbeats in a row that must be missing before a worker counts as silent. */
const silentAfterBeats = 3;

/** Five statements, however large the installation is. */
export async function takeSnapshot({ db, clock, timings }: SnapshotDeps): Promise<Snapshot> {
  const at = clock.now();
  const jobs = await countJobs(db.knex, at);
  const nextDueAt = await findNextDueAt(db);
  const workers = await selectWorkers(db.knex);
  const windows = await selectWindows(db.knex, at);
  const calls = await selectCalls(db.knex, at - dayMs);
  const oldestDueAt = nextDueAt !== undefined && nextDueAt <= at ? nextDueAt : null;
  const silentBefore = at - silentAfterBeats * timings.heartbeatMs;
  return {
    ...{ at, jobs, oldestDueAt, calls },
    lagMs: oldestDueAt === null ? 0 : at - oldestDueAt,
    workers: workers.map((worker) => factsOf(worker, silentBefore)),
    breakers: workers.filter(({ seenAt }) => seenAt >= silentBefore).flatMap(hostsOf),
    windows: usesOf(windows, at),
  };
}

function factsOf({ facts: { slots, running }, ...worker }: StoredWorker, silentBefore: number): WorkerFacts {
  return { ...worker, isSilent: worker.seenAt < silentBefore, slots, slotsInUse: running };
}

function hostsOf({ host, pid, facts }: StoredWorker): readonly HostState[] {
  return facts.breakers.map((breaker) => ({ ...breaker, worker: { host, pid } }));
}

/** One line for each name, those that hold somebody up first. */
function usesOf(windows: readonly StoredWindow[], now: number): readonly WindowUse[] {
  const uses = new Map<string, WindowUse>();
  for (const { name, limit, withinMs, takenAt } of windows) {
    const taken = takenAt.filter((at) => at >= now - withinMs);
    if (name === '' || taken.length === 0) continue;
    const before = uses.get(name) ?? { name, inUse: 0, full: 0, mostTaken: 0, limit, freeAt: null };
    const oldest = taken[taken.length - limit];
    uses.set(name, {
      ...before,
      inUse: before.inUse + 1,
      full: before.full + (oldest === undefined ? 0 : 1),
      mostTaken: Math.max(before.mostTaken, taken.length),
      limit: Math.max(before.limit, limit),
      freeAt: oldest === undefined ? before.freeAt : Math.min(before.freeAt ?? Infinity, oldest + withinMs + 1),
    });
  }
  return [...uses.values()].sort((a, b) => b.full - a.full || a.name.localeCompare(b.name));
}
