import type { App } from './apps.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether TikTok fetches from this address for the app: https, no IP for a prefix, under a verified domain or beginning
 * with a verified prefix, letter for letter (content-posting-api-media-transfer-guide). This machine may use http, and a
 * port may be a wildcard there, as in a desktop app's redirect URIs.
 */
export function isVerified(app: App, address: string): boolean {
  const url = new URL(address);
  const isLocal = LOOPBACK.has(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) return false;
  if (url.username !== '' || url.password !== '') return false;
  return app.url_properties.some((property) =>
    property.includes('://') ? beginsWith(address, property) : isUnder(url.hostname, property),
  );
}

function beginsWith(address: string, prefix: string): boolean {
  const [before = '', after] = prefix.split(':*');
  if (after === undefined) return address.startsWith(prefix);
  if (!address.startsWith(before)) return false;
  const rest = /^:\d{1,5}(\/.*)$/u.exec(address.slice(before.length))?.[1];
  return rest?.startsWith(after) === true;
}

function isUnder(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
