import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { projectRoot } from '../../core/project-root.ts';

/** The entry of a process as one file: it starts in a quarter of the time, and all processes of a run have the same code. */
export interface Bundle {
  /** Another process of it. */
  start(how: ProcessStart): ChildProcess;
  /** To be called when no process is started any more. */
  remove(): Promise<void>;
}

interface ProcessStart {
  readonly args?: readonly string[];
  /** For node itself, e.g. how much memory there is. */
  readonly flags?: readonly string[];
  /** With a line for messages. */
  readonly stdio: StdioOptions;
}

let bundles = 0;

/** @param entry a TypeScript file; its packages stay where they are */
export async function bundle(entry: string): Promise<Bundle> {
  const folder = path.join(projectRoot, 'node_modules', '.cache', 'castdeck-processes');
  await mkdir(folder, { recursive: true });
  bundles += 1;
  const file = path.join(folder, `${path.basename(entry, '.ts')}-${process.pid}-${bundles}.mjs`);
  await build({
    ...{ entryPoints: [entry], outfile: file, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    ...{
      conditions: ['castdeck-source'],
      external: ['knex', 'mysql2', 'better-sqlite3', '@node-rs/argon2', 'sharp'],
      plugins: [ownFolders],
    },
    // Packages that still `require` need one.
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    ...{ minifySyntax: true, minifyWhitespace: true, logLevel: 'warning' },
  });
  return {
    // The flags that run the tests from their sources would only make each start slower.
    start: ({ args = [], flags = [], stdio }) => fork(file, args, { execArgv: [...flags], stdio }),
    remove: () => rm(file, { force: true }),
  };
}

/** Each file keeps the folder that it was written in: texts and views are read from there. */
const ownFolders: Plugin = {
  name: 'own-folders',
  setup: (work) => {
    work.onLoad({ filter: /\/(core|plugins|test)\/.*\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      return {
        contents: source.replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file))),
        loader: 'ts',
      };
    });
  },
};
