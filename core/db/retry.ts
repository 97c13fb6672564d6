import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const attempts = 8;
const deadlock = 1213;
const lockTimeout = 1205;

/** Runs work again while the database says that it met another transaction: nothing of it was kept. */
export async function againAfterConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !mayRunAgain(error)) throw error;
      await pause(randomInt(5, 15 * 2 ** attempt));
    }
  }
}

const conflict = z.union([
  // The number, not the name: drivers and servers differ in the names.
  z.object({ errno: z.union([z.literal(deadlock), z.literal(lockTimeout)]) }),
  z.object({ code: z.string().startsWith('SQLITE_BUSY') }),
]);

/** It met another transaction, and nothing of it was kept. */
export function mayRunAgain(error: unknown): boolean {
  return conflict.safeParse(error).success;
}
