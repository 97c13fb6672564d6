import { z } from 'zod';
import type { Json } from '#plugin-api';

const plan = z.object({ size: z.number(), chunkSize: z.number(), count: z.number() });

/** The file has been looked at and the options fit; the next call opens the upload. */
const ready = z.object({
  stage: z.literal('ready'),
  /** When TikTok was asked; UTC milliseconds. */
  lookedAt: z.number(),
  plan,
  sha256: z.string(),
  username: z.string(),
});

const opened = ready.omit({ stage: true }).extend({
  /** A secret: whoever knows it can send bytes. */
  uploadUrl: z.string(),
  /** Before the upload was opened; the link lives an hour from then. */
  urlAt: z.number(),
  /** Bytes that TikTok has for certain. */
  offset: z.number(),
  /** How often the piece at `offset` was sent without success. */
  tries: z.number(),
  /** The last call's answer is unknown: TikTok is asked how far the upload is before anything is sent. */
  uncertain: z.boolean(),
  /** The process that noted this. Another one may have died after sending and before noting. */
  writer: z.string(),
  /** Measured with the last piece, to know whether the next one still fits into the hour. */
  bytesPerMs: z.number().nullable(),
});
const uploading = opened.extend({ stage: z.literal('uploading') });

const processing = opened.extend({
  stage: z.literal('processing'),
  /** TikTok has said that it holds every byte. */
  complete: z.boolean(),
  looks: z.number(),
  /** After the link's end: how many bytes TikTok said it had, and when it said so first. */
  missing: z.object({ bytes: z.number(), at: z.number() }).nullable().default(null),
});

/** Photos were looked at and the point of no return stands: whoever holds the ticket may post them, once. */
const photosReady = z.object({
  stage: z.literal('photos-ready'),
  /** When TikTok was asked, and from when the addresses of the photos live; UTC milliseconds. */
  lookedAt: z.number(),
  username: z.string(),
  /** Known only to the process that noted this, until it has sent. */
  ticket: z.string(),
});

/** TikTok has them, under its publish_id: from now on it is only asked. */
const photosSent = z.object({ stage: z.literal('photos-sent'), username: z.string(), looks: z.number() });

const progress = z.discriminatedUnion('stage', [ready, uploading, processing, photosReady, photosSent]);

export type Ready = z.infer<typeof ready>;
export type Uploading = z.infer<typeof uploading>;
export type Processing = z.infer<typeof processing>;
export type PhotosReady = z.infer<typeof photosReady>;
export type PhotosSent = z.infer<typeof photosSent>;
export type Progress = Ready | Uploading | Processing | PhotosReady | PhotosSent;

/** What was noted, `none` for a new attempt, `unreadable` for what is none of ours. */
export function readProgress(stored: Json): Progress | 'none' | 'unreadable' {
  if (isEmpty(stored)) return 'none';
  const parsed = progress.safeParse(stored);
  return parsed.success ? parsed.data : 'unreadable';
}

function isEmpty(stored: Json): boolean {
  return stored === null || (typeof stored === 'object' && Object.keys(stored).length === 0);
}
