import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { codeRoot, projectRoot } from '../project-root.ts';
import { type Origin, originsIn } from './source-map.ts';

const placePattern = /(?:file:\/\/)?(\/[^\s():]+\.js):(\d+):(\d+)/g;

/**
 * Tells places in compiled code as places in its sources: `core/auth/link-store.ts:31:7`. The maps beside the code are
 * read only here, once something went wrong. Places without a map stay as they are.
 */
export function inSources(stack: string): string {
  const places = [...stack.matchAll(placePattern)].map(placeOf).filter(({ text }) => !known.has(text));
  for (const file of new Set(places.map((place) => place.file))) {
    learn(
      file,
      places.filter((place) => place.file === file),
    );
  }
  return stack.replaceAll(placePattern, (text) => known.get(text) ?? text);
}

interface Place {
  /** As it stands in the stack. */
  readonly text: string;
  readonly file: string;
  /** From 0, as `column`. */
  readonly line: number;
  readonly column: number;
}

function placeOf([text, file = '', line, column]: RegExpMatchArray): Place {
  return { text, file, line: Number(line) - 1, column: Number(column) - 1 };
}

/** What was answered, by the place's text. The maps are a thousand times as large: one is read again for another place. */
const known = new Map<string, string>();
const mostKnown = 1_000;

function learn(file: string, places: readonly Place[]): void {
  if (known.size > mostKnown) known.clear();
  const map = readMap(`${file}.map`);
  if (map === undefined) return;
  const origins = originsIn(map.mappings, places);
  for (const place of places) {
    const origin = origins.get(place);
    known.set(place.text, origin === undefined ? place.text : told(file, map.sources[origin.source] ?? '', origin));
  }
}

function told(file: string, source: string, { line, column }: Origin): string {
  return `${path.relative(projectRoot, path.resolve(path.dirname(file), source))}:${line + 1}:${column + 1}`;
}

const mapShape = z.object({ version: z.literal(3), sources: z.array(z.string()), mappings: z.string() });

function readMap(file: string): z.infer<typeof mapShape> | undefined {
  if (!file.startsWith(codeRoot + path.sep) || !existsSync(file)) return undefined;
  return mapShape.parse(JSON.parse(readFileSync(file, 'utf8')));
}
