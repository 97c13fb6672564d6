import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { readVideo } from './read-video.ts';

// The entry of the process that reads files people sent: hostile bytes meet its memory limit and its time limit,
// and whatever they do to a parser, the panel goes on. It answers one order after another.
const orderSchema = z.object({ task: z.enum(['facts', 'sha256']), path: z.string() });

process.on('message', (message) => {
  void carryOut(orderSchema.parse(message));
});

async function carryOut(order: z.infer<typeof orderSchema>): Promise<void> {
  const answer = order.task === 'facts' ? await readVideo(order.path) : await sha256Of(order.path);
  process.send?.(answer);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
