import type { HourlyLimits } from '../config/hourly-limits.ts';
import type { Allowances } from '../web/allowances.ts';
import type { AttemptStore } from './attempt-store.ts';

const windowMs = 3_600_000;

/** Counted in the database: every web process counts the same. */
export function createAllowances(attempts: Pick<AttemptStore, 'take'>, limits: HourlyLimits): Allowances {
  return {
    spend: (what, personId) =>
      attempts.take({ what: `hourly/${what}`, most: limits[what], windowMs }, String(personId)),
  };
}
