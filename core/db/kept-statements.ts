/** A connection of better-sqlite3, as far as it is meant here. */
export interface PreparingConnection {
  prepare(sql: string): unknown;
}

/** More than the product has texts of usual length; each keeps a few kilobytes. */
export const mostKept = 300;

/**
 * From now on the connection keeps the statements that it prepared last: SQLite takes as long to read one as to do it,
 * and the same few hundred come again and again. It reads one anew by itself after a change of the schema.
 */
export function keepStatements(connection: PreparingConnection): void {
  const prepare = connection.prepare.bind(connection);
  const kept = new Map<string, unknown>();
  connection.prepare = (sql) => {
    const statement = kept.get(sql) ?? prepare(sql);
    // Those used last are at the end.
    kept.delete(sql);
    kept.set(sql, statement);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return statement;
  };
}
