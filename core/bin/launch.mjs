// Runs one command from compiled code, and compiles first where that is missing, older than its sources, or of another
// version: `node core/bin/launch.mjs web`. `compile` only does that; `build` compiles in any case.
// Plain JavaScript, since nothing is compiled yet when it starts.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built');
const [command = '', ...rest] = process.argv.slice(2);

try {
  if (command === 'build' || !isFresh()) await build();
  if (command !== 'build' && command !== 'compile') {
    const file = path.join(dist, 'core/bin', `${command}.js`);
    process.argv.splice(1, process.argv.length - 1, file, ...rest);
    await import(pathToFileURL(file).href);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

function isFresh() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== version()) return false;
  const builtAt = statSync(stamp).mtimeMs;
  const sources = ['core', 'plugins', 'migrations'].flatMap(listSources);
  return ['package.json', 'package-lock.json', 'tsconfig.json', 'core/bin/bundle.mjs', ...sources].every(
    (file) => modifiedAt(file) < builtAt,
  );
}

/** Compiled aside and put into place whole: two starts at once do not read half of it. */
async function build() {
  if (!existsSync(path.join(root, 'node_modules/esbuild'))) {
    throw new Error(
      'There is no compiled code and no compiler. Run npm ci (with development tools) and npm run build.',
    );
  }
  const aside = `${dist}.${process.pid}`;
  try {
    const { bundle } = await import('./bundle.mjs');
    await bundle(root, aside);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw new Error('The code does not compile; see above.', { cause: error });
  }
  writeFileSync(path.join(aside, '.built'), version());
  rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(aside, dist);
  } catch (error) {
    // Another start was faster: its result is as good.
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(stamp)) throw error;
  }
}

function version() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

function listSources(folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
}

function modifiedAt(file) {
  const full = path.join(root, file);
  return existsSync(full) ? statSync(full).mtimeMs : 0;
}
