import { keyOf } from './key.ts';
import { firstState, type Budget, type State } from './model.ts';
import { movesFrom, type Game } from './moves.ts';
import { postsOf } from './network.ts';

/** What went wrong, and the way there. */
interface Refutation {
  readonly what: 'two posts' | 'published without a post' | 'failed with a post' | 'cancelled with a post' | 'stuck';
  readonly way: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly ends: Readonly<Record<string, number>>;
  /** The shortest, if there is any. */
  readonly refuted: Refutation | undefined;
}

/** Nothing is left to do or to happen. */
function isOver({ delivery, flying }: State): boolean {
  return ended.has(delivery.state) && flying.length === 0;
}

const ended = new Set<string>(['published', 'failed', 'needs-attention', 'cancelled']);

function problemOf(state: State): Refutation['what'] | undefined {
  const posts = postsOf(state);
  if (posts > 1) return 'two posts';
  switch (state.delivery.state) {
    case 'published':
      return posts === 0 ? 'published without a post' : undefined;
    case 'failed':
      return posts > 0 ? 'failed with a post' : undefined;
    case 'cancelled':
      return posts > 0 ? 'cancelled with a post' : undefined;
    default:
      return undefined;
  }
}

/**
 * Visits every state that can be reached, breadth first, and stops at the first that breaks a promise. At last it asks
 * of each state whether an end can be reached from it without anything more going wrong.
 */
export function explore(game: Game, budget: Budget): Exploration {
  const search = new Search(game, budget);
  return search.run();
}

class Search {
  readonly #game: Game;
  readonly #ids = new Map<string, number>();
  readonly #states: (State | undefined)[] = [];
  /** By state: which state and move led to it first. */
  readonly #from: number[] = [];
  readonly #move: string[] = [];
  /** By state: from where it is reached without a fault. */
  readonly #before: number[][] = [];
  readonly #over: number[] = [];
  readonly #ends: Record<string, number> = {};

  constructor(game: Game, budget: Budget) {
    this.#game = game;
    this.#visit(firstState(budget), { from: -1, name: '' });
  }

  run(): Exploration {
    for (let id = 0; id < this.#states.length; id += 1) {
      const state = this.#states[id];
      if (state === undefined) continue;
      const problem = problemOf(state);
      if (problem !== undefined) return this.#result({ what: problem, way: this.#wayTo(id) });
      this.#expand(id, state);
      this.#states[id] = undefined;
    }
    const stuck = this.#firstStuck();
    return this.#result(stuck === undefined ? undefined : { what: 'stuck', way: this.#wayTo(stuck) });
  }

  #expand(id: number, state: State): void {
    if (isOver(state)) {
      this.#over.push(id);
      this.#ends[state.delivery.state] = (this.#ends[state.delivery.state] ?? 0) + 1;
    }
    for (const move of movesFrom(this.#game, state)) {
      const next = this.#visit(move.state, { from: id, name: move.name });
      if (!move.isFault) this.#before[next]?.push(id);
    }
  }

  #visit(state: State, way: { readonly from: number; readonly name: string }): number {
    const key = keyOf(state);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.push(state) - 1;
    this.#ids.set(key, id);
    this.#from.push(way.from);
    this.#move.push(way.name);
    this.#before.push([]);
    return id;
  }

  #firstStuck(): number | undefined {
    const reaches = new Set(this.#over);
    const open = [...this.#over];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const before of this.#before[id] ?? []) {
        if (reaches.has(before)) continue;
        reaches.add(before);
        open.push(before);
      }
    }
    const stuck = this.#states.findIndex((_state, id) => !reaches.has(id));
    return stuck === -1 ? undefined : stuck;
  }

  #wayTo(id: number): readonly string[] {
    const way: string[] = [];
    for (let at = id; at > 0; at = this.#from[at] ?? 0) way.push(this.#move[at] ?? '');
    return way.reverse();
  }

  #result(refuted: Refutation | undefined): Exploration {
    return { states: this.#states.length, ends: this.#ends, refuted };
  }
}
