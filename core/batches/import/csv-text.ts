import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { withoutMarks } from '../../language/deferred-text.ts';

export interface CsvLine {
  /** As a text editor counts, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export type CsvReading =
  | { readonly ok: true; readonly head: readonly string[]; readonly lines: readonly CsvLine[] }
  | { readonly ok: false; readonly because: 'encoding' | 'empty' | 'quotes'; readonly line?: number };

/**
 * Reads a table as spreadsheets save it: UTF-8 with or without a mark, or UTF-16 with one; comma, semicolon or tab
 * between cells; cells in quotes; any line ends.
 */
export function readCsv(bytes: Uint8Array): CsvReading {
  const text = decode(bytes);
  if (text === undefined) return { ok: false, because: 'encoding' };
  try {
    const parsed: unknown = parse(text, {
      ...{ delimiter: delimiterOf(text), relax_column_count: true, skip_empty_lines: true, info: true },
      ...{ record_delimiter: ['\r\n', '\n', '\r'], skip_records_with_empty_values: true },
    });
    const records = z
      .array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) }))
      .parse(parsed);
    const [first, ...others] = records.map(({ record, info }) => ({
      cells: record,
      line: startOf(record, info.lines),
    }));
    if (first === undefined) return { ok: false, because: 'empty' };
    return { ok: true, head: first.cells.map((name) => name.trim().toLowerCase()), lines: others };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line: unknown = Reflect.get(error, 'lines');
    return { ok: false, because: 'quotes', ...(typeof line === 'number' ? { line } : {}) };
  }
}

/** The parser counts where a record ends; a cell with line ends began above. */
function startOf(cells: readonly string[], end: number): number {
  return end - cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function decode(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : withoutMarks(text);
  } catch {
    return undefined;
  }
}

/** The one that stands most often in the first line, outside quotes. */
function delimiterOf(text: string): string {
  const [head = ''] = text.replaceAll(/"[^"]*"/g, '').split(/\r\n|\n|\r/, 1);
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, n: head.split(delimiter).length }));
  return counts.sort((one, other) => other.n - one.n)[0]?.delimiter ?? ',';
}
