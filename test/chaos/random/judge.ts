import { z } from 'zod';
import type { Database } from '../../../core/db/database.ts';
import type { SimulatorControl } from '../../../plugins/tiktok/simulator/index.ts';
import { type Lot, lotOf } from './order.ts';

export interface TrialCount {
  readonly dup: number;
  readonly lost: number;
  readonly phantom: number;
  readonly stuck: number;
  /** For a person without being one of those that have to be, or having to be and not. */
  readonly needsAttention: number;
  /** Seen by the web as scheduled and not there. */
  readonly forgotten: number;
}

/** What a trial came to. */
export interface Verdict extends TrialCount {
  /** What was done, and the timeline of each delivery that ended badly. */
  readonly story: readonly string[];
  /** How many deliveries ended so: their code where a person has to look, else their state. */
  readonly ends: ReadonlyMap<string, number>;
}

const deliveryRow = z.object({
  id: z.number(),
  state: z.string(),
  outcome_code: z.string().nullable(),
  caption: z.string(),
});
export type DeliveryRow = z.output<typeof deliveryRow>;

const ended = new Set(['published', 'failed', 'needs-attention', 'cancelled']);

/** Why a person has to look at it, and may not have to at any other. */
const expected: Readonly<Record<Exclude<Lot, 'usual' | 'photos'>, string>> = {
  forgotten: 'status_unknown',
  switched: 'account_switched',
  poison: 'poison',
};

/** Of photos: nobody heard what became of the call that posts them, or TikTok named a fault of its own. */
const unheard: ReadonlySet<string | null> = new Set(['outcome_unknown', 'internal_error']);

export function hasEnded({ state }: DeliveryRow): boolean {
  return ended.has(state);
}

export async function rowsOf(db: Database, trial: string): Promise<readonly DeliveryRow[]> {
  const rows: unknown = await db
    .knex('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .where('p.caption', '>=', `${trial}/`)
    .where('p.caption', '<', `${trial}0`)
    .select('d.id', 'd.state', 'd.outcome_code', 'p.caption');
  return z.array(deliveryRow).parse(rows);
}

/** @param facts `mayBePoisoned`: so many workers have died since it began that one delivery may have met three deaths */
export async function judge(
  { db, control }: { readonly db: Database; readonly control: Pick<SimulatorControl, 'posts'> },
  facts: { readonly trial: string; readonly deliveries: number; readonly mayBePoisoned: boolean },
): Promise<Verdict> {
  const rows = await rowsOf(db, facts.trial);
  const real = countBy(control.posts(), ({ caption }) => caption);
  const count = { dup: 0, lost: 0, phantom: 0, stuck: 0, needsAttention: 0, forgotten: facts.deliveries - rows.length };
  const story: string[] = [];
  for (const row of rows) {
    const posts = real.get(row.caption) ?? 0;
    const problem = problemOf(row, posts, facts.mayBePoisoned);
    count.dup += Math.max(0, posts - 1);
    if (problem !== undefined) count[problem] += 1;
    if (problem === undefined && posts < 2) continue;
    story.push(`${row.caption}: ${row.state} ${row.outcome_code ?? ''}, ${posts} posts`);
    story.push(...(await timelineOf(db, row.id)));
  }
  return { ...count, story, ends: countBy(rows, endOf) };
}

function endOf({ state, outcome_code: code, caption }: DeliveryRow): string {
  return state === 'published' ? `${state} ${lotOf(caption)}` : `${state} ${code ?? ''}`;
}

type Problem = 'lost' | 'phantom' | 'stuck' | 'needsAttention';

function problemOf(row: DeliveryRow, posts: number, mayBePoisoned: boolean): Problem | undefined {
  if (!hasEnded(row)) return 'stuck';
  const lot = lotOf(row.caption);
  if (row.state === 'needs-attention') {
    if (row.outcome_code === 'poison' && (mayBePoisoned || lot === 'poison')) return undefined;
    return mayAsk(lot, row.outcome_code) ? undefined : 'needsAttention';
  }
  if (row.state === 'published' && posts === 0) return 'lost';
  if (row.state === 'failed' && posts > 0) return 'phantom';
  return lot === 'usual' || lot === 'photos' ? undefined : 'needsAttention';
}

/** Whether this is why a person has to look. */
function mayAsk(lot: Lot, code: string | null): boolean {
  if (lot === 'photos') return unheard.has(code);
  return lot !== 'usual' && code === expected[lot];
}

async function timelineOf(db: Database, deliveryId: number): Promise<readonly string[]> {
  const rows: unknown = await db
    .knex('events')
    .where({ subject: 'delivery', subject_id: String(deliveryId) })
    .orderBy('id')
    .select('at', 'kind', 'facts');
  const shape = z.array(z.object({ at: z.number(), kind: z.string(), facts: z.unknown() }));
  return shape.parse(rows).map(({ at, kind, facts }) => `  ${at} ${kind} ${JSON.stringify(facts).slice(0, 160)}`);
}

function countBy<T>(things: readonly T[], of: (thing: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(of(thing), (counts.get(of(thing)) ?? 0) + 1);
  return counts;
}
