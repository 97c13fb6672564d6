import { parseArgs } from 'node:util';
import { runTrials } from './random/run-trials.ts';

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
const kind = values.database === 'sqlite' ? 'sqlite' : 'mariadb';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const begin = performance.now();
const seconds = (): number => Math.round((performance.now() - begin) / 1_000);

const { story, ends, ...bad } = await runTrials({
  ...{ kind, seed, trials, deliveries },
  onTrial: (done, verdict) => {
    for (const line of verdict.story) say(line);
    if (done % 10 === 0) say(`${done} trials, ${seconds()} s`);
  },
});

const told = Object.entries(bad).map(([name, number]) => `${name} ${number}`);
say('');
say(`P1 and P2 on ${kind}: ${trials} trials of ${deliveries} deliveries from seed ${seed}, ${seconds()} s`);
say(`  ${told.join(', ')}`);
for (const [end, count] of [...ends].sort(([, a], [, b]) => b - a)) say(`  ${count} ended as ${end}`);
if (story.length === 0) {
  const bound = (number: number): string => `${((3 / number) * 100).toPrecision(2)} %`;
  say(`With 95 % confidence at most ${bound(trials)} of trials, ${bound(trials * deliveries)} of deliveries.`);
} else {
  say(`Again: npm run chaos -- --trials ${trials} --seed ${seed} --deliveries ${deliveries} --database ${kind}`);
  process.exitCode = 1;
}
