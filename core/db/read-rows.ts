import type { Sql } from './database.ts';

/**
 * What a statement with an unchanging text answers. The text is sent as it stands: building one takes longer than
 * SQLite takes to answer it, and what every page asks is asked again and again.
 * @param text for both databases, with a `?` for each value
 */
export async function readRows(
  sql: Sql,
  text: string,
  values: readonly (string | number)[],
): Promise<readonly unknown[]> {
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
