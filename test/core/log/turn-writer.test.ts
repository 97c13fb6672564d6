import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { createTurnWriter } from '../../../core/log/turn-writer.ts';

describe('The lines of a log', () => {
  it('are written together once a turn, in the order in which they came', async () => {
    const written: string[] = [];
    const write = createTurnWriter((lines) => void written.push(lines));
    write('one\n');
    write('two\n');
    await Promise.resolve();
    expect(written).to.deep.equal([]);
    await nextTurn();
    expect(written).to.deep.equal(['one\ntwo\n']);
    write('three\n');
    await nextTurn();
    await nextTurn();
    expect(written).to.deep.equal(['one\ntwo\n', 'three\n']);
  });

  it('are all written by a process that ends in the same turn, by itself or by an error', () => {
    const file = new URL('../../../core/log/logger.ts', import.meta.url).href;
    const said = "const log = createLogger({ level: 'info' }); log.info({}, 'first'); log.info({}, 'last');";
    for (const end of ['process.exit(0);', "throw new Error('over');"]) {
      const script = `import { createLogger } from '${file}'; ${said} ${end}`;
      const args = ['--import', 'tsx', '--conditions=castdeck-source', '--input-type=module', '--eval', script];
      const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      const lines = stdout.trim().split('\n');
      expect(
        lines.map((line) => /"msg":"(\w+)"/.exec(line)?.[1]),
        end,
      ).to.deep.equal(['first', 'last']);
    }
  }).timeout(20_000);
});
