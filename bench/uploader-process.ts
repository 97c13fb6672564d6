// Uploads a file in the product's own parts, by the product's uploader or by the barest node:http, and says what it
// cost. A process of its own, so that its memory is nobody else's: started by b6-outgoing.ts.
import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { z } from 'zod';
import { createPluginHttp } from '../core/plugin-host/http.ts';
import { chunkAt, type Chunk, type ChunkPlan, planChunks } from '../plugins/tiktok/api/chunks.ts';
import { putTimeoutMs, TikTokClient } from '../plugins/tiktok/api/client.ts';
import { readPiece } from '../plugins/tiktok/video-file.ts';

const order = z
  .object({ mode: z.enum(['ours', 'node:http']), url: z.string(), file: z.string(), atOnce: z.number() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const plan = planChunks(statSync(order.file).size);
const send = order.mode === 'ours' ? ourSender() : bareSender();
// Everything is loaded and has run once before memory counts.
await send(0, plan);
const delay = monitorEventLoopDelay({ resolution: 5 });
const idleRss = process.memoryUsage.rss();
let peakRss = idleRss;
const sampling = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 10);
delay.enable();
const before = process.cpuUsage();
const begun = performance.now();
await Promise.all(Array.from({ length: order.atOnce }, () => uploadAll()));
const seconds = (performance.now() - begun) / 1_000;
const { user, system } = process.cpuUsage(before);
delay.disable();
clearInterval(sampling);
const report = {
  seconds,
  cpuSeconds: (user + system) / 1_000_000,
  growthMiB: (peakRss - idleRss) / 1_048_576,
  peakMiB: peakRss / 1_048_576,
  // The histogram's own period counts as well.
  lagMs: Math.max(0, delay.max / 1_000_000 - 5),
};
process.send?.(report);
process.disconnect();

async function uploadAll(): Promise<void> {
  for (let index = 0; index < plan.count; index += 1) await send(index, plan);
}

function chunkOf(index: number): Chunk {
  const chunk = chunkAt(plan, index * plan.chunkSize);
  if (chunk === undefined) throw new Error(`There is no part ${index}.`);
  return chunk;
}

function ourSender(): (index: number, plan: ChunkPlan) => Promise<void> {
  const client = new TikTokClient(createPluginHttp({ mayCallLoopback: true }), new URL(order.url).origin);
  return async (index, { size }) => {
    const chunk = chunkOf(index);
    const body = readPiece(order.file, chunk);
    const reply = await client.putChunk(
      { uploadUrl: order.url, type: 'video/mp4', chunk, size, body },
      { timeoutMs: putTimeoutMs(chunk.bytes) },
    );
    if (!reply.ok) throw new Error(`Part ${index}: ${reply.code}`);
  };
}

function bareSender(): (index: number, plan: ChunkPlan) => Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  return (index, { size }) =>
    new Promise((resolve, reject) => {
      const chunk = chunkOf(index);
      const headers = {
        'content-type': 'video/mp4',
        'content-length': chunk.bytes,
        'content-range': `bytes ${chunk.first}-${chunk.last}/${size}`,
      };
      const request = http.request(order.url, { method: 'PUT', agent, headers }, (response) => {
        response.resume().once('end', resolve);
      });
      request.once('error', reject);
      createReadStream(order.file, { start: chunk.first, end: chunk.last, highWaterMark: 1_048_576 }).pipe(request);
    });
}
