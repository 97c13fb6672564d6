import { parseArgs } from 'node:util';
import { Arena, type TrialCount } from './random/arena.ts';

// npm run chaos -- --trials 40 --seed 7 [--deliveries 30] [--database sqlite|mariadb]

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    deliveries: { type: 'string', default: '30' },
    database: { type: 'string', default: 'mariadb' },
  },
});
const [trials, seed, deliveries] = [Number(values.trials), Number(values.seed), Number(values.deliveries)];
const kinds = { sqlite: 'sqlite', mariadb: 'mariadb' } as const;
const kind = values.database === 'sqlite' ? kinds.sqlite : kinds.mariadb;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const begin = performance.now();
const arena = await Arena.open(kind);
const counts: TrialCount[] = [];
try {
  for (let n = 0; n < trials; n += 1) {
    const count = await arena.trial(seed + n, deliveries);
    counts.push(count);
    for (const line of count.story) say(line);
    if ((n + 1) % 10 === 0) say(`${n + 1} trials, ${Math.round((performance.now() - begin) / 1_000)} s`);
  }
} finally {
  await arena.close();
}

const sum = (of: (count: TrialCount) => number): number => counts.reduce((all, count) => all + of(count), 0);
const bad = {
  dup: sum(({ dup }) => dup),
  lost: sum(({ lost }) => lost),
  phantom: sum(({ phantom }) => phantom),
  stuck: sum(({ stuck }) => stuck),
  'needs attention': sum(({ needsAttention }) => needsAttention),
};
const told = Object.entries(bad).map(([name, number]) => `${name} ${number}`);
say(`P1 on ${kind}, ${trials} trials of ${deliveries} deliveries from seed ${seed}: ${told.join(', ')}`);
if (Object.values(bad).every((number) => number === 0)) {
  const bound = (number: number): string => `${((3 / number) * 100).toPrecision(2)} %`;
  say(`With 95 % confidence at most ${bound(trials)} of trials, ${bound(trials * deliveries)} of deliveries.`);
} else process.exitCode = 1;
