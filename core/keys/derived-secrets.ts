import { hkdfSync } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';

/**
 * A secret for one purpose from each key, the first key's first: the same in every process, of no use for any other
 * purpose, and nothing to store.
 */
export function derivedSecrets(ring: KeyRing, purpose: string): readonly string[] {
  return ring.all.map((key) =>
    Buffer.from(hkdfSync('sha256', key.bytes, '', `castdeck/${purpose}`, 32)).toString('base64'),
  );
}
