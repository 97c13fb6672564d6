import type { Sql } from './database.ts';
import type { RowReader } from './row-reader.ts';

const readers = new WeakMap<Sql, RowReader>();

/** From now on what `readRows` asks of this pool, outside of transactions, is asked beside it. */
export function readBeside(pool: Sql, reader: RowReader): void {
  readers.set(pool, reader);
}

/**
 * What a statement with an unchanging text answers. The text is sent as it stands: building one takes longer than
 * the database takes to answer it, and what every page asks is asked again and again.
 * @param sql the pool, or a transaction whose own changes are to be seen
 * @param text for both databases, with a `?` for each value; it names the columns, so that a change of the schema adds none
 */
export async function readRows(
  sql: Sql,
  text: string,
  values: readonly (string | number)[],
): Promise<readonly unknown[]> {
  const reader = readers.get(sql);
  if (reader !== undefined) {
    sql.emit('query', { sql: text, bindings: values });
    return reader.rows(text, values);
  }
  const answer: unknown = await sql.raw(text, [...values]);
  if (!isList(answer)) throw new Error('The database has answered with something else than rows.');
  // The client of MariaDB and MySQL answers rows and columns.
  const [first] = answer;
  return isList(first) ? first : answer;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** `?, ?, ?` for so many values. */
export function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
