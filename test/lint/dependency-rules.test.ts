import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import { z } from 'zod';

const run = promisify(execFile);
const reportSchema = z.object({
  summary: z.object({ violations: z.array(z.object({ rule: z.object({ name: z.string() }) })) }),
});
const root = path.resolve(import.meta.dirname, '../..');

/** Each breach: a file that must not be, what it would import, and the rule that has to name it. */
const breaches: readonly { rule: string; files: Readonly<Record<string, string>> }[] = [
  {
    rule: '1-plugin-imports-only-the-contract',
    files: { 'plugins/tiktok/x.ts': "import '../../core/errors.ts';", 'core/errors.ts': 'export const a = 1;' },
  },
  {
    rule: '1-plugin-imports-only-the-contract',
    files: { 'plugins/tiktok/x.ts': "import '../other/y.ts';", 'plugins/other/y.ts': 'export const a = 1;' },
  },
  {
    rule: '2-core-names-no-plugin',
    files: { 'core/x.ts': "import '../plugins/tiktok/y.ts';", 'plugins/tiktok/y.ts': 'export const a = 1;' },
  },
  {
    rule: '3-contract-imports-nothing-of-core',
    files: { 'core/plugin-api/x.ts': "import '../errors.ts';", 'core/errors.ts': 'export const a = 1;' },
  },
  {
    rule: '4-express-at-the-edge',
    files: { 'core/posts/post-service.ts': "import express from 'express'; express();" },
  },
  { rule: '4-sql-in-stores', files: { 'core/posts/post-service.ts': "import knex from 'knex'; knex({});" } },
  {
    rule: '4-routes-ask-services',
    files: {
      'core/posts/post-routes.ts': "import './post-store.ts';",
      'core/posts/post-store.ts': 'export const a = 1;',
    },
  },
  {
    rule: '6-product-knows-no-test',
    files: { 'core/x.ts': "import '../test/support/y.ts';", 'test/support/y.ts': 'export const a = 1;' },
  },
  {
    rule: '6-product-knows-no-simulator',
    files: {
      'plugins/tiktok/x.ts': "import './simulator/index.ts';",
      'plugins/tiktok/simulator/index.ts': 'export const a = 1;',
    },
  },
  {
    rule: '7-no-circles',
    files: { 'core/a.ts': "import './b.ts';", 'core/b.ts': "import './a.ts';" },
  },
];

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

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-rules-'));
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      await cp(path.join(root, file), path.join(folder, file));
    }
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  for (const [number, { rule, files }] of breaches.entries()) {
    it(`catch breach ${number + 1} of ${breaches.length}, planted against ${rule}`, async function () {
      this.timeout(30_000);
      await plant(folder, files);
      const found = await violations(folder);
      expect(found).to.include(rule);
    });
  }

  it('pass a plugin that imports npm packages, its own files and the contract', async function () {
    this.timeout(30_000);
    await plant(folder, {
      'plugins/tiktok/index.ts':
        "import type { Json } from '#plugin-api'; import './own.ts'; import 'zod'; export type X = Json;",
      'plugins/tiktok/own.ts': 'export const a = 1;',
      'core/plugin-api/index.ts': 'export type Json = string;',
    });
    expect(await violations(folder)).to.deep.equal([]);
  });

  for (const { what, file, code, rule } of doors) {
    it(`catch ${what}`, async function () {
      this.timeout(60_000);
      const [result] = await new ESLint({ cwd: root }).lintText(code, { filePath: path.join(root, file) });
      expect(result?.messages.map((message) => message.ruleId)).to.include(rule);
    });
  }
});

async function plant(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), `${text}\n`);
  }
}

/** Names of the rules that dependency-cruiser reports as broken in the folder. */
async function violations(folder: string): Promise<string[]> {
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
  const { stdout } = await run(process.execPath, args, { cwd: folder, maxBuffer: 20_000_000 }).catch(
    (failed: unknown) => {
      if (failed instanceof Error && 'stdout' in failed) return { stdout: String(failed.stdout) };
      throw failed;
    },
  );
  const report = reportSchema.parse(JSON.parse(stdout));
  return report.summary.violations.map((violation) => violation.rule.name);
}
