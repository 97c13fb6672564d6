import { setTimeout as pause } from 'node:timers/promises';

/** Asks until it holds. @throws after half a minute unless said */
export async function until(holds: () => Promise<boolean> | boolean, what: string, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to pass: ${what}.`);
    await pause(20);
  }
}
