import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { codeRoot, projectRoot } from '../project-root.ts';

const placePattern = /(?:file:\/\/)?(\/[^\s():]+\.js):(\d+):(\d+)/;

/**
 * Tells places in compiled code as places in its sources: `core/auth/link-store.ts:31:7`. The maps beside the code are
 * read only here, once something went wrong. Places without a map stay as they are.
 */
export function inSources(stack: string): string {
  return stack.replaceAll(new RegExp(placePattern, 'g'), (place) => {
    const [, file = '', line, column] = placePattern.exec(place) ?? [];
    const found = mapOf(file)?.find(Number(line), Number(column));
    return found === undefined ? place : path.relative(projectRoot, path.resolve(path.dirname(file), found));
  });
}

interface PlaceMap {
  /** @returns `<file>:<line>:<column>`, the file as seen from the map's folder; lines and columns count from 1 */
  find(line: number, column: number): string | undefined;
}

const maps = new Map<string, PlaceMap | undefined>();

function mapOf(file: string): PlaceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(`${file}.map`));
  return maps.get(file);
}

const mapShape = z.object({ version: z.literal(3), sources: z.array(z.string()), mappings: z.string() });

function readMap(file: string): PlaceMap | undefined {
  if (!file.startsWith(codeRoot + path.sep) || !existsSync(file)) return undefined;
  const { sources, mappings } = mapShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { lineStarts, segments } = decode(mappings);
  return {
    find(line, column) {
      const begin = lineStarts[line - 1] ?? segments.length;
      let at = (lineStarts[line] ?? segments.length) - width;
      while (at >= begin && (segments[at] ?? 0) > column - 1) at -= width;
      const source = at < begin ? undefined : sources[segments[at + 1] ?? -1];
      return source === undefined
        ? undefined
        : `${source}:${(segments[at + 2] ?? 0) + 1}:${(segments[at + 3] ?? 0) + 1}`;
    },
  };
}

/** Numbers of one segment: column, source, line and column there. */
const width = 4;
const digits = new Map(
  Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (digit, value) => [digit, value]),
);

/** ECMA-426: lines end with `;`, segments with `,`; a segment is up to five differences in base 64 VLQ. */
function decode(mappings: string): { lineStarts: number[]; segments: Int32Array } {
  const segments: number[] = [];
  const lineStarts: number[] = [];
  const now = [0, 0, 0, 0, 0];
  for (const line of mappings.split(';')) {
    lineStarts.push(segments.length);
    now[0] = 0;
    for (const segment of line.split(',')) {
      const differences = numbersIn(segment);
      differences.forEach((difference, n) => (now[n] = (now[n] ?? 0) + difference));
      if (differences.length >= width) segments.push(...now.slice(0, width));
    }
  }
  return { lineStarts, segments: Int32Array.from(segments) };
}

function numbersIn(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = digits.get(digit) ?? 0;
    value += (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
