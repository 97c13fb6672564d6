/** A place in compiled code; both count from 0. */
interface CompiledPlace {
  readonly line: number;
  readonly column: number;
}

/** Where it comes from; all three count from 0. */
export interface Origin {
  /** Which of the map's sources. */
  readonly source: number;
  readonly line: number;
  readonly column: number;
}

/**
 * Finds where places come from: for each the nearest segment in front of it, in its line. The mappings (ECMA-426) are
 * read through once and none of them is kept: those of one file are half a million.
 * @returns without the places that come from nowhere
 */
export function originsIn<P extends CompiledPlace>(mappings: string, places: readonly P[]): ReadonlyMap<P, Origin> {
  const waiting = [...places].sort((one, other) => one.line - other.line || one.column - other.column);
  const origins = new Map<P, Origin>();
  let before: Segment | undefined;
  const settleUpTo = (line: number, column: number): void => {
    for (let [place] = waiting; place !== undefined; [place] = waiting) {
      if (place.line > line || (place.line === line && place.column >= column)) return;
      waiting.shift();
      if (before?.inLine === place.line)
        origins.set(place, { source: before.source, line: before.line, column: before.column });
    }
  };
  eachSegment(mappings, (segment) => {
    settleUpTo(segment.inLine, segment.inColumn);
    before = Object.assign(before ?? { ...segment }, segment);
    return waiting.length > 0;
  });
  settleUpTo(Infinity, 0);
  return origins;
}

interface Segment {
  /** Where it begins in the compiled code. */
  inLine: number;
  inColumn: number;
  source: number;
  line: number;
  column: number;
}

/**
 * Lines end with `;`, segments with `,`; a segment is up to five differences in base 64 VLQ.
 * @param visit is handed the same segment each time; what it answers says whether to go on
 */
function eachSegment(mappings: string, visit: (segment: Segment) => boolean): void {
  const segment: Segment = { inLine: 0, inColumn: 0, source: 0, line: 0, column: 0 };
  let [field, value, shift] = [0, 0, 0];
  for (let at = 0; at <= mappings.length; at += 1) {
    const letter = at === mappings.length ? comma : mappings.charCodeAt(at);
    if (letter === comma || letter === semicolon) {
      // One with a column alone comes from nowhere, and is left out.
      if (field >= 4 && !visit(segment)) return;
      field = 0;
      if (letter === semicolon) [segment.inLine, segment.inColumn] = [segment.inLine + 1, 0];
      continue;
    }
    const bits = digits[letter] ?? 0;
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    add(segment, field, value & 1 ? -(value >> 1) : value >> 1);
    field += 1;
    [value, shift] = [0, 0];
  }
}

function add(segment: Segment, field: number, difference: number): void {
  if (field === 0) segment.inColumn += difference;
  else if (field === 1) segment.source += difference;
  else if (field === 2) segment.line += difference;
  else if (field === 3) segment.column += difference;
}

const [comma, semicolon] = [','.charCodeAt(0), ';'.charCodeAt(0)];
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By the letter's code. */
const digits = Uint8Array.from({ length: 128 }, (_none, code) =>
  Math.max(0, alphabet.indexOf(String.fromCharCode(code))),
);
