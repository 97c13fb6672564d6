import type { InsightParts } from './parts.ts';
import type { Failure } from '../api/replies.ts';
import { keepVideos, type Visit } from './keep-videos.ts';
import type { Pass } from './profile-store.ts';
import { type NoPlace, type Pages, readPages, spanOf, takePlaces } from './video-calls.ts';

const pagesAtOnce = 10;
/**
 * About how long a claim holds its slot, and how often it stores at most: the end of a claim tells the queue that the job
 * comes on, however often its workers are killed. The last pages are stored after that.
 */
const [claimMs, stretchesAClaim] = [3_000, 5];

/** How a claim ended: the whole list is stored, there is more to read, or why nothing more came. */
export type PassEnd = 'over' | 'more' | Failure | NoPlace;

/** Pages of one pass that are read together, and stored together with where they ended. */
interface Stretch {
  readonly pass: Pass;
  readonly pages: Pages;
}

/** Goes on with a pass: while pages are stored, the next ones are asked for. What is stored is never ahead of itself. */
export async function readOn(parts: InsightParts, visit: Visit, pass: Pass): Promise<PassEnd> {
  const until = parts.host.clock.now() + claimMs;
  let read = await readStretch(parts, visit, { pass, isWanted: () => true });
  for (let left = stretchesAClaim - 1; ; left -= 1) {
    if ('at' in read) return read;
    const { pages } = read;
    const next = { ...read.pass, cursor: pages.cursor, seen: read.pass.seen + pages.videos.length };
    const goesOn = pages.hasMore && pages.failure === undefined;
    const isLast = !goesOn || left === 0 || parts.host.clock.now() >= until;
    const ahead = isLast ? undefined : askAhead(parts, visit, next);
    const problem = await keepStretch(parts, visit, { ...read, next }).catch(async (error: unknown) => {
      await ahead?.drop();
      throw error;
    });
    if (problem !== undefined) {
      await ahead?.drop();
      return problem;
    }
    if (pages.failure !== undefined) return pages.failure;
    if (ahead === undefined) return pages.hasMore ? 'more' : 'over';
    read = await ahead.stretch;
  }
}

/** The pages after those that are being stored. `drop`: what they stand on was not stored, nobody wants them any more. */
function askAhead(parts: InsightParts, visit: Visit, pass: Pass) {
  let isWanted = true;
  const stretch = readStretch(parts, visit, { pass, isWanted: () => isWanted });
  // It may fail before anybody waits for it: whoever does is told.
  stretch.catch(() => undefined);
  const drop = async (): Promise<void> => {
    isWanted = false;
    await Promise.allSettled([stretch]);
  };
  return { stretch, drop };
}

async function readStretch(
  parts: InsightParts,
  { account, limits }: Visit,
  { pass, isWanted }: { readonly pass: Pass; readonly isWanted: () => boolean },
): Promise<Stretch | NoPlace> {
  const full = await takePlaces(account, 'video/list', pagesAtOnce);
  if (full !== undefined) return full;
  const order = { cursor: pass.cursor, most: pagesAtOnce, limits, isEnough: () => !isWanted() };
  return { pass, pages: await readPages(parts, account, order) };
}

function keepStretch(
  parts: InsightParts,
  visit: Visit,
  { pass, pages, next }: Stretch & { readonly next: Pass },
): Promise<Failure | NoPlace | undefined> {
  const isOver = !pages.hasMore && pages.failure === undefined;
  return keepVideos(parts, visit, {
    answered: { videos: pages.videos, span: spanOf(pass.cursor, pages) },
    state: isOver
      ? { pass: null, videosAt: pass.beganAt, recentAt: pass.beganAt, problem: null }
      : { pass: next, problem: null },
  });
}
