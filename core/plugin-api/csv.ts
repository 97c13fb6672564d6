/** What a spreadsheet would take for a formula; some take the wide signs of East Asian keyboards as well. */
const formula = /^[\s\u00a0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** What a CSV file begins with, so that spreadsheets read it as UTF-8. */
export const csvMark = '\ufeff';

/** A line of a CSV file (RFC 4180) with its end. Every cell is quoted, and none is a formula. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
