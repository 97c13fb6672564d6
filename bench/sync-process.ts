// Reads all videos of a profile, twice, in a process of its own, whose memory is looked at: as the product does it, or in
// a bare loop.
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { createTestClock } from '../test/support/clock.ts';
import { fields } from '../plugins/tiktok/insights/video-calls.ts';
import { openPanel } from './lib/panel.ts';

const order = z
  .object({
    mode: z.enum(['ours', 'bare']),
    url: z.string(),
    target: z
      .object({
        kind: z.literal('mysql'),
        ...{ host: z.string(), port: z.number(), user: z.string(), password: z.string(), database: z.string() },
      })
      .optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

process.send?.(order.mode === 'ours' ? await readAsWeDo() : await readBarely());
process.disconnect();

async function readAsWeDo() {
  const clock = createTestClock(1_800_000_000_000);
  const { url: apiUrl, target } = order;
  const opened = await openPanel({ channels: 1, apiUrl, clock, ...(target === undefined ? {} : { target }) });
  const { base, services } = opened.panel;
  let writes = { all: 0, videos: 0 };
  base.db.knex.on('query', ({ sql }: { readonly sql: string }) => {
    if (!/^(insert|update|delete|replace)/iu.test(sql)) return;
    writes.all += 1;
    if (/^\S+ (into |from )?`tiktok_video/u.test(sql)) writes.videos += 1;
  });
  const job = services.registry.get('tiktok').parts.jobs?.find(({ kind }) => kind === 'sync');
  if (job === undefined) throw new Error('TikTok has no job that reads the list.');
  const sync = async () => {
    writes = { all: 0, videos: 0 };
    const took = watchTime();
    for (;;) {
      const result = await job.run({ key: String(opened.channelIds[0]), payload: null }, new AbortController().signal);
      if (!('again' in result)) break;
      // The windows of calls are TikTok's; a minute of them passes at once, on the clock of the database.
      clock.advance(Math.max(0, result.again.at - base.clock.now()));
    }
    return { ...took(), writes, ...(await whatWasAsked()) };
  };
  const watch = watchMemory();
  const first = await sync();
  const growth = watch();
  const again = await sync();
  await opened.close();
  return { first, again, growth };
}

async function readBarely() {
  const watch = watchMemory();
  const took = watchTime();
  for (let cursor: number | undefined, hasMore = true; hasMore;) {
    const answer = await fetch(`${order.url}/v2/video/list/?fields=${encodeURIComponent(fields.join(','))}`, {
      ...{ method: 'POST', headers: { authorization: 'Bearer a', 'content-type': 'application/json; charset=UTF-8' } },
      body: JSON.stringify({ max_count: 20, cursor }),
    });
    const page = z.object({ data: z.looseObject({ cursor: z.number(), has_more: z.boolean() }) });
    const { data } = page.parse(await answer.json());
    [cursor, hasMore] = [data.cursor, data.has_more];
  }
  const first = { ...took(), writes: { all: 0, videos: 0 }, ...(await whatWasAsked()) };
  return { first, again: first, growth: watch() };
}

async function whatWasAsked() {
  const answer: unknown = await (await fetch(`${order.url}/requests`)).json();
  return z.object({ requests: z.number(), bytes: z.number(), address: z.string() }).parse(answer);
}

/** @returns tells how long it took since, and how much of a processor */
function watchTime(): () => { readonly seconds: number; readonly cpuSeconds: number } {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - begun) / 1_000, cpuSeconds: (user + system) / 1_000_000 };
  };
}

/** @returns tells by how many MiB the most that was resident since has grown */
function watchMemory(): () => number {
  const before = process.memoryUsage.rss() / 1_048_576;
  // The most so far is forgotten: proc(5).
  writeFileSync('/proc/self/clear_refs', '5');
  return () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024 - before;
}
