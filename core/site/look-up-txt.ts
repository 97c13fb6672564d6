import { Resolver } from 'node:dns/promises';
import type { Translate } from '#plugin-api';
import { withoutMarks } from '../language/deferred-text.ts';
import type { TxtLook } from './verification.ts';

/** The TXT records of a domain, each as the pieces it was sent in. @throws Error with the DNS' own code */
export type TxtLookup = (domain: string) => Promise<readonly (readonly string[])[]>;

const patienceMs = 5_000;
const mostShown = 20;

const askDns: TxtLookup = async (domain) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const patience = setTimeout(() => resolver.cancel(), patienceMs);
  try {
    return await resolver.resolveTxt(domain);
  } finally {
    clearTimeout(patience);
  }
};

interface LookDeps {
  readonly t: Translate;
  readonly lookUpTxt?: TxtLookup;
}

/** Whether the domain has the record, told in words where it has not. */
export async function lookUpTxt(
  { t, lookUpTxt: ask = askDns }: LookDeps,
  { domain, value }: { readonly domain: string; readonly value: string },
): Promise<TxtLook> {
  const say = (reason: string, code = '') => t(`verification:dns.${reason}`, { domain, code });
  try {
    const found = (await ask(domain)).map((pieces) => withoutMarks(pieces.join('')));
    if (found.includes(value)) return { isFound: true, found: found.slice(0, mostShown) };
    const isSpaced = found.some((one) => one.trim().replace(/^"|"$/g, '') === value);
    return { isFound: false, found: found.slice(0, mostShown), problem: say(isSpaced ? 'spaced' : 'absent') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    const reason = ['ENODATA', 'ENOTFOUND'].includes(code) ? 'absent' : 'failed';
    return { isFound: false, found: [], problem: say(reason, code) };
  }
}

/** The host of the public address, and every domain above it that can hold a record. Empty where it has none. */
export function domainsOf(publicUrl: string): readonly string[] {
  const { hostname } = new URL(publicUrl);
  const labels = hostname.split('.');
  if (labels.length < 2 || /^[\d.]+$/.test(hostname) || hostname.startsWith('[')) return [];
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
