import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import programs from './programs.json' with { type: 'json' };

/** What some tests need of the machine; the reporter names those that are missing at the end of the run. */
export type NeededProgram = keyof typeof programs;

/**
 * For a `before` hook: lets its suite run only where the program is installed. Without it the suite is skipped;
 * on CI that is a failure.
 */
export function needs(program: NeededProgram): (this: Mocha.Context) => void {
  return function skipWhereMissing() {
    if (findProgram(program) !== undefined) return;
    if (process.env['CI'] === 'true') throw new Error(`${program} is missing: ${programs[program].install}`);
    this.skip();
  };
}

/** Where the program is on PATH. */
export function findProgram(program: NeededProgram): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const places = programs[program].names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return places.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
