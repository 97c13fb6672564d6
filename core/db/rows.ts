import { z } from 'zod';

// What columns hold, the same from SQLite and MySQL/MariaDB: the stores build their row schemas of these.

/** A boolean column: 0 and 1 in both databases. */
export const rowBoolean = z.union([z.boolean(), z.number(), z.null()]).transform((value) => Boolean(value));

/** UTC milliseconds. */
export const rowTime = z.int();

/** A primary or foreign key. */
export const rowId = z.int().positive();

/** count(*), sum(…): MySQL answers sums as decimal text. */
export const rowCount = z.coerce.number().pipe(z.int());

/** A JSON column (text in both databases) read through the schema of what was written there. */
export function rowJson<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** Any JSON, as the plugin contract's type. */
export const anyJson = z.json();

/** The first row parsed, or undefined. */
export function firstRow<S extends z.ZodType>(schema: S, rows: readonly unknown[]): z.output<S> | undefined {
  return rows.length === 0 ? undefined : schema.parse(rows[0]);
}
