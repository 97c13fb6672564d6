import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder of this user alone, with those above it that are missing. Not by Node's own `recursive`: where nothing
 * can be made though nothing forbids it (/proc), that tries for ever.
 * @throws Error of the file system
 */
export function makeFolder(folder: string): void {
  const above = path.dirname(folder);
  if (above !== folder && !isFolder(above)) makeFolder(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Of two starts at once, the other one may have been faster.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}
