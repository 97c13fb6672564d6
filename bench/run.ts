// Measures the product beside what it is compared with: `npm run bench -- b1 b6 --rounds 5`, `npm run bench -- all --markdown`.
import { Command, Option } from 'commander';
import { goals } from './goals.ts';
import { type BenchContext, type Figure, type Goal, markdownTable, meets } from './lib/goal.ts';

const rounds = new Option('--rounds <n>', 'how often both sides are measured').default(5).argParser(Number);
const command = new Command('bench')
  .argument('<goals...>', `all, or some of ${goals.map(({ id }) => id.toLowerCase()).join(', ')}`)
  .addOption(rounds)
  .option('--small', 'small sizes: shows that everything runs, proves nothing')
  .option('--markdown', 'ends with the table for docs/PERFORMANCE.md')
  .parse();

const options = command.opts<{ rounds: number; small?: true; markdown?: true }>();
const wanted = command.args.map((name) => name.toUpperCase());
const chosen = wanted.includes('ALL') ? goals : goals.filter(({ id }) => wanted.includes(id));
if (chosen.length === 0) command.error(`There is no goal ${command.args.join(', ')}.`);

const context: BenchContext = {
  rounds: options.rounds,
  isSmall: options.small === true,
  say: (facts) => void process.stdout.write(`${JSON.stringify(facts)}\n`),
};
const results = new Map<Goal, readonly Figure[]>();
for (const goal of chosen) {
  const begun = performance.now();
  const figures = await goal.run(context);
  results.set(goal, figures);
  const seconds = Math.round((performance.now() - begun) / 1000);
  for (const figure of figures) {
    const isHeld = meets(figure.value, figure.must);
    const isClose = isHeld && figure.close !== undefined && meets(figure.value, figure.close);
    context.say({ goal: goal.id, seconds, ...figure, isHeld, isClose });
  }
}
if (options.markdown === true) process.stdout.write(`\n${markdownTable(results)}\n`);
const missed = [...results.values()].flat().filter(({ value, must }) => !meets(value, must));
process.exit(missed.length === 0 ? 0 : 1);
