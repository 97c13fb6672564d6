import { z } from 'zod';
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

export async function selectWindow(sql: Sql, bucket: string): Promise<WindowRow | undefined> {
  const rows: unknown = await sql('call_windows').where({ bucket }).select('version', 'places', 'empty_at');
  return z.array(windowRow).parse(rows)[0];
}

/** A row without places, if there is none. Its version is the time: a row that was purged and came back is another. */
export async function openWindow(
  sql: Sql,
  bucket: string,
  { now, emptyAt }: { readonly now: number; readonly emptyAt: number },
): Promise<void> {
  await sql('call_windows')
    .insert({ bucket, ...columnsOf({ version: now, places: [], emptyAt }) })
    .onConflict('bucket')
    .ignore();
}

/** Only if the row is still the one that was read. @returns false when it is not */
export async function replaceWindow(
  sql: Sql,
  bucket: string,
  { read, next }: { readonly read: WindowRow; readonly next: WindowRow },
): Promise<boolean> {
  const changed = await sql('call_windows').where({ bucket, version: read.version }).update(columnsOf(next));
  return changed === 1;
}

function columnsOf({ version, places, emptyAt }: WindowRow) {
  return { version, places: JSON.stringify(places), empty_at: emptyAt };
}

const windowRow = z
  .object({
    version: z.int(),
    places: rowJson(z.array(z.tuple([rowTime, z.string().nullable()]))),
    empty_at: rowTime,
  })
  .transform(({ version, places, empty_at }): WindowRow => ({ version, places, emptyAt: empty_at }));
