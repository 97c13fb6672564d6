import type { Clock } from '#plugin-api';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
  set(at: number): void;
}

/** Starts on Saturday 21 November 2026, 12:00 UTC, unless said. */
export function createTestClock(start = Date.UTC(2026, 10, 21, 12)): TestClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => void (now += ms),
    set: (at) => void (now = at),
  };
}

/** A clock that runs with the machine's time, as far ahead of it as a test has moved it. */
export function createRunningClock(): Pick<TestClock, 'now' | 'advance'> {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    advance: (ms) => void (aheadMs += ms),
  };
}
