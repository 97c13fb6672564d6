import type { Complaints } from './complaints.ts';
import type { Reader } from './environment.ts';

/** How often an hour one person may do what costs much. */
export interface HourlyLimits {
  readonly upload: number;
  readonly connect: number;
  /** Posts that go out at once. */
  readonly publish: number;
  readonly invitation: number;
}

const standard: HourlyLimits = { upload: 60, connect: 10, publish: 60, invitation: 20 };
const form = /^(upload|connect|publish|invitation)=([1-9]\d{0,5})$/;

/** HOURLY_LIMITS, e.g. `upload=200,publish=120`; what it does not name stays as it is. */
export function readHourlyLimits(read: Reader, complaints: Complaints): HourlyLimits {
  const entries = (read('HOURLY_LIMITS') ?? '').split(',').map((entry) => entry.trim());
  const named: Record<string, number> = {};
  for (const entry of entries.filter((one) => one !== '')) {
    const [, name, most] = form.exec(entry) ?? [];
    if (name === undefined) {
      const known = Object.keys(standard).join(', ');
      complaints.add('HOURLY_LIMITS', `"${entry}" is no limit. Write upload=200; the names are ${known}.`);
    } else {
      named[name] = Number(most);
    }
  }
  return { ...standard, ...named };
}

export const standardHourlyLimits = standard;
