/** What a spreadsheet would take for a formula. */
const formula = /^[\s\u00a0]*[=+\-@\t\r]/;

/** RFC 4180, with a mark that tells spreadsheets it is UTF-8. Every cell is quoted, and none is a formula. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => row.map(cellOf).join(','));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

function cellOf(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
