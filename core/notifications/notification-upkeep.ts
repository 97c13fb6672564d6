import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { RecurringWork } from '../queue/recurring.ts';
import type { Timings } from '../timings.ts';
import { selectEndingAccess, tellEndingAccess } from './ending-access-store.ts';
import { deleteOldNotifications, hasOldNotifications } from './notification-store.ts';

interface UpkeepDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
}

/**
 * Tells of access that ends within two weeks, once for each channel and ending. A refresh gives the same ending again,
 * a little off; so what was told within those two weeks was told of this one.
 */
export function tellingOfEndingAccess(deps: UpkeepDeps): RecurringWork {
  const { db, clock, timings } = deps;
  const look = () => {
    const now = clock.now();
    const toldSince = now - timings.accessEndingMs - timings.accessLookMs * 24;
    return { now, before: now + timings.accessEndingMs, toldSince };
  };
  return {
    kind: 'tell-of-ending-access',
    everyMs: timings.accessLookMs,
    isDue: async () => (await selectEndingAccess(db.knex, look())).length > 0,
    async run(signal) {
      const { toldSince, ...times } = look();
      const found = await selectEndingAccess(db.knex, { toldSince, ...times });
      for (const ending of found) {
        if (signal.aborted) return false;
        await tellEndingAccess(db, deps, { ending, toldSince });
      }
      return found.length > 0;
    },
  };
}

export function forgettingOldNotifications({ db, clock, timings }: UpkeepDeps): RecurringWork {
  const before = (): number => clock.now() - timings.keepNotificationsMs;
  return {
    kind: 'forget-old-notifications',
    everyMs: timings.purgeEveryMs,
    isDue: () => hasOldNotifications(db.knex, before()),
    run: () => deleteOldNotifications(db.knex, before()),
  };
}
