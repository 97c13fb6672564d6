const tickMs = 20;

/**
 * How long the work took of the time that the machine gave to this process: a moment in which it stood still, as on a
 * machine that is busy with something else, counts as one tick of its timers. For limits of how long the product waits.
 */
export async function givenTime(work: () => Promise<unknown>): Promise<number> {
  let givenMs = 0;
  let tickedAt = performance.now();
  const tick = (): void => {
    const now = performance.now();
    givenMs += Math.min(now - tickedAt, 2 * tickMs);
    tickedAt = now;
  };
  const ticking = setInterval(tick, tickMs);
  try {
    await work();
  } finally {
    clearInterval(ticking);
    tick();
  }
  return givenMs;
}
