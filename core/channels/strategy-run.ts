import type { Strategy } from 'passport';

/** How a passport strategy ended. */
export type StrategyOutcome =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'success'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reason: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

type StrategyRequest = Parameters<Strategy['authenticate']>[0];

/**
 * Runs one strategy for one request and returns how it ended, as `passport.authorize(strategy, { session: false })`
 * does, but leaves the answer to the route: a POST is answered by 303, and a page explains what went wrong.
 */
export function runStrategy(strategy: Strategy, request: StrategyRequest): Promise<StrategyOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: StrategyOutcome): void => resolve(outcome);
    // passport puts these five on a copy of the strategy; this one is fresh and serves a single request.
    const actions = {
      redirect: (url: string) => settle({ kind: 'redirect', url }),
      success: (value: unknown) => settle({ kind: 'success', value }),
      fail: (reason?: unknown) => settle({ kind: 'refused', reason }),
      pass: () => settle({ kind: 'refused', reason: undefined }),
      error: (error: unknown) => settle({ kind: 'error', error }),
    };
    try {
      const running = Object.assign(strategy, actions);
      // eslint-disable-next-line @typescript-eslint/unbound-method -- passport types `this` so that only passport can call it
      Reflect.apply(running.authenticate, running, [request, {}]);
    } catch (error) {
      settle({ kind: 'error', error });
    }
  });
}
