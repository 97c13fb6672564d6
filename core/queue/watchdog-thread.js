import { writeSync } from 'node:fs';
import process from 'node:process';
import { workerData } from 'node:worker_threads';

// The thread that watches over the process it belongs to; plain JavaScript, because a thread of Node 20 reads nothing
// else. It counts its own ticks instead of asking a clock: a machine or a process that was suspended wakes with both
// standing where they stood.

const { beats, tickMs, ticks } = workerData;
const never = new Int32Array(new SharedArrayBuffer(4));

for (let still = 0, seen = -1; still < ticks;) {
  Atomics.wait(never, 0, 0, tickMs);
  const now = Atomics.load(beats, 0);
  still = now === seen ? still + 1 : 0;
  seen = now;
}
try {
  const msg = `the process stood still for ${(tickMs * ticks) / 1_000} s and is ended: its jobs run again elsewhere`;
  writeSync(1, `${JSON.stringify({ level: 60, pid: process.pid, msg })}\n`);
} finally {
  process.kill(process.pid, 'SIGKILL');
}
