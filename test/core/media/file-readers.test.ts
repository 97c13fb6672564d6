import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createFileReaders, type FileReader, type ReadingProcess } from '../../../core/media/file-readers.ts';
import { failureOf } from '../../support/failure.ts';
import { until } from '../../support/until.ts';

/** Answers when it is told to. */
class HeldProcess extends EventEmitter implements ReadingProcess {
  connected = true;
  asked: string | undefined;

  send(file: string): void {
    this.asked = file;
  }

  kill(): void {
    this.connected = false;
    this.emit('exit');
  }

  answer(): void {
    this.emit('message', { of: this.asked });
  }
}

describe('Reading files that people sent', () => {
  let started: HeldProcess[];
  let open: () => FileReader;

  beforeEach(() => {
    started = [];
    open = createFileReaders(() => {
      const process = new HeldProcess();
      started.push(process);
      return process;
    });
  });

  const asked = (): (string | undefined)[] => started.map((process) => process.asked);

  it('S24: has two at work at a time; others wait their turn, first come first served', async () => {
    const readings = ['a', 'b', 'c', 'd'].map((file) => open().read(file));
    await until(() => asked().length === 2, 'its turn');
    expect(asked()).to.deep.equal(['a', 'b']);
    started[1]?.answer();
    expect(await readings[1]).to.deep.equal({ of: 'b' });
    await until(() => asked().length === 3, 'its turn');
    expect(asked()).to.deep.equal(['a', 'b', 'c']);
    started[0]?.answer();
    await until(() => asked().length === 4, 'its turn');
    for (const process of started) process.answer();
    expect(await Promise.all(readings)).to.deep.equal([{ of: 'a' }, { of: 'b' }, { of: 'c' }, { of: 'd' }]);
  });

  it('leaves the queue when it is closed while it waits, and says nothing of its file', async () => {
    const [first, second, third, fourth] = [open(), open(), open(), open()];
    const busy = [first.read('a'), second.read('b')];
    const waiting = failureOf(third.read('c'));
    const last = fourth.read('d');
    third.close();
    expect((await waiting).message).to.include('closed');
    first.close();
    expect(await busy[0]).to.equal(undefined);
    await until(() => started.length === 3, 'its turn');
    expect(asked()).to.deep.equal(['a', 'b', 'd']);
    for (const process of started) process.answer();
    expect(await last).to.deep.equal({ of: 'd' });
  });

  it('keeps no process of one that has read', async () => {
    const reader = open();
    reader.prepare();
    const reading = reader.read('a');
    await until(() => started[0]?.asked === 'a', 'its turn');
    started[0]?.answer();
    await reading;
    expect(started.map(({ connected }) => connected)).to.deep.equal([false]);
  });

  describe('by the clock', () => {
    let clock: SinonFakeTimers;
    beforeEach(() => (clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })));
    afterEach(() => clock.restore());

    it('takes what a busy machine reads within a minute, and knows nothing of a file after that', async () => {
      const [late, stuck] = [open().read('late'), open().read('stuck')];
      await clock.tickAsync(59_000);
      started[0]?.answer();
      expect(await late).to.deep.equal({ of: 'late' });
      await clock.tickAsync(1_000);
      expect(await stuck).to.equal(undefined);
      expect(started[1]?.connected).to.equal(false);
    });
  });
});
