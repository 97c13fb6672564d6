import createError from 'http-errors';
import type { HourlyLimits } from '../config/hourly-limits.ts';
import type { PersonContext } from './route.ts';

/** Something that costs much, counted for each person. */
type Spending = keyof HourlyLimits;

export interface Allowances {
  /** Counts one. @returns milliseconds to wait, 0 when it may be done */
  spend(what: Spending, personId: number): Promise<number>;
}

interface SpendingRoute<C> {
  spends?(context: C): Spending | undefined;
}

/** @throws HttpError 429 with Retry-After when the person did this too often within the hour */
export async function spendFirst<C extends PersonContext>(
  route: SpendingRoute<C>,
  allowances: Allowances,
  context: C,
): Promise<void> {
  const what = route.spends?.(context);
  if (what === undefined) return;
  const ms = await allowances.spend(what, context.person.id);
  if (ms > 0) throw createError(429, { headers: { 'Retry-After': String(Math.ceil(ms / 1_000)) } });
}
