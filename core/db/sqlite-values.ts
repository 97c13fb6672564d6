/* eslint-disable @typescript-eslint/consistent-type-assertions --
   knex publishes no types for its dialects; this file names what it uses of this one's compiler. */
import dialect from 'knex/lib/dialects/sqlite3/query/sqlite-querycompiler.js';

interface Compiled {
  readonly sql: string;
}
interface CompilerInternals {
  readonly single: { insert?: unknown };
  readonly grouped: { readonly with?: unknown };
  readonly bindingsHolder: { readonly bindings: unknown[] };
  insert(): Compiled | string;
}
type CompilerClass = new (...parts: readonly unknown[]) => CompilerInternals;
type Row = Readonly<Record<string, unknown>>;

const SqliteCompiler = dialect as CompilerClass;

/**
 * Writes many rows as `values (…), (…)`. knex makes a SELECT of each and names every column in each of them again: for
 * 200 videos as much work as storing them.
 */
export class ValuesCompiler extends SqliteCompiler {
  override insert(): Compiled | string {
    const rows = this.single.insert;
    const columns = this.grouped.with === undefined ? columnsOfAll(rows) : undefined;
    if (columns === undefined) return super.insert();
    const [first, ...rest] = rows as readonly Row[];
    this.single.insert = [first];
    const one = super.insert();
    this.single.insert = rows;
    const values = rest.flatMap((row) => columns.map((column) => row[column]));
    this.bindingsHolder.bindings.splice(columns.length, 0, ...values);
    return { ...(one as Compiled), sql: withMore((one as Compiled).sql, columns.length, rest.length) };
  }
}

/** In the order in which knex names them; undefined unless there are several rows, all with the same plain values. */
function columnsOfAll(rows: unknown): readonly string[] | undefined {
  if (!Array.isArray(rows) || rows.length < 2) return undefined;
  const [first] = rows as readonly Row[];
  if (typeof first !== 'object') return undefined;
  const columns = Object.keys(first).sort();
  const isLike = (row: Row): boolean =>
    Object.keys(row).length === columns.length && columns.every((column) => isPlain(row[column]));
  return (rows as readonly Row[]).every(isLike) ? columns : undefined;
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

function withMore(sql: string, columns: number, rows: number): string {
  const group = `(${Array<string>(columns).fill('?').join(', ')})`;
  const values = ` values ${group}`;
  const end = sql.indexOf(values) + values.length;
  return sql.slice(0, end) + `, ${group}`.repeat(rows) + sql.slice(end);
}
