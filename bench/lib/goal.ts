import { median, rounded } from './figures.ts';

/** What a figure must reach, and from when on it is close to what is possible. */
export interface Bound {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Figure {
  readonly what: string;
  readonly database: 'SQLite' | 'MariaDB' | '–';
  readonly value: number;
  readonly unit: string;
  readonly must?: Bound;
  readonly close?: Bound;
}

export interface BenchContext {
  readonly rounds: number;
  /** Full sizes are those of the goals; small ones show in a minute that everything still runs. */
  readonly isSmall: boolean;
  /** Prints one JSON line. */
  say(facts: object): void;
}

/** One goal: it sets up, measures beside its peer, and cleans up. */
export interface Goal {
  readonly id: string;
  readonly title: string;
  run(context: BenchContext): Promise<readonly Figure[]>;
}

export function meets(value: number, bound: Bound | undefined): boolean {
  if (bound === undefined) return true;
  return value >= (bound.atLeast ?? -Infinity) && value <= (bound.atMost ?? Infinity);
}

interface Sides {
  readonly goal: string;
  readonly what: string;
  readonly database: Figure['database'];
}

/**
 * Both sides in turn, as often as asked, each round's ratio taken within the round.
 * @returns the median ratio of ours to the peer's
 */
export async function interleaved(
  context: BenchContext,
  sides: Sides,
  measure: { readonly ours: () => Promise<number>; readonly peer: () => Promise<number> },
): Promise<number> {
  const ratios: number[] = [];
  for (let round = 1; round <= context.rounds; round += 1) {
    // Whoever goes second finds warmer caches: the order changes.
    const [ours, peer] =
      round % 2 === 1
        ? await inOrder(measure.ours, measure.peer)
        : await inOrder(measure.peer, measure.ours).then(([p, o]) => [o, p] as const);
    ratios.push(ours / peer);
    context.say({ ...sides, round, ours: rounded(ours), peer: rounded(peer), ratio: rounded(ours / peer) });
  }
  return median(ratios);
}

async function inOrder(
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<readonly [number, number]> {
  const a = await first();
  return [a, await second()];
}

/** The table of docs/PERFORMANCE.md. */
export function markdownTable(results: ReadonlyMap<Goal, readonly Figure[]>): string {
  const rows = [...results].flatMap(([goal, figures]) =>
    figures.map((figure) =>
      [
        goal.id,
        figure.what,
        figure.database,
        `${rounded(figure.value)}${figure.unit}`,
        boundText(figure.must, figure.unit),
        boundText(figure.close, figure.unit),
        verdict(figure),
      ].join(' | '),
    ),
  );
  const head = ['goal', 'what', 'database', 'measured', 'must', 'close', ''].join(' | ');
  return [head, '--- | --- | --- | --- | --- | --- | ---', ...rows].map((row) => `| ${row} |`).join('\n');
}

function boundText(bound: Bound | undefined, unit: string): string {
  if (bound === undefined) return '';
  const least = bound.atLeast === undefined ? [] : [`≥ ${bound.atLeast}${unit}`];
  const most = bound.atMost === undefined ? [] : [`≤ ${bound.atMost}${unit}`];
  return [...least, ...most].join(', ');
}

function verdict(figure: Figure): string {
  if (!meets(figure.value, figure.must)) return 'missed';
  if (figure.must === undefined) return '';
  return figure.close !== undefined && meets(figure.value, figure.close) ? 'close' : 'held';
}
