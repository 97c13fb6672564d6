import { isIPv4 } from 'node:net';
import type { Complaints } from './complaints.ts';

/** Whether only this machine reaches the name: plain http is allowed there. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

interface PublicUrlParts {
  readonly typed: string | undefined;
  readonly host: string;
  readonly port: number;
}

const example = 'for example https://panel.example.org';

/** The address members type. Without one there is an address only where HOST is this machine. */
export function readPublicUrl(parts: PublicUrlParts, complaints: Complaints): string {
  if (parts.typed === undefined) {
    if (!isLoopbackHost(parts.host)) {
      complaints.add(
        'PUBLIC_URL',
        `is missing: HOST is not a loopback address, so set it to the address members type, ${example}.`,
      );
    }
    return `http://localhost:${parts.port}`;
  }
  const problem = problemOf(parts.typed);
  if (problem !== undefined) complaints.add('PUBLIC_URL', problem);
  return URL.canParse(parts.typed) ? new URL(parts.typed).origin : '';
}

function problemOf(typed: string): string | undefined {
  if (!URL.canParse(typed)) return `"${typed}" is not an address. Use scheme and host, ${example}.`;
  const url = new URL(typed);
  // Not repeated: it holds a password.
  if (url.username !== '' || url.password !== '') return 'holds a user name or password. Remove them.';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `"${typed}" does not begin with https://.`;
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return `"${typed}" is plain http. Use https; http works for localhost, 127.0.0.1 and [::1] only.`;
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return `"${typed}" has something after the host. Use scheme and host alone, ${example}.`;
  }
  return undefined;
}
