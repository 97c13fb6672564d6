import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import { inSources } from '../../../core/log/source-places.ts';
import { projectRoot } from '../../../core/project-root.ts';

const source = `// What is counted here begins with one.
export function first(): never {
  const reason: string = 'broken'; throw new Error(reason);
}

interface Nothing { readonly of: string }
export const second = (nothing?: Nothing): string => {
  return first() ?? nothing?.of;
};
`;

describe('places in the sources', () => {
  let folder: string;
  before(async () => {
    const caches = path.join(projectRoot, 'node_modules/.cache');
    mkdirSync(caches, { recursive: true });
    folder = mkdtempSync(path.join(caches, 'castdeck-places-'));
    writeFileSync(path.join(folder, 'source.ts'), source);
    const entryPoints = [path.join(folder, 'source.ts')];
    const options = { bundle: true, minifyWhitespace: true, format: 'esm', sourcemap: 'linked' } as const;
    await build({ entryPoints, outdir: path.join(folder, 'out'), ...options });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are told instead of those in compiled code', () => {
    const code = `import(${JSON.stringify(path.join(folder, 'out/source.js'))}).then((all) => all.second())`;
    const { stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    const places = stderr.split('\n').filter((line) => line.includes('castdeck-places'));
    const told = places.map(inSources).map((line) => line.replace(path.basename(folder), '*'));
    expect(told).to.include('    at first (node_modules/.cache/*/source.ts:3:42)');
    expect(told.join('\n')).to.match(/second \(node_modules\/\.cache\/\*\/source\.ts:8:10\)$/m);
  });

  it('stay as they are where there is no map, or no place', () => {
    const lines = [
      '    at file:///elsewhere/code.js:1:2',
      `    at f (${projectRoot}/core/none.js:3:4)`,
      'at node:fs:1:1',
    ];
    expect(inSources(lines.join('\n'))).to.equal(lines.join('\n'));
  });
});
