// Loaded in front of a command: counts the statements that it asks of SQLite, and writes the counts to the file in
// BENCH_STATEMENTS at each SIGUSR2. MariaDB counts by itself.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import Database from 'better-sqlite3';

const counts = { all: 0, writes: 0 };
const probe = new Database(':memory:');
const statements = Object.getPrototypeOf(probe.prepare('select 1'));
probe.close();

for (const act of ['run', 'get', 'all', 'iterate']) {
  const own = statements[act];
  statements[act] = function counted(...values) {
    counts.all += 1;
    if (/^\s*(insert|update|delete|replace)/i.test(this.source)) counts.writes += 1;
    return own.apply(this, values);
  };
}

process.on('SIGUSR2', () => writeFileSync(process.env.BENCH_STATEMENTS, JSON.stringify(counts)));
