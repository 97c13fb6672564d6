import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP } from 'node:net';

// Not handed in, as the patience of a page is not: every record of every room carries it, and none has a use for it.
const askers = new AsyncLocalStorage<string | null>();

/** All that `handle` records carries this address. @param address as trusted proxies tell; what is none is left out */
export function askedFrom<T>(address: string | undefined, handle: () => T): T {
  return askers.run(readAddress(address), handle);
}

/** Where the request that is being answered came from; null outside of one. */
export function currentAddress(): string | null {
  return askers.getStore() ?? null;
}

/** One address is written one way: IPv4 inside IPv6 as IPv4. Null for what is no address. */
function readAddress(typed: string | undefined): string | null {
  const address = (typed ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 || address.length > 45 ? null : address;
}
