import { Arena, type ArenaPlan } from './arena.ts';
import type { TrialCount, Verdict } from './judge.ts';
import { runTrial } from './trial.ts';

export interface RunPlan extends ArenaPlan {
  readonly trials: number;
  /** Told after each trial. */
  readonly onTrial?: (done: number, verdict: Verdict) => void;
}

export interface Tally extends TrialCount {
  readonly story: readonly string[];
  readonly ends: ReadonlyMap<string, number>;
}

/** Trials that run at the same time: while one waits for leases and looks, the others are at work. */
const abreast = 4;
/** After so many an arena is left for a new one, whose tables are empty. */
const perArena = 48;

/** Trials with the seeds from `seed` on. */
export async function runTrials(plan: RunPlan): Promise<Tally> {
  const verdicts: Verdict[] = [];
  const told = (verdict: Verdict): void => {
    verdicts.push(verdict);
    plan.onTrial?.(verdicts.length, verdict);
  };
  for (let done = 0; done < plan.trials; done += perArena) {
    const trials = Math.min(perArena, plan.trials - done);
    await runInOneArena({ ...plan, seed: plan.seed + done, trials }, told);
  }
  return tallyOf(verdicts);
}

async function runInOneArena(plan: RunPlan, told: (verdict: Verdict) => void): Promise<void> {
  const arena = await Arena.open(plan);
  const seeds = Array.from({ length: plan.trials }, (_nothing, n) => plan.seed + n);
  const lane = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      told(await runTrial(arena, { seed, deliveries: plan.deliveries }));
    }
  };
  try {
    await Promise.all(Array.from({ length: abreast }, lane));
  } finally {
    await arena.close();
  }
}

function tallyOf(verdicts: readonly Verdict[]): Tally {
  const sum = (of: (count: TrialCount) => number): number => verdicts.reduce((all, count) => all + of(count), 0);
  const ends = new Map<string, number>();
  for (const verdict of verdicts) {
    for (const [end, count] of verdict.ends) ends.set(end, (ends.get(end) ?? 0) + count);
  }
  return {
    dup: sum(({ dup }) => dup),
    lost: sum(({ lost }) => lost),
    phantom: sum(({ phantom }) => phantom),
    stuck: sum(({ stuck }) => stuck),
    needsAttention: sum(({ needsAttention }) => needsAttention),
    forgotten: sum(({ forgotten }) => forgotten),
    story: verdicts.flatMap(({ story }) => story),
    ends,
  };
}
