import type { Random } from './backoff.ts';
import { deadlyClaims } from './deadly-claims.ts';
import type { WaitingJob } from './due-store.ts';

/** How many slots one channel may hold at once: never all of them, so that a flood leaves room for the others. */
function slotsForOneChannel(slots: number): number {
  return Math.max(1, Math.ceil(slots / 2));
}

/**
 * Whose turn it is when more is due than there are free slots for: the channel that was served longest ago, whatever
 * it has waiting. Jobs without a channel take turns like one channel, without a limit of slots.
 */
export class FairTurns {
  readonly #mostOfOne: number;
  /** The number of each lane's last turn; forgotten when the crowd is gone. */
  readonly #served = new Map<number, number>();
  #turn = 0;

  constructor(slots: number) {
    this.#mostOfOne = slotsForOneChannel(slots);
  }

  /**
   * @param due in any order, the same job perhaps twice
   * @param hand what is free and which lanes hold how many slots already
   * @returns at most as many as are free, in the order of their turns
   */
  choose(due: readonly WaitingJob[], hand: Hand): readonly WaitingJob[] {
    const lines = linesOf(oneByOne(due, hand.mostSuspects), hand);
    const held = new Map(hand.held);
    const chosen: WaitingJob[] = [];
    while (chosen.length < hand.free) {
      const line = this.#next(lines, held);
      const job = line?.shift();
      if (job === undefined) return chosen;
      held.set(job.lane, (held.get(job.lane) ?? 0) + 1);
      this.#served.set(job.lane, (this.#turn += 1));
      chosen.push(job);
    }
    return chosen;
  }

  /** To be called when nothing waits for a slot. */
  forget(): void {
    this.#served.clear();
  }

  #next(lines: ReadonlyMap<number, WaitingJob[]>, held: ReadonlyMap<number, number>): WaitingJob[] | undefined {
    let best: { readonly line: WaitingJob[]; readonly servedAt: number; readonly runAt: number } | undefined;
    for (const [lane, line] of lines) {
      const [first] = line;
      if (first === undefined || (lane !== 0 && (held.get(lane) ?? 0) >= this.#mostOfOne)) continue;
      const candidate = { line, servedAt: this.#served.get(lane) ?? 0, runAt: first.runAt };
      if (best === undefined || isBefore(candidate, best)) best = candidate;
    }
    return best?.line;
  }
}

export interface Hand {
  readonly free: number;
  /** Running jobs by lane. */
  readonly held: ReadonlyMap<number, number>;
  /** Of jobs that may be what killed their workers, at most so many: what runs beside them would die with them. */
  readonly mostSuspects: number;
  /** After others took what was chosen here: within a lane some other job than its oldest. */
  readonly shuffle?: Random;
}

interface Place {
  readonly servedAt: number;
  readonly runAt: number;
}

function isBefore(a: Place, b: Place): boolean {
  return a.servedAt < b.servedAt || (a.servedAt === b.servedAt && a.runAt < b.runAt);
}

/** Who was there at one death may have been there by chance; after the last but one a job is run without others like it. */
function oneByOne(due: readonly WaitingJob[], mostSuspects: number): readonly WaitingJob[] {
  const isSuspect = (job: WaitingJob): boolean => job.deaths >= deadlyClaims - 1;
  const suspects = [...new Set(due.filter(isSuspect).map((job) => job.id))].slice(0, mostSuspects);
  return due.filter((job) => !isSuspect(job) || suspects.includes(job.id));
}

/** Each lane's jobs, the oldest first. */
function linesOf(due: readonly WaitingJob[], { shuffle }: Hand): ReadonlyMap<number, WaitingJob[]> {
  const once = new Map(due.map((job) => [job.id, job]));
  const order = new Map([...once.values()].map((job) => [job.id, shuffle?.() ?? 0]));
  const rank = (job: WaitingJob): number => order.get(job.id) ?? 0;
  const lines = new Map<number, WaitingJob[]>();
  for (const job of [...once.values()].sort((a, b) => rank(a) - rank(b) || a.runAt - b.runAt || a.id - b.id)) {
    const line = lines.get(job.lane);
    if (line === undefined) lines.set(job.lane, [job]);
    else line.push(job);
  }
  return lines;
}
