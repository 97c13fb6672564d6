import type { Clock } from '#plugin-api';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database } from '../db/database.ts';
import type { Timings } from '../timings.ts';
import { hasWaste, purge } from './purge-store.ts';
import type { RecurringWork } from './recurring.ts';

interface HousekeepingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly credentials: Pick<CredentialService, 'refreshAhead' | 'hasEnding'>;
}

/** What an installation does besides publishing, over all plugins. */
export function housekeeping({ db, clock, timings, credentials }: HousekeepingDeps): readonly RecurringWork[] {
  const times = () => {
    const now = clock.now();
    return { now, finishedBefore: now - timings.keepFinishedMs, unseenBefore: now - timings.purgeEveryMs };
  };
  return [
    {
      kind: 'refresh-tokens',
      everyMs: timings.refreshEveryMs,
      isDue: () => credentials.hasEnding(),
      async run(signal) {
        await credentials.refreshAhead(signal);
        return false;
      },
    },
    {
      kind: 'purge',
      everyMs: timings.purgeEveryMs,
      isDue: () => hasWaste(db.knex, times()),
      run: () => purge(db.knex, times()),
    },
  ];
}
