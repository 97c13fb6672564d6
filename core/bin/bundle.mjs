// Puts the code together for `npm run build`: each command, each plugin and each migration is an entry, and what they
// share lies in files beside `dist/core`, once. Packages are taken in, since a start that reads a thousand small files
// spends most of its time on that. docs/decisions/008-one-bundle.md says why.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const commands = ['admin', 'doctor', 'keys', 'migrate', 'network', 'start', 'web', 'worker'];
/** Native, or only ever asked for by databases that are not supported. */
const external = [
  'better-sqlite3',
  '@node-rs/argon2',
  'sharp',
  'mariadb',
  'mysql',
  'oracledb',
  'pg',
  'pg-query-stream',
  'sqlite3',
  'tedious',
];

/** @throws Error when the code does not compile; what is wrong has been printed */
export async function bundle(root, folder) {
  await build({
    absWorkingDir: root,
    entryPoints: entriesIn(root),
    outdir: folder,
    outbase: '.',
    // Beside each other, where `import.meta.dirname` is what it is for the sources of core.
    chunkNames: 'core/[name]-[hash]',
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' },
    conditions: ['castdeck-source'],
    external,
    plugins: [leaveOut],
    ...{
      minifySyntax: true,
      minifyWhitespace: true,
      sourcemap: 'linked',
      sourcesContent: false,
      legalComments: 'none',
      logLevel: 'error',
    },
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
}

function entriesIn(root) {
  const sources = (folder) => list(root, folder).filter(({ name }) => /(?<!\.d)\.ts$/.test(name));
  const plugins = list(root, 'plugins').filter((entry) => entry.isDirectory());
  return [
    ...commands.map((name) => `core/bin/${name}.ts`),
    'core/media/file-process.ts',
    'core/queue/watchdog-thread.js',
    'core/plugin-api/index.ts',
    ...sources('migrations').map(({ name }) => `migrations/${name}`),
    ...plugins.flatMap(({ name }) => [
      ...sources(`plugins/${name}`)
        .filter((entry) => entry.name === 'index.ts')
        .map(() => `plugins/${name}/index.ts`),
      ...sources(`plugins/${name}/migrations`).map((entry) => `plugins/${name}/migrations/${entry.name}`),
    ]),
  ];
}

function list(root, folder) {
  try {
    return readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** What packages bring along and nobody here asks for. */
const leaveOut = {
  name: 'leave-out',
  setup({ onLoad, onResolve }) {
    // knex names the drivers of all its databases; ours come from core/db.
    onResolve({ filter: /^mysql2$/ }, ({ importer }) => (importer.includes('/knex/') ? { external: true } : undefined));
    // zod's own sentences in sixty languages: people read ours.
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};
