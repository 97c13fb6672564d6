import { createHash, randomBytes } from 'node:crypto';

/** Chance that falls the same way again for the same seed. */
export interface Dice {
  /** Said by a test that fails: `CHAOS_SEED` repeats its trials. */
  readonly seed: string;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[];
}

/** Another seed in each run, unless the environment names one. */
export function chosenSeed(): string {
  return process.env['CHAOS_SEED'] ?? randomBytes(4).toString('hex');
}

/** How many trials: as many as continuous integration has time for, unless the environment names a number. */
export function trialsFrom(variable: string, usual: number): number {
  return Number(process.env[variable] ?? usual);
}

export function createDice(seed: string): Dice {
  let throws = 0;
  const next = (): number => {
    throws += 1;
    return createHash('sha256').update(`${seed}/${throws}`).digest().readUIntBE(0, 6) / 2 ** 48;
  };
  return {
    seed,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    shuffled: (things) =>
      things
        .map((thing) => ({ thing, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ thing }) => thing),
  };
}
