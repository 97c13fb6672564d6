import { isIP } from 'node:net';
import type { Complaints } from './complaints.ts';

const names = ['loopback', 'linklocal', 'uniquelocal'];

/** Proxies whose X-Forwarded-… headers are believed: addresses, networks, or Express's names for ranges. */
export function readTrustProxy(typed: string | undefined, complaints: Complaints): readonly string[] {
  if (typed === undefined) return [];
  const entries = typed.split(',').map((entry) => entry.trim());
  for (const entry of entries) {
    if (names.includes(entry) || isNetwork(entry)) continue;
    complaints.add(
      'TRUST_PROXY',
      `"${entry}" is neither an address, a network such as 10.0.0.0/8, nor ${names.join(', ')}. List the proxies that you run.`,
    );
  }
  return entries;
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  // A mask of no bits would believe everybody.
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128);
}
