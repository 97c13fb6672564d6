import { z } from 'zod';
import type { CallWindow } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { rowJson, rowTime } from '../db/rows.ts';

/** A place in a window: when it was taken (UTC ms), and for whom where that counts. */
export type Place = readonly [at: number, member: string | null];

export interface WindowRow {
  readonly version: number;
  readonly places: readonly Place[];
  /** When the last place ends. */
  readonly emptyAt: number;
}

/** What an operator is shown: the bucket's hash says nothing. */
type WindowFacts = Pick<CallWindow, 'name' | 'limit' | 'withinMs'>;

export async function selectWindow(sql: Sql, bucket: string): Promise<WindowRow | undefined> {
  const rows: unknown = await sql('call_windows').where({ bucket }).select('version', 'places', 'empty_at');
  return z.array(windowRow).parse(rows)[0];
}

/** A row without places, if there is none. Its version is the time: a row that was purged and came back is another. */
export async function openWindow(
  sql: Sql,
  bucket: string,
  { now, window }: { readonly now: number; readonly window: WindowFacts },
): Promise<void> {
  const emptyAt = now + window.withinMs;
  await sql('call_windows')
    .insert({ bucket, ...columnsOf({ version: now, places: [], emptyAt }), ...factColumns(window) })
    .onConflict('bucket')
    .ignore();
}

/** Only if the row is still the one that was read. @returns false when it is not */
export async function replaceWindow(
  sql: Sql,
  bucket: string,
  { read, next, window }: { readonly read: WindowRow; readonly next: WindowRow; readonly window: WindowFacts },
): Promise<boolean> {
  const columns = { ...columnsOf(next), ...factColumns(window) };
  const changed = await sql('call_windows').where({ bucket, version: read.version }).update(columns);
  return changed === 1;
}

export async function deleteWindow(sql: Sql, bucket: string): Promise<void> {
  await sql('call_windows').where({ bucket }).delete();
}

function columnsOf({ version, places, emptyAt }: WindowRow) {
  return { version, places: JSON.stringify(togetherOf(places)), empty_at: emptyAt };
}

/** Places that one call of `take` took stand together with their number: reading a long list writes hundreds of them. */
function togetherOf(places: readonly Place[]): readonly StoredPlaces[] {
  const together: [number, string | null, number][] = [];
  for (const [at, member] of places) {
    const last = together.at(-1);
    if (last !== undefined && last[0] === at && last[1] === member) last[2] += 1;
    else together.push([at, member, 1]);
  }
  return together.map(([at, member, count]) => (count === 1 ? [at, member] : [at, member, count]));
}

type StoredPlaces = Place | readonly [...Place, count: number];

function factColumns({ name, limit, withinMs }: WindowFacts) {
  return { name: name.slice(0, 80), places_limit: limit, within_ms: withinMs };
}

/** The column `places`: each of them, oldest first. */
export const placesColumn = rowJson(
  z
    .array(z.tuple([rowTime, z.string().nullable()]).rest(z.int()))
    .transform((together) =>
      together.flatMap(([at, member, count = 1]): readonly Place[] =>
        Array.from({ length: count }, () => [at, member]),
      ),
    ),
);

const windowRow = z
  .object({ version: z.int(), places: placesColumn, empty_at: rowTime })
  .transform(({ version, places, empty_at }): WindowRow => ({ version, places, emptyAt: empty_at }));
