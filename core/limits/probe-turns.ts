import type { Clock, Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { openMs, type ProbeTurns } from './breakers.ts';
import { createCallWindows } from './call-windows.ts';

interface TurnDeps {
  readonly db: Database;
  /** The database's: processes on several hosts share the turns. */
  readonly clock: Clock;
  readonly log: Log;
}

const whose = 'hosts';

/** A window with one place for each host: one process of the installation tries it in half a minute. */
export function createProbeTurns({ db, clock, log }: TurnDeps): ProbeTurns {
  const windows = createCallWindows({ db, clock });
  return {
    async take(host) {
      try {
        // A place is free again when its time is over; this one has to be exactly when the breaker asks next.
        return await windows.take(whose, { name: nameOf(host), per: 'app', limit: 1, withinMs: openMs - 1 });
      } catch (error) {
        log.warn({ err: error, host }, 'the turn to try a host could not be taken: this process tries without it');
        return { taken: true };
      }
    },
    async end(host) {
      await windows
        .clear(whose, nameOf(host))
        .catch((error: unknown) =>
          log.warn({ err: error, host }, 'the turns of a host that answers again end by themselves'),
        );
    },
  };
}

/** As the page Jobs shows it. */
function nameOf(host: string): string {
  return `probe ${host}`;
}
