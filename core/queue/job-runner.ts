import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, type Log, RemoteError } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { inEnglish } from '../language/deferred-text.ts';
import type { Timings } from '../timings.ts';
import { fullJitter, type Random } from './backoff.ts';
import type { Claim } from './claim-store.ts';
import { deadlyClaims } from './deadly-claims.ts';
import type { ClaimedJob, JobHandler, JobOutcome } from './job-queue.ts';
import { type JobChange, saveJob } from './job-store.ts';
import { TimeIsUp } from './time-budget.ts';

interface RunnerDeps {
  readonly db: Database;
  readonly handlers: ReadonlyMap<string, JobHandler>;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly log: Log;
  readonly random: Random;
}

/** Runs one claimed job and stores what becomes of it. Never throws. */
export async function runJob(deps: RunnerDeps, job: ClaimedJob): Promise<void> {
  const change = await outcomeOf(deps, job);
  if (change !== undefined) await saveUntilStored(deps, job, change);
}

async function outcomeOf(deps: RunnerDeps, job: ClaimedJob): Promise<JobChange | undefined> {
  const handler = deps.handlers.get(job.kind);
  if (handler === undefined) {
    deps.log.warn({ job: job.id, kind: job.kind }, 'no part of this installation knows this kind of job');
    return { state: 'waiting', runAt: deps.clock.now() + deps.timings.absentPluginMs, failures: job.failures };
  }
  if (job.deaths > deadlyClaims && handler.whenItKeepsFailing !== undefined) return changeForPoison(deps, job, handler);
  try {
    const outcome = await handler.run(job);
    return outcome.kind === 'again' && isTimeUp(job) ? changeWhenTimeIsUp(deps, job) : changeFor(job, outcome);
  } catch (error) {
    return isTimeUp(job) ? changeWhenTimeIsUp(deps, job) : changeAfterError(deps, job, { error, handler });
  }
}

function isTimeUp({ signal }: ClaimedJob): boolean {
  return signal.aborted && signal.reason instanceof TimeIsUp;
}

/** It ended only because it was aborted: as with a dead worker, three of these in a row are enough. */
function changeWhenTimeIsUp(deps: RunnerDeps, job: ClaimedJob): JobChange {
  const failures = job.failures + 1;
  deps.log.error({ job: job.id, kind: job.kind, deaths: job.deaths }, 'the time of a job was up: it was aborted');
  const runAt = deps.clock.now() + deps.timings.backoffBaseMs + fullJitter(failures, deps.timings, deps.random);
  return { state: 'waiting', runAt, failures, died: true, lastError: 'TimeIsUp' };
}

function changeFor(job: ClaimedJob, outcome: JobOutcome): JobChange | undefined {
  switch (outcome.kind) {
    case 'done':
      return { state: 'finished', runAt: job.runAt, failures: 0, lastError: null };
    case 'again':
      return {
        state: 'waiting',
        runAt: outcome.at,
        failures: 0,
        ...(outcome.payload === undefined ? {} : { payload: outcome.payload }),
      };
    case 'stored':
      return undefined;
  }
}

/** It would only kill the next worker: a job that must go on rests, any other waits for a person. */
function changeForPoison(deps: RunnerDeps, job: ClaimedJob, handler: JobHandler): JobChange {
  const { clock, timings, log } = deps;
  log.error({ job: job.id, kind: job.kind }, 'a job ended three workers in a row: it is not run again for now');
  const isOver = handler.whenItKeepsFailing === 'gives-up';
  const next = isOver
    ? ({ state: 'failed', runAt: clock.now() } as const)
    : ({ state: 'waiting', runAt: clock.now() + timings.poisonRestMs } as const);
  return { ...next, failures: job.failures, lastError: 'Its workers ended three times in a row.' };
}

/** With the longest backoff of five minutes: after about an hour. */
const mostFailures = 25;

interface Failure {
  readonly error: unknown;
  readonly handler: JobHandler;
}

function changeAfterError(deps: RunnerDeps, job: ClaimedJob, { error, handler }: Failure): JobChange {
  const now = deps.clock.now();
  if (job.signal.aborted || job.isStopping()) return { state: 'waiting', runAt: now, failures: job.failures };
  const failures = job.failures + 1;
  const facts = { err: error, job: job.id, kind: job.kind, failures };
  if (failures >= mostFailures && handler.whenItKeepsFailing === 'gives-up') {
    deps.log.error(facts, 'a job failed too often: it waits for a person');
    return { state: 'failed', runAt: now, failures, lastError: describeError(error) };
  }
  deps.log.error(facts, 'a job failed and is tried again');
  const wait = deps.timings.backoffBaseMs + fullJitter(failures, deps.timings, deps.random);
  return { state: 'waiting', runAt: now + wait, failures, lastError: describeError(error) };
}

/**
 * While the database is away the job can be handed back to nobody: asks again until the lease has ended, after which
 * any worker takes it from what is stored.
 */
async function saveUntilStored(deps: RunnerDeps, job: ClaimedJob, change: JobChange): Promise<void> {
  const giveUpAt = deps.clock.now() + deps.timings.leaseMs;
  do {
    try {
      await saveJob(deps.db.knex, job, { change, now: deps.clock.now() });
      return;
    } catch (error) {
      deps.log.warn({ err: error, job: job.id }, 'the end of a job could not be stored yet');
      await pause(deps.timings.storeAgainMs);
    }
  } while (deps.clock.now() < giveUpAt);
}

const coded = (error: Error): string => {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
};

/** For the row: what a database or a library says may hold values that do not belong there. */
function describeError(error: unknown): string {
  if (error instanceof RemoteError) return inEnglish(error.message).slice(0, 500);
  return error instanceof Error ? coded(error) : typeof error;
}

type Around = Pick<ClaimedJob, 'worker' | 'signal' | 'isStopping'> &
  Partial<Pick<ClaimedJob, 'pieceDone' | 'freeSlot'>>;

export function claimedJob(claim: Claim, around: Around): ClaimedJob {
  return { pieceDone: () => undefined, freeSlot: () => undefined, ...claim, ...around };
}
