import { z } from 'zod';
import type { Clock, Log } from '#plugin-api';
import type { Database } from './database.ts';

/** The database's time: what several hosts agree on. Between measurements it runs with this host's clock. */
export interface DatabaseClock extends Clock {
  /** Asks the database for its time. @returns how far it is ahead of this host's clock, in milliseconds */
  measure(): Promise<number>;
}

/** SQLite lives on this host, so its time is the host's. */
export function createDatabaseClock(db: Database, host: Clock): DatabaseClock {
  let offsetMs = 0;
  return {
    now: () => host.now() + offsetMs,
    measure: async () => {
      if (db.kind === 'mysql') offsetMs = await askForOffset(db, host);
      return offsetMs;
    },
  };
}

/**
 * For a process without a worker, whose heartbeat would do it: a host's clock that is set while the process runs must
 * not move due times.
 */
export function measureRepeatedly(clock: DatabaseClock, { everyMs, log }: Measuring): { stop(): Promise<void> } {
  const timer = setInterval(() => {
    clock.measure().catch((error: unknown) => log.warn({ err: error }, 'the time of the database could not be asked'));
  }, everyMs);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

interface Measuring {
  readonly everyMs: number;
  readonly log: Log;
}

async function askForOffset(db: Database, host: Clock): Promise<number> {
  const askedAt = host.now();
  const answer: unknown = await db.knex.raw('select cast(unix_timestamp(now(3)) * 1000 as signed) as now');
  const answeredAt = host.now();
  const [[{ now }]] = timeAnswer.parse(answer);
  return Math.round(now - (askedAt + answeredAt) / 2);
}

const timeAnswer = z.tuple([z.tuple([z.object({ now: z.number() })])], z.unknown());
