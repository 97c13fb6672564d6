import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { isOver, readPlace } from '../../../core/queue/place.ts';
import { until } from '../../support/until.ts';

/** The fields of a process after its name, which begins with its state. */
function fieldsOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ');
}

const beganOf = (pid: number): string => fieldsOf(pid)[19] ?? '';

describe('A process of this machine', () => {
  const started: ChildProcess[] = [];
  before(function () {
    // Elsewhere nothing is known of processes, and leases are all there is.
    if (process.platform !== 'linux') this.skip();
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  const start = (script: string): ChildProcess => {
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    started.push(child);
    return child;
  };

  it('is one place with every other that can see it, and begins at a moment of its own', () => {
    const place = readPlace();
    expect(place).to.deep.equal(readPlace());
    expect(place?.name).to.match(/^[-0-9a-f]{36} pid:\[\d+\] /);
    expect(place?.began).to.equal(beganOf(process.pid));
  });

  it('is over when there is none of its number, or that number is of one that began at another time', async () => {
    const child = start('exec sleep 60');
    const pid = child.pid ?? 0;
    const began = beganOf(pid);
    expect(isOver({ pid, began })).to.equal(false);
    expect(isOver({ pid, began: `${began}0` })).to.equal(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isOver({ pid, began })).to.equal(true);
  });

  it('is over when it was killed, although nobody has looked after it yet', async () => {
    const child = start('sleep 60 & echo $!; exec sleep 60');
    const said: unknown = await once(child.stdout ?? child, 'data');
    const pid = Number(String(said));
    const began = beganOf(pid);
    expect(isOver({ pid, began })).to.equal(false);
    process.kill(pid, 'SIGKILL');
    await until(() => fieldsOf(pid)[0] === 'Z', 'it is a zombie');
    expect(isOver({ pid, began })).to.equal(true);
  });

  it('lives when it is stopped, or belongs to somebody else', async () => {
    const child = start('exec sleep 60');
    const pid = child.pid ?? 0;
    child.kill('SIGSTOP');
    await until(() => fieldsOf(pid)[0] === 'T', 'it is stopped');
    expect(isOver({ pid, began: beganOf(pid) })).to.equal(false);
    expect(isOver({ pid: 1, began: beganOf(1) })).to.equal(false);
  });
});
