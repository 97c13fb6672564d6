import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

/** Gives each request a number and writes one line when it ends: no query (a login's code stands there), no link tokens. */
export function requestLog(logger: Logger): RequestHandler {
  const log = pinoHttp({
    logger,
    genReqId: () => randomBytes(9).toString('base64url'),
    // The facts come with the line, once: when the request begins there is no status yet.
    quietReqLogger: true,
    quietResLogger: true,
    autoLogging: { ignore: (req) => isUninteresting(req.url ?? '') },
    serializers: { req: () => undefined },
    // Ours are handed the request itself; the library would first describe all of it.
    wrapSerializers: false,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'ms' },
    customLogLevel: (_req, res, error) => (error !== undefined || res.statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    // Not as `customProps`, which makes another two loggers for each request.
    customSuccessObject: lineOf,
    customErrorObject: (...[req, res, , facts]) => lineOf(req, res, facts),
  });
  return (req, res, next) => {
    log(req, res);
    res.set('X-Request-Id', requestIdOf(req));
    next();
  };
}

/**
 * @param facts what the library says of an answer: how long it took, what went wrong, and the answer itself, which is
 * left out: secrets would be looked for in all of it
 */
function lineOf(req: IncomingMessage, { statusCode }: ServerResponse, facts: unknown) {
  const told = typeof facts === 'object' ? facts : {};
  return { ...told, res: undefined, method: req.method, path: loggedPath(req.url ?? ''), status: statusCode };
}

/** The number on the log line, in the answer's X-Request-Id and on error pages. */
export function requestIdOf(req: IncomingMessage): string {
  return typeof req.id === 'string' ? req.id : '';
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
