import type { Clock } from '#plugin-api';

/** The host's own time. Everything else is handed a clock, so that tests can move it. */
export const systemClock: Clock = { now: () => Date.now() };
