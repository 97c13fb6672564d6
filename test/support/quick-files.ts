import { existsSync, statfsSync } from 'node:fs';

// Loaded before all tests: their databases, data folders and browser profiles live in memory where there is room. Every
// commit waits for the disk, which is most of the time of a migration; what tests end are processes, never the machine.

const memory = '/dev/shm';
/** Two files side by side with a MariaDB, a browser and videos of 75 MB each, several times over. */
const roomNeeded = 2_000_000_000;

if (process.env['TMPDIR'] === undefined && existsSync(memory)) {
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize > roomNeeded) process.env['TMPDIR'] = memory;
}
