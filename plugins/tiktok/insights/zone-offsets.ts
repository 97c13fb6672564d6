import { Temporal } from 'temporal-polyfill';

/** While this lasts a zone's clocks are so far from UTC: from `from` on, before `until`. All in milliseconds. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/**
 * How far a zone's clocks were from UTC, for very many moments: the zone is asked once between two changes of its clocks.
 *
 * @returns milliseconds to add to a moment, UTC ms
 */
export function zoneOffsets(zone: string): (at: number) => number {
  const known: Stretch[] = [];
  let last: Stretch | undefined;
  const isIn = (stretch: Stretch, at: number): boolean => stretch.from <= at && at < stretch.until;
  return (at) => {
    if (last === undefined || !isIn(last, at)) {
      last = known.find((stretch) => isIn(stretch, at));
      if (last === undefined) known.push((last = stretchAround(at, zone)));
    }
    return last.offset;
  };
}

function stretchAround(at: number, zone: string): Stretch {
  const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  // The moment itself may be a change: what lies before it has other clocks.
  const from = there.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const until = there.getTimeZoneTransition('next');
  return {
    from: from?.epochMilliseconds ?? -Infinity,
    until: until?.epochMilliseconds ?? Infinity,
    offset: there.offsetNanoseconds / 1_000_000,
  };
}
