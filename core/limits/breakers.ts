import type { Clock, WindowAnswer } from '#plugin-api';
import type { Random } from '../queue/backoff.ts';

/** How a call ended for the health of its host: `stopped` by ourselves says nothing. */
export type CallOutcome = 'answered' | 'failed' | 'stopped';

export type Passage =
  | { readonly open: false; end(outcome: CallOutcome): void }
  /** Nothing is sent; `retryAt` is spread, so that what was held back does not come back in one moment. */
  | { readonly open: true; readonly retryAt: number };

/** What a page shows. Times are UTC ms, counts those of the last minute. */
interface BreakerState {
  readonly host: string;
  readonly state: 'closed' | 'open' | 'probing';
  readonly calls: number;
  readonly failed: number;
  /** While open: when the next call is let through. */
  readonly probeAt: number | null;
}

export interface Breakers {
  /** Asks for one call to this host; whoever is let through must tell how it ended. */
  enter(host: string): Promise<Passage>;
  /**
   * Whether asking is in vain: when to come again, spread (UTC ms); undefined where one would be let through now. Of those
   * who ask when a probe is due one is told so, and for five seconds nobody else.
   */
  heldUntil(host: string): number | undefined;
  /** Every host that was called in the last minute or is held back. */
  states(): readonly BreakerState[];
}

/** Whose turn it is to try a host, over all processes. */
export interface ProbeTurns {
  take(host: string): Promise<WindowAnswer>;
  /** The host answers again, and nobody has to wait for a turn. */
  end(host: string): Promise<void>;
}

interface BreakerDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Without them each process tries for itself. */
  readonly turns?: ProbeTurns;
}

const windowSeconds = 60;
const leastCalls = 20;
/** How long nothing is sent, and how far apart probes are at least. */
export const openMs = 30_000;
/** So long whoever was told that a call may go out has to send the next probe. */
const offerMs = 5_000;
/** What was held back returns, after the probe, within as long as the host has not answered: at least and at most this. */
const spreadMs = { least: 30_000, most: 120_000 } as const;
/** Steps of this share of a circle fall evenly on it, wherever one stops. */
const goldenShare = (Math.sqrt(5) - 1) / 2;

/**
 * One breaker per host, of this process: after twenty calls within a minute, or since the last answer, of which half
 * failed nothing is sent for half a minute, then one call of all processes tries; when it is answered, all may call again.
 */
export function createBreakers({ turns, ...deps }: BreakerDeps): Breakers {
  const hosts = new Map<string, Breaker>();
  return {
    async enter(host) {
      const breaker = hosts.get(host) ?? new Breaker(deps);
      hosts.set(host, breaker);
      const passage = breaker.enter();
      return passage.open || !passage.isProbe || turns === undefined
        ? passage
        : probe({ host, passage, turns, giveWay: (until) => breaker.giveWay(until) });
    },
    heldUntil: (host) => hosts.get(host)?.heldUntil(),
    states: () => {
      for (const [host, breaker] of hosts) if (breaker.isIdle()) hosts.delete(host);
      return [...hosts].map(([host, breaker]) => ({ host, ...breaker.state() }));
    },
  };
}

interface Probe {
  readonly host: string;
  readonly passage: LetThrough;
  readonly turns: ProbeTurns;
  readonly giveWay: (until: number) => Passage;
}

/** Only if no other process does the same. */
async function probe({ host, passage, turns, giveWay }: Probe): Promise<Passage> {
  const answer = await turns.take(host);
  if (!answer.taken) return giveWay(answer.at);
  return {
    open: false,
    end: (outcome) => {
      passage.end(outcome);
      if (outcome === 'answered') void turns.end(host);
    },
  };
}

interface LetThrough {
  readonly open: false;
  readonly isProbe: boolean;
  end(outcome: CallOutcome): void;
}

class Breaker {
  readonly #clock: Clock;
  /** Where in the spread the next one is sent to; processes begin at different places. */
  #share: number;
  #calls = new CallWindow();
  /** Those since the last answer: where many were answered before, an outage is still seen after twenty. */
  #unanswered = new CallWindow();
  #openedAt = 0;
  /** Null while closed. Otherwise the earliest time of the next probe: one under way moves it on. */
  #probeAt: number | null = null;
  #isProbing = false;
  #offeredUntil = 0;

  constructor(deps: Omit<BreakerDeps, 'turns'>) {
    this.#clock = deps.clock;
    this.#share = deps.random();
  }

  enter(): LetThrough | (Passage & { readonly open: true }) {
    const now = this.#clock.now();
    this.#openWhenFailing(now);
    if (this.#probeAt === null) return this.#letThrough(now);
    if (now < this.#probeAt) return this.#holdBack(this.#probeAt);
    // Whatever becomes of the probe, and even if it never ends: one in half a minute.
    this.#probeAt = now + openMs;
    this.#isProbing = true;
    return { open: false, isProbe: true, end: (outcome) => this.#probed(outcome) };
  }

  heldUntil(): number | undefined {
    const now = this.#clock.now();
    this.#openWhenFailing(now);
    if (this.#probeAt === null) return undefined;
    if (now < this.#probeAt) return this.#holdBack(this.#probeAt).retryAt;
    if (now < this.#offeredUntil) return this.#holdBack(now + openMs).retryAt;
    this.#offeredUntil = now + offerMs;
    return undefined;
  }

  /** The probe that was let through is not made: another process makes one. */
  giveWay(until: number): Passage {
    if (this.#probeAt === null) return this.#letThrough(this.#clock.now());
    this.#isProbing = false;
    this.#probeAt = until;
    return this.#holdBack(until);
  }

  state(): Omit<BreakerState, 'host'> {
    const counts = this.#calls.count(this.#clock.now());
    if (this.#probeAt === null) return { state: 'closed', ...counts, probeAt: null };
    return { state: this.#isProbing ? 'probing' : 'open', ...counts, probeAt: this.#probeAt };
  }

  isIdle(): boolean {
    return this.#probeAt === null && this.#calls.count(this.#clock.now()).calls === 0;
  }

  /** Evenly over the whole, however many ask: chance alone would send some second three times its part. */
  #nextShare(): number {
    const share = this.#share;
    this.#share = (share + goldenShare) % 1;
    return share;
  }

  /** The longer it lasts, the more wait and the less often each of them is worth a look. */
  #holdBack(until: number): Passage & { readonly open: true } {
    const lastsMs = this.#clock.now() - this.#openedAt;
    const withinMs = Math.min(Math.max(lastsMs, spreadMs.least), spreadMs.most);
    return { open: true, retryAt: Math.round(until + this.#nextShare() * withinMs) };
  }

  #letThrough(now: number): LetThrough {
    this.#calls.begin(now);
    this.#unanswered.begin(now);
    return { open: false, isProbe: false, end: (outcome) => this.#ended(now, outcome) };
  }

  #ended(begunAt: number, outcome: CallOutcome): void {
    if (outcome === 'answered') {
      this.#unanswered = new CallWindow();
      return;
    }
    const now = this.#clock.now();
    for (const calls of [this.#calls, this.#unanswered]) {
      calls.takeBack(begunAt);
      if (outcome === 'failed') calls.fail(now);
    }
    this.#openWhenFailing(now);
  }

  /** Calls still under way count: with ten at once the twentieth would otherwise be the thirtieth. */
  #openWhenFailing(now: number): void {
    if (this.#probeAt !== null) return;
    const isFailing = [this.#calls, this.#unanswered].some((window) => {
      const { calls, failed } = window.count(now);
      return calls >= leastCalls && failed * 2 >= calls;
    });
    if (!isFailing) return;
    this.#openedAt = now;
    this.#probeAt = now + openMs;
  }

  #probed(outcome: CallOutcome): void {
    this.#isProbing = false;
    if (outcome === 'failed') this.#probeAt = this.#clock.now() + openMs;
    if (outcome !== 'answered') return;
    this.#probeAt = null;
    this.#calls = new CallWindow();
    this.#unanswered = new CallWindow();
  }
}

/** The calls of the last minute, by the second: a call is counted when it begins, a failed one when it failed. */
class CallWindow {
  readonly #seconds = new Map<number, { calls: number; failed: number }>();

  begin(now: number): void {
    this.#at(now).calls += 1;
  }

  fail(now: number): void {
    const second = this.#at(now);
    second.calls += 1;
    second.failed += 1;
  }

  takeBack(begunAt: number): void {
    const second = this.#seconds.get(secondOf(begunAt));
    if (second !== undefined && second.calls > second.failed) second.calls -= 1;
  }

  count(now: number): { readonly calls: number; readonly failed: number } {
    this.#forget(now);
    const seconds = [...this.#seconds.values()];
    return {
      calls: seconds.reduce((sum, { calls }) => sum + calls, 0),
      failed: seconds.reduce((sum, { failed }) => sum + failed, 0),
    };
  }

  #at(now: number): { calls: number; failed: number } {
    this.#forget(now);
    const second = this.#seconds.get(secondOf(now)) ?? { calls: 0, failed: 0 };
    this.#seconds.set(secondOf(now), second);
    return second;
  }

  #forget(now: number): void {
    for (const second of this.#seconds.keys()) {
      if (second <= secondOf(now) - windowSeconds) this.#seconds.delete(second);
    }
  }
}

function secondOf(at: number): number {
  return Math.floor(at / 1_000);
}
