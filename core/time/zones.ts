import { Temporal } from 'temporal-polyfill';

/** What a person's date and time mean in a zone. */
export interface ResolvedWallTime {
  /** UTC milliseconds. */
  readonly at: number;
  /** The wall time that this instant has; differs from the asked one only in a gap. */
  readonly wall: string;
  /** gap: the clocks jump over the asked time; overlap: it comes twice and `at` is the first of the two. */
  readonly note?: 'gap' | 'overlap';
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
/** Browsers may add seconds. */
const timePattern = /^\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;
const zonePattern = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;

/** Whether the name is an IANA zone (offsets such as +01:00 are not: they know no summer time). */
export function isZone(name: string): boolean {
  if (!zonePattern.test(name) || name.length > 64) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The zones to choose from, in alphabetical order. */
export function zoneNames(): readonly string[] {
  const names = new Set(Intl.supportedValuesOf('timeZone'));
  names.add('UTC');
  return [...names].sort();
}

/**
 * Reads the values of native date and time inputs.
 * @returns the wall time `YYYY-MM-DDTHH:mm`, or undefined when there is no such date or time
 */
export function readWallTime(date: string, time: string): string | undefined {
  if (!datePattern.test(date) || !timePattern.test(time)) return undefined;
  try {
    return toMinutes(Temporal.PlainDateTime.from(`${date}T${time.slice(0, 5)}`, { overflow: 'reject' }));
  } catch {
    return undefined;
  }
}

/**
 * The instant at which the clocks of the zone show the wall time (`YYYY-MM-DDTHH:mm`).
 * In a gap it is the first valid later time; in an overlap the first of the two.
 * @throws RangeError for a wall time or zone that does not exist
 */
export function resolveWallTime(wall: string, zone: string): ResolvedWallTime {
  const plain = Temporal.PlainDateTime.from(wall, { overflow: 'reject' });
  const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
  if (earlier.epochMilliseconds === later.epochMilliseconds) return { at: earlier.epochMilliseconds, wall };
  if (earlier.toPlainDateTime().equals(plain)) return { at: earlier.epochMilliseconds, wall, note: 'overlap' };
  const jump = endOfGap(earlier, later);
  return { at: jump.epochMilliseconds, wall: toMinutes(jump.toPlainDateTime()), note: 'gap' };
}

/** What the clocks of the zone show at the instant (UTC milliseconds): `YYYY-MM-DDTHH:mm`. */
export function wallTimeAt(at: number, zone: string): string {
  return toMinutes(Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime());
}

/** The two readings of a time inside a gap lie on either side of the jump: the jump is the last one before the later. */
function endOfGap(earlier: Temporal.ZonedDateTime, later: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const jump = later.getTimeZoneTransition('previous');
  if (jump === null || jump.epochMilliseconds <= earlier.epochMilliseconds) return later;
  return jump;
}

function toMinutes(plain: Temporal.PlainDateTime): string {
  return plain.toString({ smallestUnit: 'minute' });
}
