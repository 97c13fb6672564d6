import type { Knex } from 'knex';
import type { Sql } from './database.ts';

type Value = string | number | boolean | null | Knex.Raw;

/** What one row becomes. `key` names it: a number that is in no other change of the same list. */
export interface RowChange {
  readonly key: number;
  readonly columns: Readonly<Record<string, Value>>;
}

interface Where {
  readonly table: string;
  /** The column of the keys, which an index finds. */
  readonly key: string;
  /** Asked of each row besides. */
  readonly only?: (rows: Knex.QueryBuilder) => void;
}

/**
 * Changes many rows, each in its own way: one statement for all that change the same columns.
 * @returns how many rows there were to change
 */
export async function updateRows(sql: Sql, where: Where, changes: readonly RowChange[]): Promise<number> {
  let found = 0;
  for (const group of bySameColumns(changes)) found += await updateGroup(sql, where, group);
  return found;
}

async function updateGroup(sql: Sql, { table, key, only }: Where, group: readonly RowChange[]): Promise<number> {
  const [first] = group;
  if (first === undefined) return 0;
  const columns = Object.keys(first.columns).map((name) => [
    name,
    valueOfEach(
      sql,
      key,
      group.map((change) => [change.key, change.columns[name] ?? null]),
    ),
  ]);
  const keys = group.map((change) => change.key);
  return sql(table)
    .where((rows: Knex.QueryBuilder) => only?.(rows))
    .whereIn(key, keys)
    .update(Object.fromEntries(columns));
}

/** An expression that has for each row the value of its key; a plain value where it is the same for all. */
export function valueOfEach(sql: Sql, key: string, values: readonly (readonly [number, Value])[]): Value {
  const [first] = values;
  if (first === undefined) return null;
  if (typeof first[1] !== 'object' && values.every(([, value]) => value === first[1])) return first[1];
  if (values.length === 1 || values.every(([, value]) => value === null)) return first[1];
  return sql.raw(`case ?? ${values.map(() => 'when ? then ?').join(' ')} end`, [key, ...values.flat()]);
}

function bySameColumns(changes: readonly RowChange[]): readonly (readonly RowChange[])[] {
  const groups = new Map<string, RowChange[]>();
  for (const change of [...changes].sort((a, b) => a.key - b.key)) {
    const names = Object.keys(change.columns).join();
    groups.set(names, [...(groups.get(names) ?? []), change]);
  }
  return [...groups.values()];
}
