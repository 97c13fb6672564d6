import Sqlite from 'better-sqlite3';

/** A second connection of a process to its SQLite file, for reading alone. */
export interface SqliteReader {
  /** At once: nobody waits for the one connection of the pool, nor for a transaction that has it. */
  rows(text: string, values: readonly (string | number)[]): readonly unknown[];
  close(): void;
}

/** More than the product has texts that are always the same, with each number of placeholders they are asked with. */
const mostKept = 300;

interface Kept {
  readonly statement: Sqlite.Statement<unknown[], readonly unknown[]>;
  readonly columns: readonly string[];
}

/** Opened when it is first asked: most processes never ask. @param file of a database that is open already, not `:memory:` */
export function createReader(file: string): SqliteReader {
  let connection: Sqlite.Database | undefined;
  const kept = new Map<string, Kept>();
  const prepare = (text: string): Kept => {
    connection ??= open(file);
    const known = kept.get(text);
    if (known !== undefined) return known;
    const statement = connection.prepare<unknown[], readonly unknown[]>(text).raw(true);
    const made = { statement, columns: statement.columns().map(({ name }) => name) };
    if (kept.size >= mostKept) kept.clear();
    kept.set(text, made);
    return made;
  };
  return {
    rows(text, values) {
      const { statement, columns } = prepare(text);
      // Lists of values, made rows of here: the driver's own rows take longer to make, and longer to read.
      return statement.all(...values).map((found) => rowOf(columns, found));
    },
    close() {
      kept.clear();
      connection?.close();
    },
  };
}

function open(file: string): Sqlite.Database {
  const connection = new Sqlite(file, { fileMustExist: true });
  for (const pragma of ['busy_timeout=5000', 'query_only=ON']) connection.pragma(pragma);
  return connection;
}

function rowOf(columns: readonly string[], values: readonly unknown[]): Readonly<Record<string, unknown>> {
  const row: Record<string, unknown> = {};
  columns.forEach((column, n) => {
    row[column] = values[n];
  });
  return row;
}
