import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const programs = {
  chromium: { names: ['chromium', 'chromium-browser'], install: 'apt-get install chromium' },
  mariadbd: { names: ['mariadbd'], install: 'apt-get install mariadb-server' },
  ffmpeg: { names: ['ffmpeg'], install: 'apt-get install ffmpeg' },
} as const;
export type NeededProgram = keyof typeof programs;

const leftOut = new Map<NeededProgram, number>();

/**
 * For a `before` hook: lets its suite run only where the program is installed. Without it the suite is skipped and
 * one line at the end of the run says so; on CI that is a failure.
 */
export function needs(program: NeededProgram): (this: Mocha.Context) => void {
  return function skipWhereMissing() {
    if (findProgram(program) !== undefined) return;
    if (process.env['CI'] === 'true') throw new Error(`${program} is missing: ${programs[program].install}`);
    leftOut.set(program, (leftOut.get(program) ?? 0) + 1);
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

// A root hook, so that it comes after every test and before the reporter's closing line.
after(() => {
  for (const [program, count] of leftOut) {
    const suites = count === 1 ? 'one suite was' : `${count} suites were`;
    process.stdout.write(`\n  ${program} is missing, so ${suites} left out: ${programs[program].install}\n`);
  }
});
