/** How a file goes up: `count` pieces of `chunkSize` bytes, the last one takes the rest as well. */
export interface ChunkPlan {
  readonly size: number;
  readonly chunkSize: number;
  readonly count: number;
}

export interface Chunk {
  /** From 0. */
  readonly index: number;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  readonly bytes: number;
  readonly isLast: boolean;
}

const wholeUpTo = 20_000_000;
const chunkSize = 10_000_000;

/**
 * Small files whole, others in chunks of 10 MB: valid under decimal and binary readings of TikTok's limits,
 * cheap to resume. The count is rounded down: developers.tiktok.com/doc/content-posting-api-media-transfer-guide
 */
export function planChunks(size: number): ChunkPlan {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('A file to upload has at least one byte.');
  if (size <= wholeUpTo) return { size, chunkSize: size, count: 1 };
  return { size, chunkSize, count: Math.floor(size / chunkSize) };
}

/** The chunk that begins at this border, or undefined where no chunk begins. */
export function chunkAt(plan: ChunkPlan, offset: number): Chunk | undefined {
  const index = offset / plan.chunkSize;
  if (!Number.isInteger(index) || index < 0 || index >= plan.count) return undefined;
  const isLast = index === plan.count - 1;
  const last = isLast ? plan.size - 1 : offset + plan.chunkSize - 1;
  return { index, first: offset, last, bytes: last - offset + 1, isLast };
}

/**
 * TikTok's progress as an offset of ours: its answers count from 0 or from 1 (`uploaded_bytes` is documented as
 * 1-indexed, the header names the last byte), so the border next to the number is the one that is meant.
 * @returns a chunk's border or the size of the file; undefined when the number is near neither
 */
export function borderNear(plan: ChunkPlan, reported: number): number | undefined {
  if (reported >= plan.size - 1) return reported <= plan.size + 1 ? plan.size : undefined;
  const nearest = Math.min(Math.round(reported / plan.chunkSize), plan.count - 1) * plan.chunkSize;
  return Math.abs(nearest - reported) <= 1 ? nearest : undefined;
}
