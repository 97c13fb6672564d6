import http from 'node:http';
import { quantile } from './figures.ts';
import type { Started } from './commands.ts';

interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Each asks for the page again as soon as it has it. */
  readonly connections: number;
  readonly seconds: number;
}

export interface Served {
  readonly perSecond: number;
  readonly p99: number;
  /** Of the server's process, ms. */
  readonly cpuEach: number;
}

/** @throws when a page is not answered with 200 */
export async function load(server: Started, { url, headers, connections, seconds }: Load): Promise<Served> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const taken: number[] = [];
  // A loop of Node's takes one new connection in, so fifty that come at once wait for each other's pages.
  await Promise.all(Array.from({ length: connections }, () => get(url, { agent, headers })));
  const cpuBefore = await server.cpuMs();
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  const visitor = async (): Promise<void> => {
    while (performance.now() < end) {
      const at = performance.now();
      await get(url, { agent, headers });
      taken.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: connections }, visitor));
  const perSecond = taken.length / ((performance.now() - begun) / 1_000);
  const cpuEach = ((await server.cpuMs()) - cpuBefore) / taken.length;
  agent.destroy();
  return { perSecond, p99: quantile(taken, 0.99), cpuEach };
}

function get(url: string, asking: Pick<http.RequestOptions, 'agent' | 'headers'>): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get(url, asking, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url} was answered with ${response.statusCode ?? 0}.`));
        response.resume().once('end', resolve);
      })
      .once('error', reject);
  });
}
