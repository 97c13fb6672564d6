/** Something that takes a place in a network's cap: a post of an account, or an account of an app. */
export interface Use {
  /** UTC milliseconds. */
  readonly at: number;
  /** Whoever takes several places in one stretch counts once. */
  readonly member: string;
}

export interface Cap {
  readonly limit: number;
  readonly withinMs: number;
}

/** A stretch of time that would hold one too many. */
export interface FullStretch {
  /** UTC milliseconds: its end; it is as long as the cap says. */
  readonly endsAt: number;
  /** How many take a place in it already. */
  readonly taken: number;
}

const minuteMs = 60_000;
/** How far ahead a free time is looked for, and how many times are tried. */
const aheadMs = 7 * 86_400_000;
const mostTries = 500;

/** By time: what the two functions below are asked with. */
export function sortUses(uses: readonly Use[]): readonly Use[] {
  return [...uses].sort((one, other) => one.at - other.at);
}

/**
 * The first stretch around the time that is full already, if there is one: the one before it, or one that ends with a
 * later use, which this one would push over the cap. Pure.
 * @param uses by time
 */
export function findFullStretch(uses: readonly Use[], use: Use, { limit, withinMs }: Cap): FullStretch | undefined {
  const later = between(uses, use.at + 1, use.at + withinMs).map(({ at }) => at);
  for (const endsAt of new Set([use.at, ...later])) {
    const others = new Set(between(uses, endsAt - withinMs, endsAt).map(({ member }) => member));
    others.delete(use.member);
    if (others.size >= limit) return { endsAt, taken: others.size };
  }
  return undefined;
}

/**
 * The first whole minute from the time on at which it fits; null where there is none within a week. Pure.
 * @param uses by time
 */
export function findFreeTime(uses: readonly Use[], use: Use, cap: Cap): number | null {
  const until = use.at + aheadMs;
  // It gets better only when a place is given back, or when a later use is passed by.
  const changes = uses.flatMap(({ at }) => [at + 1, at + cap.withinMs + 1]).map(wholeMinute);
  const tries = [...new Set(changes)].filter((at) => at > use.at && at <= until).sort((one, other) => one - other);
  const free = tries.slice(0, mostTries).find((at) => findFullStretch(uses, { ...use, at }, cap) === undefined);
  return free ?? null;
}

function wholeMinute(at: number): number {
  return Math.ceil(at / minuteMs) * minuteMs;
}

/** Both ends included. */
function between(uses: readonly Use[], from: number, to: number): readonly Use[] {
  return uses.slice(placeOf(uses, from), placeOf(uses, to + 1));
}

/** Where the first use stands that is not before the time. */
function placeOf(uses: readonly Use[], at: number): number {
  let [low, high] = [0, uses.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((uses[middle]?.at ?? at) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
