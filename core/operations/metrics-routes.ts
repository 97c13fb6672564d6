import { createHash, timingSafeEqual } from 'node:crypto';
import type { PublicContext, Route } from '../web/route.ts';
import { metricsText, metricsType } from './metrics.ts';
import type { OperationsService } from './operations-service.ts';

interface MetricsRouteParts {
  readonly operations: Pick<OperationsService, 'snapshot'>;
  /** What a scraper sends as a bearer token; without one this machine alone is answered. */
  readonly metricsToken?: string;
}

/** `/metrics` for the machines that watch the installation. */
export function metricsRoutes(parts: MetricsRouteParts): readonly Route[] {
  return [{ method: 'get', path: '/metrics', permission: 'public', handle: (context) => sendMetrics(parts, context) }];
}

async function sendMetrics({ operations, metricsToken }: MetricsRouteParts, context: PublicContext): Promise<void> {
  const { req, res, t } = context;
  if (metricsToken !== undefined && !isSent(req.get('authorization'), metricsToken)) {
    res
      .status(401)
      .set('WWW-Authenticate', 'Bearer')
      .type('text/plain')
      .send(`${t('jobs:metrics.token')}\n`);
    return;
  }
  if (metricsToken === undefined && !isFromThisMachine(context)) {
    res
      .status(403)
      .type('text/plain')
      .send(`${t('jobs:metrics.loopback')}\n`);
    return;
  }
  res.set('Content-Type', metricsType).send(metricsText(await operations.snapshot()));
}

function isSent(header: string | undefined, token: string): boolean {
  const [, sent] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return sent !== undefined && timingSafeEqual(hashOf(sent), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];
const loopbackAddress = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** A reverse proxy on this machine connects from it too: what it passes on names another host, or says so. */
function isFromThisMachine({ req }: PublicContext): boolean {
  if (forwarding.some((name) => req.get(name) !== undefined)) return false;
  return loopbackAddress.test(req.socket.remoteAddress ?? '') && loopbackHost.test(req.get('host') ?? '');
}
