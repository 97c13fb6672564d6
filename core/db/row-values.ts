/* eslint-disable @typescript-eslint/consistent-type-assertions --
   knex publishes no types for its dialects; this file names what it uses of their compilers. */
/** SQLite's is told with its text, MySQL's is the text alone. */
type Compiled = string | { readonly sql: string };
interface CompilerInternals {
  readonly single: { insert?: unknown };
  readonly grouped: { readonly with?: unknown };
  readonly bindingsHolder: { readonly bindings: unknown[] };
  insert(): Compiled;
}
type CompilerClass = new (...parts: readonly unknown[]) => CompilerInternals;
type Row = Readonly<Record<string, unknown>>;

/**
 * Writes many rows as `values (…), (…)` after knex has written the first of them. knex looks each column of each row up
 * again, on MySQL twice, and makes a SELECT of each row on SQLite: for 200 videos as much work as storing them.
 *
 * @param dialect a compiler of knex's
 */
export function withRowValues(dialect: unknown): CompilerClass {
  return class extends (dialect as CompilerClass) {
    override insert(): Compiled {
      const rows = this.single.insert;
      const many =
        this.grouped.with === undefined && Array.isArray(rows) ? valuesOf(rows as readonly Row[]) : undefined;
      if (many === undefined) return super.insert();
      const { bindings } = this.bindingsHolder;
      const end = bindings.length + many.columns;
      this.single.insert = [(rows as readonly Row[])[0]];
      const one = super.insert();
      this.single.insert = rows;
      bindings.splice(end, 0, ...many.values);
      return typeof one === 'string' ? withMore(one, many) : { ...one, sql: withMore(one.sql, many) };
    }
  };
}

interface Values {
  readonly columns: number;
  /** Rows after the first. */
  readonly more: number;
  /** Of the rows after the first, one after the other. */
  readonly values: readonly unknown[];
}

/** In the order in which knex names the columns; undefined unless there are several rows, all with the same plain values. */
function valuesOf(rows: readonly Row[]): Values | undefined {
  const [first] = rows;
  if (rows.length < 2 || typeof first !== 'object') return undefined;
  const columns = Object.keys(first).sort();
  const values: unknown[] = [];
  for (const row of rows) {
    if (Object.keys(row).length !== columns.length) return undefined;
    for (const column of columns) {
      const value = row[column];
      if (!isPlain(value)) return undefined;
      values.push(value);
    }
  }
  return { columns: columns.length, more: rows.length - 1, values: values.slice(columns.length) };
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

function withMore(sql: string, { columns, more }: Values): string {
  const group = `(${Array<string>(columns).fill('?').join(', ')})`;
  const values = ` values ${group}`;
  const end = sql.indexOf(values) + values.length;
  return sql.slice(0, end) + `, ${group}`.repeat(more) + sql.slice(end);
}
