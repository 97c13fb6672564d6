import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { RecurringWork } from '../queue/recurring.ts';
import type { Timings } from '../timings.ts';
import { mondayAfter, mondayUntil } from './monday.ts';
import { weeklyLetterKind } from './weekly-letter.ts';
import { type DueWeekly, moveOn, selectDue, turnOff } from './weekly-store.ts';

interface WeeklyWorkDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly queue: JobQueue;
  readonly config: { readonly mail?: unknown };
}

/** In one run; then other work has its turn. */
const mostAtOnce = 50;

/**
 * Makes a letter of each mail about a week whose Monday has come, and moves it on to the next one in the same
 * transaction: however many workers look, and whenever one dies, each week is one letter.
 */
export function puttingWeeklyLetters(deps: WeeklyWorkDeps): RecurringWork {
  const { db, clock, timings, config } = deps;
  return {
    kind: 'put-weekly-letters',
    everyMs: timings.mailLookMs,
    isDue: async () => config.mail !== undefined && (await selectDue(db.knex, clock.now(), 1)).length > 0,
    async run(signal) {
      const due = await selectDue(db.knex, clock.now(), mostAtOnce);
      for (const one of due) {
        if (signal.aborted) return false;
        await put(deps, one);
      }
      return due.length === mostAtOnce;
    },
  };
}

/** What is more than a day late, say because nothing ran, is left out: the next week follows. */
async function put({ db, clock, timings, queue }: WeeklyWorkDeps, due: DueWeekly): Promise<void> {
  const { userId, teamId, zone, isMember, isDisabled } = due;
  const now = clock.now();
  const at = mondayUntil(now, zone);
  await db.transaction(async (sql) => {
    if (!isMember) return turnOff(sql, due);
    const isOurs = await moveOn(sql, due, mondayAfter(now, zone));
    if (!isOurs || isDisabled || now - at > timings.mailGiveUpMs) return;
    const payload = { userId, teamId, at };
    await queue.enqueue({ kind: weeklyLetterKind, key: `${userId}/${teamId}/${at}`, payload, runAt: now }, sql);
  });
}
