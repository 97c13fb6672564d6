/** Says when it may be tried again. @returns the minutes until then, for people */
export function retryAfter(res: { set(name: string, value: string): unknown }, ms: number): number {
  res.set('Retry-After', String(Math.ceil(ms / 1_000)));
  return Math.ceil(ms / 60_000);
}
