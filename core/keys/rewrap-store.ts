import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount } from '../db/rows.ts';
import { type SealedColumn, sealedColumns } from './sealed-places.ts';

/** One sealed text and the values of its column's `names`; `key` is what the next page begins after. */
export interface SealedRow {
  readonly sealed: string;
  readonly values: readonly (string | number)[];
  readonly key: string | number | null;
}

/** Texts sealed with another key than this one; all of them where the table has no key to page by. */
export async function selectSealedOtherwise(
  sql: Sql,
  sealed: SealedColumn,
  page: { readonly keyId: string; readonly after: SealedRow['key']; readonly limit: number },
): Promise<readonly SealedRow[]> {
  const { column, names, key } = sealed;
  const rows: unknown = await otherwise(sealedIn(sql, sealed), column, page.keyId)
    .modify((query) => {
      if (key !== undefined) void query.orderBy(key).limit(page.limit);
      if (key !== undefined && page.after !== null) void query.where(key, '>', page.after);
    })
    .select([...new Set([column, ...names, ...(key === undefined ? [] : [key])])]);
  return z
    .array(z.record(z.string(), z.union([z.string(), z.number()])))
    .parse(rows)
    .map((row) => ({
      sealed: String(row[column]),
      values: names.map((name) => row[name] ?? ''),
      key: key === undefined ? null : (row[key] ?? null),
    }));
}

/** @returns false when somebody has written there meanwhile: theirs stays */
export async function replaceSealed(
  sql: Sql,
  { table, column, names }: SealedColumn,
  change: { readonly row: SealedRow; readonly sealed: string },
): Promise<boolean> {
  const { values, sealed } = change.row;
  const changed = await sql(table)
    .where(Object.fromEntries(names.map((name, n) => [name, values[n]])))
    .where(column, sealed)
    .update({ [column]: change.sealed });
  return changed === 1;
}

/** Keys that a text which is still needed is sealed with: of attempts, the open ones. */
export async function selectKeysInUse(sql: Sql): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const sealed of sealedColumns) {
    const rows: unknown = await sealedIn(sql, sealed)
      .modify((query) => void (sealed.table === 'attempts' && query.whereNotNull('open_delivery')))
      .distinct(sql.raw("substr(??, 1, instr(??, '.') - 1) as key_id", [sealed.column, sealed.column]));
    for (const row of z.array(z.object({ key_id: z.string() })).parse(rows)) keys.add(row.key_id);
  }
  // What names no key is broken: a start without it would not be one.
  keys.delete('');
  return keys;
}

/** How many stored texts each key has sealed. */
export async function countByKey(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const sealed of sealedColumns) {
    const keyId = sql.raw("substr(??, 1, instr(??, '.') - 1)", [sealed.column, sealed.column]);
    const rows: unknown = await sealedIn(sql, sealed)
      .groupBy(keyId)
      .select({ key_id: keyId, count: sql.raw('count(*)') });
    const found = z.array(z.object({ key_id: z.string(), count: rowCount })).parse(rows);
    for (const { key_id, count } of found) counts.set(key_id, (counts.get(key_id) ?? 0) + count);
  }
  return counts;
}

export async function forgetOtherKeys(sql: Sql, keyId: string): Promise<void> {
  await sql('key_checks').whereNot({ key_id: keyId }).delete();
}

export async function countSealedOtherwise(sql: Sql, sealed: SealedColumn, keyId: string): Promise<number> {
  const rows: unknown[] = await otherwise(sealedIn(sql, sealed), sealed.column, keyId).count({ count: '*' });
  return firstRow(z.object({ count: rowCount }), rows)?.count ?? 0;
}

function sealedIn(sql: Sql, { table, column, only = {} }: SealedColumn) {
  return sql(table).where(only).whereNotNull(column).whereNot(column, '');
}

/** By its bytes: MariaDB would take k1 and K1 for the same. */
function otherwise(query: ReturnType<typeof sealedIn>, column: string, keyId: string): typeof query {
  return query.whereRaw('hex(substr(??, 1, ?)) <> hex(?)', [column, keyId.length + 1, `${keyId}.`]);
}
