import type { SeenAt } from './hour-store.ts';
import { medianOf } from './usual.ts';
import { zoneOffsets } from './zone-offsets.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const [days, hours] = [7, 24];
/** A middle of fewer videos says more of the videos than of the hour. */
export const fewest = 5;
const levels = 5;
/** An hour of each day and a few more. */
const fewestHours = 14;

/** What was published at one time of the week. */
interface HourCell {
  readonly videos: number;
  /** The middle of their views. */
  readonly views: number;
  /** 1 to 5, by how many other cells have fewer views. */
  readonly level: number;
}

/** A week from Monday on; a row is a day, a cell so many hours of it, null where too few videos are. */
export interface HourTable {
  readonly hoursEach: number;
  readonly rows: readonly (readonly (HourCell | null)[])[];
}

/** Views of all videos at each time of the week in the zone, by hours and by blocks of hours. One pass over the videos. */
export function hourTables(
  videos: readonly SeenAt[],
  zone: string,
  blocks: readonly number[] = [1, 3],
): readonly HourTable[] {
  const byHour = Array.from({ length: days * hours }, (): number[] => []);
  const offsetAt = zoneOffsets(zone);
  for (const { at, views } of videos) byHour[hourOfWeek(at + offsetAt(at))]?.push(views);
  return blocks.map((hoursEach) => tableOf(byHour, hoursEach));
}

/** Those that are worth a look: by the hour only where so many hours have enough videos; blocks have more in each cell. */
export function readable(tables: readonly HourTable[]): readonly HourTable[] {
  const known = ({ rows }: HourTable): number => rows.flat().filter((cell) => cell !== null).length;
  return tables.filter((table) => known(table) >= (table.hoursEach === 1 ? fewestHours : 1));
}

/** @param wall milliseconds since 1970-01-01T00:00, a Thursday, by the zone's clocks @returns hours since Monday 00:00 */
function hourOfWeek(wall: number): number {
  const day = Math.floor(wall / dayMs);
  const weekday = (((day + 3) % days) + days) % days;
  return weekday * hours + Math.floor((wall - day * dayMs) / hourMs);
}

function tableOf(byHour: readonly (readonly number[])[], hoursEach: number): HourTable {
  const perDay = hours / hoursEach;
  const cells = Array.from({ length: days * perDay }, (_, index) => {
    const views = byHour.slice(index * hoursEach, (index + 1) * hoursEach).flat();
    return views.length < fewest ? null : { videos: views.length, views: medianOf(views) };
  });
  const ranked = cells.flatMap((cell) => cell?.views ?? []).sort((a, b) => a - b);
  const levelOf = (views: number): number => 1 + Math.floor((ranked.indexOf(views) * levels) / ranked.length);
  const leveled = cells.map((cell) => cell && { ...cell, level: levelOf(cell.views) });
  return {
    hoursEach,
    rows: Array.from({ length: days }, (_, day) => leveled.slice(day * perDay, (day + 1) * perDay)),
  };
}
