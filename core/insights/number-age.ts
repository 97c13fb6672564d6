/** Everything is read once a day at least: what is older than this was held up by something. */
const oldMs = 36 * 3_600_000;

/** Whether numbers are so old that a page must say it. @param readAt UTC ms; null = never read */
export function isOld(readAt: number | null, now: number): readAt is number {
  return readAt !== null && readAt < now - oldMs;
}
