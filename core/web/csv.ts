import { csvLine, csvMark } from '#plugin-api';

/** A whole CSV file that spreadsheets read as UTF-8. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return csvMark + rows.map(csvLine).join('');
}
