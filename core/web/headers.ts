import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** What plugins add to the policy of every page: where a form may lead. */
export interface ForeignOrigins {
  readonly formAction: readonly string[];
}

const twoYearsSeconds = 63_072_000;

/** The headers of every answer, errors included: nothing inline, nothing foreign but what a plugin declared. */
export function securityHeaders(isSecure: boolean, origins: ForeignOrigins): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: policy(origins) },
    // The consent page opens in a window of its own, which reports back by BroadcastChannel.
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: isSecure ? { maxAge: twoYearsSeconds, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
}

function policy({ formAction }: ForeignOrigins): Record<string, string[]> {
  const own = ["'self'"];
  return {
    'default-src': ["'none'"],
    'script-src': own,
    'style-src': own,
    'img-src': [...own, 'data:', 'blob:'],
    'media-src': [...own, 'blob:'],
    'font-src': own,
    'connect-src': own,
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
    // A POST that is answered by a redirect to a consent page counts as a form that leads there.
    'form-action': [...own, ...formAction],
  };
}

const policyHeader = 'Content-Security-Policy';

/** This one answer may show these origins in a frame. */
export function allowFrames(res: Response, origins: readonly string[]): void {
  if (origins.length === 0) return;
  res.set(policyHeader, `${String(res.get(policyHeader))};frame-src ${origins.join(' ')}`);
}
