import { timingSafeEqual } from 'node:crypto';
import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { NotAllowedError } from '../errors.ts';
import type { Hosts } from './hosts.ts';

const { generateToken } = csrfSync({ size: 32 });

/** The form token of this session; made on first use. */
export function issueToken(req: Request): string {
  return generateToken(req);
}

/**
 * A change must come from a page of this installation: the browser's own word for it (Origin, Sec-Fetch-Site)
 * and a token that only our pages know. A browser names no Origin where it only asks (HEAD).
 * @throws NotAllowedError
 */
export function refuseForeignOrigin(req: Request, hosts: Hosts): void {
  const site = req.get('sec-fetch-site');
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  const isUnnamed = req.method === 'HEAD' && req.get('origin') === undefined;
  if (isForeign || !(isUnnamed || hosts.isOwnOrigin(req.get('origin'), req.get('host')))) {
    throw new NotAllowedError('This was not sent from a page of this installation.', {
      help: 'Open the page here and send it again. If a proxy is in front, it must pass on the Origin header.',
      code: 'foreign_origin',
    });
  }
}

/** @throws NotAllowedError */
export function checkToken(req: Request, token: string | undefined): void {
  const expected = req.session.csrfToken;
  if (typeof expected === 'string' && token !== undefined && isSame(token, expected)) return;
  throw new NotAllowedError('This form does not belong to your session any more.', {
    help: 'Go back, reload the page and send it again.',
    code: 'stale_form',
  });
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
