// An independent reading of wall times: it looks at one UTC minute after the other and asks Intl what the clocks show.
// The product's code asks Temporal instead; both must agree.

const minute = 60_000;
const hour = 60 * minute;
const formats = new Map<string, Intl.DateTimeFormat>();

export interface OracleAnswer {
  readonly at: number;
  readonly note?: 'gap' | 'overlap';
}

export function scanForWallTime(wall: string, zone: string): OracleAnswer {
  const asUtc = Date.parse(`${wall}:00Z`);
  const found = instants(asUtc, 15 * minute).filter((at) => shownAt(at, zone) === wall);
  const [first, second] = found;
  if (first === undefined) return { at: firstAfterGap(asUtc, wall, zone), note: 'gap' };
  return second === undefined ? { at: first } : { at: first, note: 'overlap' };
}

/** `YYYY-MM-DDTHH:mm` on the clocks of the zone. */
export function shownAt(at: number, zone: string): string {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

function firstAfterGap(asUtc: number, wall: string, zone: string): number {
  const found = instants(asUtc, minute).find((at) => shownAt(at, zone) >= wall);
  if (found === undefined) throw new Error(`no minute near ${wall} shows a later time in ${zone}`);
  return found;
}

/** Offsets are multiples of 15 minutes since 1990, and lie between -12:00 and +14:00. */
function instants(asUtc: number, step: number): number[] {
  const from = asUtc - 15 * hour;
  return Array.from({ length: (30 * hour) / step + 1 }, (_, index) => from + index * step);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, made);
  return made;
}
