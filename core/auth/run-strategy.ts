import passport, { type Strategy } from 'passport';

/** How a passport strategy ended. */
export type StrategyOutcome =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'success'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reason: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

type StrategyRequest = Parameters<Strategy['authenticate']>[0];
/** The middleware as it is called here; passport's own types say only that it is a function. */
type Middleware = (request: StrategyRequest, response: object, next: (error?: unknown) => void) => void;

/**
 * Has passport run one fresh strategy for one request, without a session of its own, and returns how it ended. The
 * answer is the route's: a POST is answered by 303, and a page explains what went wrong.
 */
export function runStrategy(strategy: Strategy, request: StrategyRequest): Promise<StrategyOutcome> {
  return new Promise((resolve) => {
    const ended = (error: unknown, value?: unknown, reason?: unknown): void => {
      if (error !== null && error !== undefined) resolve({ kind: 'error', error });
      else if (value) resolve({ kind: 'success', value });
      else resolve({ kind: 'refused', reason });
    };
    const passedOn = (error?: unknown): void =>
      resolve(error === undefined ? { kind: 'refused', reason: undefined } : { kind: 'error', error });
    try {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- passport types its middleware as any
      const middleware: Middleware = new passport.Passport().authenticate(strategy, { session: false }, ended);
      middleware(request, answerThatTells(resolve), passedOn);
    } catch (error) {
      resolve({ kind: 'error', error });
    }
  });
}

/** Stands where passport writes its redirect, and tells the address instead of sending it. */
function answerThatTells(tell: (outcome: StrategyOutcome) => void): object {
  let url = '';
  return {
    statusCode: 200,
    setHeader: (name: string, value: unknown) => {
      if (name.toLowerCase() === 'location') url = String(value);
    },
    end: () => {
      tell({ kind: 'redirect', url });
    },
  };
}
