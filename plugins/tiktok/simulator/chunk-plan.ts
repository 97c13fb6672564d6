/** What video/init says about the bytes to come, in bytes and chunks (content-posting-api-media-transfer-guide). */
export interface ChunkPlan {
  readonly videoSize: number;
  readonly chunkSize: number;
  readonly chunkCount: number;
}

/** TikTok does not say whether its MB are 10^6 or 2^20 bytes. */
export type Megabytes = 'decimal' | 'binary';

/** Why the plan is refused, in the words TikTok's real answers use; undefined when it is accepted. */
export function refusedPlan(plan: ChunkPlan, reading: Megabytes | 'either'): string | undefined {
  if (reading !== 'either') return problemUnder(plan, reading);
  const decimal = problemUnder(plan, 'decimal');
  return decimal === undefined || problemUnder(plan, 'binary') === undefined ? undefined : decimal;
}

/** A plan that only one of the two readings accepts: served, but worth a note. */
export function isDoubtfulPlan(plan: ChunkPlan): boolean {
  return (problemUnder(plan, 'decimal') === undefined) !== (problemUnder(plan, 'binary') === undefined);
}

/** First and last byte (inclusive) of a chunk; `index` counts from 0. */
export function chunkRange(plan: ChunkPlan, index: number): { readonly first: number; readonly last: number } {
  const first = index * plan.chunkSize;
  const isLast = index === plan.chunkCount - 1;
  return { first, last: isLast ? plan.videoSize - 1 : first + plan.chunkSize - 1 };
}

const SIZE = 'The chunk size is invalid';
const COUNT = 'The total chunk count is invalid';
const SOURCE = 'The request source info is empty or incorrect';

function problemUnder(plan: ChunkPlan, reading: Megabytes): string | undefined {
  const { videoSize, chunkSize, chunkCount } = plan;
  const megabyte = reading === 'decimal' ? 1_000_000 : 1_048_576;
  const largest = reading === 'decimal' ? 4_000_000_000 : 4_294_967_296;
  if (videoSize < 1 || videoSize > largest) return SOURCE;
  if (chunkSize < 1 || chunkSize > videoSize || chunkSize > 64 * megabyte) return SIZE;
  if (videoSize < 5 * megabyte ? chunkSize !== videoSize : chunkSize < 5 * megabyte) return SIZE;
  if (chunkCount < 1 || chunkCount > 1000) return COUNT;
  if (chunkCount === 1 && chunkSize !== videoSize) return SIZE;
  if (chunkCount !== Math.floor(videoSize / chunkSize)) return COUNT;
  const last = videoSize - (chunkCount - 1) * chunkSize;
  return last > 128 * megabyte ? SIZE : undefined;
}
