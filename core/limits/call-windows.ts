import { createHash } from 'node:crypto';
import type { CallWindow, Clock, WindowAnswer } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { deleteWindow, openWindow, type Place, replaceWindow, selectWindow } from './window-store.ts';

/** Sliding windows over all processes of the installation. */
export interface CallWindows {
  /** @param whose what the window's name is counted for, e.g. one access at a network */
  take(whose: string, window: CallWindow): Promise<WindowAnswer>;
  /** All its places are free again. */
  clear(whose: string, name: string): Promise<void>;
}

/** Each round somebody wins, so after as many lost rounds as this the window is full, or nearly. */
const rounds = 50;
const contendedMs = 100;

/**
 * Read, decide, write if nobody wrote in between: two statements for a place, one for a refusal, and neither locks a
 * row that another waits for. The clock must be the database's: processes on several hosts share the windows.
 */
export function createCallWindows({ db, clock }: { readonly db: Database; readonly clock: Clock }): CallWindows {
  return {
    async take(whose, window) {
      const bucket = bucketOf(whose, window.name);
      for (let round = 0; round < rounds; round += 1) {
        const answer = await takeOnce(db, clock, { bucket, window });
        if (answer !== 'lost') return answer;
      }
      return { taken: false, at: clock.now() + contendedMs };
    },
    clear: (whose, name) => deleteWindow(db.knex, bucketOf(whose, name)),
  };
}

function bucketOf(whose: string, name: string): string {
  return createHash('sha256').update(`${whose}/${name}`).digest('hex');
}

async function takeOnce(
  db: Database,
  clock: Clock,
  { bucket, window }: { readonly bucket: string; readonly window: CallWindow },
): Promise<WindowAnswer | 'lost'> {
  const { limit, withinMs, member = null, places: wanted = 1 } = window;
  if (limit < wanted) throw new Error(`The window "${window.name}" has too few places: its limit is ${limit}.`);
  const read = await selectWindow(db.knex, bucket);
  if (read === undefined) {
    const now = clock.now();
    await openWindow(db.knex, bucket, { now, window });
    return 'lost';
  }
  // Never before the newest place, whatever this host's clock says.
  const now = Math.max(clock.now(), read.places.at(-1)?.[0] ?? 0);
  const taken = read.places.filter(([at, whom]) => at >= now - withinMs && (member === null || whom !== member));
  const oldest = taken[taken.length + wanted - 1 - limit];
  if (oldest !== undefined) return { taken: false, at: oldest[0] + withinMs + 1 };
  const places: readonly Place[] = [...taken, ...Array.from({ length: wanted }, (): Place => [now, member])];
  const next = { version: read.version + 1, places, emptyAt: now + withinMs + 1 };
  return (await replaceWindow(db.knex, bucket, { read, next, window })) ? { taken: true } : 'lost';
}
