import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { z } from 'zod';

const run = promisify(execFile);
const reportSchema = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});
const root = path.resolve(import.meta.dirname, '../..');

/** Each breach: the file that must not be, what it would import, and the rule that has to name it. */
const breaches: readonly { rule: string; file: string; imports: string }[] = [
  { rule: '1-plugin-imports-only-the-contract', file: 'plugins/tiktok/of-core.ts', imports: '../../core/errors.ts' },
  { rule: '1-plugin-imports-only-the-contract', file: 'plugins/tiktok/of-other.ts', imports: '../other/own.ts' },
  { rule: '2-core-names-no-plugin', file: 'core/naming.ts', imports: '../plugins/tiktok/own.ts' },
  { rule: '3-contract-imports-nothing-of-core', file: 'core/plugin-api/of-core.ts', imports: '../errors.ts' },
  { rule: '4-express-at-the-edge', file: 'core/posts/http-service.ts', imports: 'express' },
  { rule: '4-sql-in-stores', file: 'core/posts/sql-service.ts', imports: 'knex' },
  { rule: '4-routes-ask-services', file: 'core/posts/post-routes.ts', imports: './post-store.ts' },
  { rule: '6-product-knows-no-test', file: 'core/testing.ts', imports: '../test/support/own.ts' },
  { rule: '6-product-knows-no-simulator', file: 'plugins/tiktok/simulated.ts', imports: './simulator/index.ts' },
  { rule: '7-no-circles', file: 'core/a.ts', imports: './b.ts' },
];

/** What the breaches import, and a plugin that keeps the rules. */
const sound: Readonly<Record<string, string>> = {
  'core/errors.ts': 'export const a = 1;',
  'core/b.ts': "import './a.ts';",
  'core/plugin-api/index.ts': 'export type Json = string;',
  'core/posts/post-store.ts': 'export const a = 1;',
  'plugins/other/own.ts': 'export const a = 1;',
  'plugins/tiktok/own.ts': 'export const a = 1;',
  'plugins/tiktok/simulator/index.ts': 'export const a = 1;',
  'plugins/tiktok/index.ts':
    "import type { Json } from '#plugin-api'; import './own.ts'; import 'zod'; export type X = Json;",
  'test/support/own.ts': 'export const a = 1;',
};

const doors: readonly { what: string; file: string; code: string; rule: string }[] = [
  {
    what: 'the environment outside core/config.ts',
    file: 'core/errors.ts',
    code: 'export const port = process.env["PORT"];',
    rule: 'no-restricted-properties',
  },
  {
    what: 'the current time outside the clock',
    file: 'core/errors.ts',
    code: 'export const now = Date.now();',
    rule: 'no-restricted-properties',
  },
  {
    what: 'a date of now outside the clock',
    file: 'core/errors.ts',
    code: 'export const now = new Date();',
    rule: 'no-restricted-syntax',
  },
  {
    what: 'randomness that can be guessed',
    file: 'core/errors.ts',
    code: 'export const n = Math.random();',
    rule: 'no-restricted-properties',
  },
  { what: 'the console in a service', file: 'core/errors.ts', code: "console.log('here');", rule: 'no-console' },
];

describe('The dependency rules', () => {
  let folder: string;
  let found: readonly { readonly from: string; readonly rule: string }[];

  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-rules-'));
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      await cp(path.join(root, file), path.join(folder, file));
    }
    const planted = new Map(breaches.map(({ file, imports }) => [file, `import '${imports}';`]));
    await plant(folder, new Map([...Object.entries(sound), ...planted]));
    found = await violations(folder);
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  for (const [number, { rule, file, imports }] of breaches.entries()) {
    it(`catch breach ${number + 1} of ${breaches.length}, planted against ${rule}: ${file} imports ${imports}`, () => {
      expect(found.filter((violation) => violation.from === file).map((violation) => violation.rule)).to.include(rule);
    });
  }

  it('pass a plugin that imports npm packages, its own files and the contract', () => {
    const places = ['plugins/tiktok/index.ts', 'plugins/tiktok/own.ts', 'core/plugin-api/index.ts'];
    expect(found.filter(({ from }) => places.includes(from))).to.deep.equal([]);
  });

  for (const { what, file, code, rule } of doors) {
    it(`catch ${what}`, async function () {
      this.timeout(60_000);
      // None of these rules asks for types, and reading all of them would take ten seconds.
      const overrideConfig = [tseslint.configs.disableTypeChecked];
      const [result] = await new ESLint({ cwd: root, overrideConfig }).lintText(code, {
        filePath: path.join(root, file),
      });
      expect(result?.messages.map((message) => message.ruleId)).to.include(rule);
    });
  }
});

async function plant(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), `${text}\n`);
  }
}

/** What dependency-cruiser reports in the folder: the file at fault and the rule. */
async function violations(folder: string): Promise<readonly { readonly from: string; readonly rule: string }[]> {
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
  const { stdout } = await run(process.execPath, args, { cwd: folder, maxBuffer: 20_000_000 }).catch(
    (failed: unknown) => {
      if (failed instanceof Error && 'stdout' in failed) return { stdout: String(failed.stdout) };
      throw failed;
    },
  );
  const report = reportSchema.parse(JSON.parse(stdout));
  return report.summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
}
