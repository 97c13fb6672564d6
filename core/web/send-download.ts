import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PublicContext } from './route.ts';

interface Download {
  /** As the reader's browser saves it. */
  readonly name: string;
  /** MIME type. */
  readonly type: string;
  readonly body: AsyncIterable<string>;
}

/** Sends a file while it is made, as fast as the reader takes it; what is left is not made for a reader who has gone. */
export async function sendDownload({ res, say }: PublicContext, { name, type, body }: Download): Promise<void> {
  res.attachment(name).type(type).set('Cache-Control', 'no-store');
  try {
    await pipeline(Readable.from(worded(body, say)), res);
  } catch (error) {
    // Whoever closes the window while it comes wants no more of it.
    if (!isGone(error)) throw error;
  }
}

async function* worded(body: AsyncIterable<string>, say: (text: string) => string): AsyncGenerator<string> {
  for await (const part of body) yield say(part);
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
