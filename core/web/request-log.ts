import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

const numbers = new WeakMap<IncomingMessage, string>();

/**
 * Gives each request a number and writes one line when it ends: no query (a login's code stands there), no link tokens.
 * By hand: pino-http makes two loggers for each request, which took longer than its session (docs/decisions/034).
 */
export function requestLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const { method, url } = req;
    const requestId = randomBytes(9).toString('base64url');
    numbers.set(req, requestId);
    res.set('X-Request-Id', requestId);
    if (!isUninteresting(url)) {
      const begun = performance.now();
      res.once('close', () => {
        const ms = Math.round(performance.now() - begun);
        const facts = { requestId, ms, method, path: loggedPath(url), status: res.statusCode };
        logger[res.statusCode >= 500 ? 'error' : 'info'](facts, 'request');
      });
    }
    next();
  };
}

/** The number on the log line, in the answer's X-Request-Id and on error pages. */
export function requestIdOf(req: IncomingMessage): string {
  return numbers.get(req) ?? '';
}

/** The path without its query and without the token of a one-time link or of a file for a network: whoever reads the log must not be able to use it. */
export function loggedPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  const hidden = path.replace(/^\/(password|invitations|m|account\/email)\/[^/]+/, '/$1/•');
  return hidden.replace(/\/connect-link\/[^/]+/, '/connect-link/•');
}

function isUninteresting(url: string): boolean {
  return url.startsWith('/assets/') || url === '/healthz' || url === '/readyz' || url === '/metrics';
}
