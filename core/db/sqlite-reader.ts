import Sqlite from 'better-sqlite3';
import type { RowReader } from './row-reader.ts';

/** More than the product has texts that are always the same, with each number of placeholders they are asked with. */
const mostKept = 300;

type Row = Record<string, unknown>;

interface Kept {
  readonly statement: Sqlite.Statement<unknown[], readonly unknown[]>;
  readonly columns: readonly string[];
  /** With every column: a copy of it is quicker than an object that grows by one column after the other. */
  readonly blank: Readonly<Row>;
}

/**
 * A second connection of the process to its file: nobody waits for the one connection of the pool, nor for a transaction
 * that has it. Opened when it is first asked: most processes never ask.
 * @param file of a database that is open already, not `:memory:`
 */
export function createSqliteReader(file: string): RowReader {
  let connection: Sqlite.Database | undefined;
  const kept = new Map<string, Kept>();
  const prepare = (text: string): Kept => {
    connection ??= open(file);
    const known = kept.get(text);
    if (known !== undefined) return known;
    const statement = connection.prepare<unknown[], readonly unknown[]>(text).raw(true);
    const columns = statement.columns().map(({ name }) => name);
    const made = { statement, columns, blank: Object.fromEntries(columns.map((column) => [column, null])) };
    if (kept.size >= mostKept) kept.clear();
    kept.set(text, made);
    return made;
  };
  return {
    rows(text, values) {
      const { statement, ...shape } = prepare(text);
      // Lists of values, made rows of here: the driver's own rows take longer to make, and longer to read.
      return statement.all(...values).map((found) => rowOf(shape, found));
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

function rowOf({ columns, blank }: Pick<Kept, 'columns' | 'blank'>, values: readonly unknown[]): Row {
  const row: Row = { ...blank };
  for (let n = 0; n < columns.length; n += 1) row[columns[n] ?? ''] = values[n];
  return row;
}
