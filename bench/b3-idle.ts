import { readFile } from 'node:fs/promises';
import { makeWorker } from '../test/support/engine-world.ts';
import type { BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { addChannels, fillEngine, openEngine } from './lib/engine.ts';
import { pause, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';

/** What a worker costs that has nothing to do for the moment. */
export const idle: Goal = {
  id: 'B3',
  title: 'idle cost of the worker',
  run: (context) => onEachServer((server) => measure(context, server)),
};

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const database = await server.open();
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 50);
  const later = { state: 'scheduled', firstAt: world.clock.now() + 86_400_000, stepMs: 10, channelIds } as const;
  await fillEngine(world, { from: 1, to: context.isSmall ? 1_000 : 1_000_000, ...later });
  const worker = makeWorker(world);
  await worker.start();
  await pause(2_000);
  const seconds = context.isSmall ? 5 : 60;
  const statements: string[] = [];
  database.db.knex.on('query', ({ sql }: { readonly sql: string }) => void statements.push(sql));
  const before = await cpuSeconds(server.pid);
  await pause(seconds * 1_000);
  const used = (await cpuSeconds(server.pid)) - before;
  await worker.stop();
  await database.close();
  const writes = statements.filter((sql) => /^\s*(insert|update|delete)/i.test(sql)).length;
  context.say({ goal: 'B3', database: server.name, seconds, statements: statements.length, writes });
  return [
    {
      ...{ what: 'statements while idle', database: server.name, value: statements.length / seconds, unit: ' /s' },
      ...{ must: { atMost: 2 }, close: { atMost: 0.2 } },
    },
    {
      ...{ what: 'of a core, with the database', database: server.name },
      ...{ value: rounded((used * 100) / seconds), unit: ' %', must: { atMost: 1 } },
    },
    {
      ...{ what: 'writes, besides one heartbeat in 15 s', database: server.name },
      ...{ value: Math.max(0, writes - Math.ceil(seconds / 15)), unit: '', must: { atMost: 0 } },
    },
  ];
}

/** Of this process and the database's. */
async function cpuSeconds(databasePid: number | undefined): Promise<number> {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1_000_000;
  if (databasePid === undefined) return own;
  const stat = await readFile(`/proc/${databasePid}/stat`, 'utf8');
  const [utime = 0, stime = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  const ticksPerSecond = 100;
  return own + (utime + stime) / ticksPerSecond;
}
