import type { Clock } from '#plugin-api';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database } from '../db/database.ts';
import type { Timings } from '../timings.ts';
import { purge } from './purge-store.ts';
import type { RecurringWork } from './recurring.ts';

interface HousekeepingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly credentials: Pick<CredentialService, 'refreshAhead'>;
}

/** What an installation does besides publishing, over all plugins. */
export function housekeeping({ db, clock, timings, credentials }: HousekeepingDeps): readonly RecurringWork[] {
  return [
    {
      kind: 'refresh-tokens',
      everyMs: timings.refreshEveryMs,
      async run(signal) {
        await credentials.refreshAhead(signal);
        return false;
      },
    },
    {
      kind: 'purge',
      everyMs: timings.purgeEveryMs,
      run() {
        const now = clock.now();
        const unseenBefore = now - timings.purgeEveryMs;
        return purge(db.knex, { now, finishedBefore: now - timings.keepFinishedMs, unseenBefore });
      },
    },
  ];
}
