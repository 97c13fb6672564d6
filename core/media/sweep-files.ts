import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { MediaStore } from './media-store.ts';
import { pictureEndings } from './picture-types.ts';
import { extensions } from './video-types.ts';

const stemPattern = /^[0-9a-f]{32}(?=(?:\.poster)?\.[a-z0-9]+$)/;
const batch = 200;

/**
 * Stored files that no media needs: what is left when the process or the database died between the file and its row, in
 * either direction. Younger ones are left alone, since their row may just be coming.
 * @param before UTC milliseconds
 */
export async function findLeftovers(
  folder: string,
  store: Pick<MediaStore, 'namesInUse'>,
  before: number,
): Promise<readonly string[]> {
  const stems = new Map<string, string[]>();
  for (const name of await readdir(folder)) {
    const stem = stemPattern.exec(name)?.[0];
    if (stem !== undefined) stems.set(stem, [...(stems.get(stem) ?? []), name]);
  }
  const found: string[] = [];
  const all = [...stems];
  for (let at = 0; at < all.length; at += batch) {
    const some = all.slice(at, at + batch);
    const used = await stemsInUse(
      store,
      some.map(([stem]) => stem),
    );
    for (const [, names] of some.filter(([stem]) => !used.has(stem))) {
      for (const name of names) if (await isOld(path.join(folder, name), before)) found.push(name);
    }
  }
  return found;
}

/** A poster has the name of its video or picture. */
async function stemsInUse(
  store: Pick<MediaStore, 'namesInUse'>,
  stems: readonly string[],
): Promise<ReadonlySet<string>> {
  const names = stems.flatMap((stem) => namesOfStem(stem));
  return new Set([...(await store.namesInUse(names))].map((name) => path.parse(name).name));
}

/** Every name that a stored file with this stem may have; posters are not among them. */
export function namesOfStem(stem: string): readonly string[] {
  const endings = new Set([...Object.values(extensions), ...Object.values(pictureEndings)]);
  return [...endings].map((ending) => `${stem}.${ending}`);
}

/** @returns the path of the stored file with this stem, if there is one. A video's poster may have a picture's name. */
export async function findStray(folder: string, stem: string): Promise<string | undefined> {
  const there = new Set(await readdir(folder));
  const name = namesOfStem(stem).find((one) => there.has(one));
  return name === undefined ? undefined : path.join(folder, name);
}

async function isOld(file: string, before: number): Promise<boolean> {
  // Moving a file into place changes its ctime, and only that.
  return (await stat(file)).ctimeMs < before;
}
