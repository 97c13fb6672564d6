import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createDice, type Dice } from '../dice.ts';
import type { Arena } from './arena.ts';
import { hasEnded, judge, rowsOf, type Verdict } from './judge.ts';
import { captionOf, type Lot, type NewPost } from './order.ts';
import { post } from './post.ts';
import { hostTimings } from './quick.ts';

const quiesceMs = 240_000;
/** Every so many trials one delivery kills each worker that touches it. */
const poisonEvery = 8;
const atOnce = 4;
const photosEvery = 6;

export interface TrialPlan {
  readonly seed: number;
  readonly deliveries: number;
}

/**
 * So many posts are scheduled at the web and due at once, a share of all requests meets a fate, TikTok's webhooks go
 * astray, and something of ours is killed or stopped. Several may run in one arena at the same time.
 */
export async function runTrial(arena: Arena, { seed, deliveries }: TrialPlan): Promise<Verdict> {
  const dice = createDice(String(seed));
  const trial = `${seed}.${randomBytes(3).toString('hex')}`;
  const deathsBefore = arena.workerDeaths;
  const disaster = disasterOf(arena, dice);
  const delayMs = dice.between(0, 600);
  const strikes = pause(delayMs).then(() => disaster.strike());
  await scheduleAll(arena, { trial, lots: lotsOf(dice, { seed, deliveries }) });
  await Promise.all([strikes, quiesce(arena, trial)]);
  const mayBePoisoned = arena.workerDeaths - deathsBefore >= 3;
  const { world, control } = arena;
  const verdict = await onceThere(() => judge({ db: world.db, control }, { trial, deliveries, mayBePoisoned }));
  if (verdict.story.length === 0) return verdict;
  const title = `seed ${seed} on ${arena.kind}: ${disaster.name} after ${delayMs} ms, ${deliveries} deliveries`;
  return { ...verdict, story: [title, ...verdict.story] };
}

/** One delivery that TikTok forgets, one whose account was switched, now and then a poisonous one; of the rest every sixth has photos. */
function lotsOf(dice: Dice, { seed, deliveries }: TrialPlan): readonly Lot[] {
  const special: readonly Lot[] = ['forgotten', 'switched', ...(seed % poisonEvery === 0 ? (['poison'] as const) : [])];
  const usual = Array.from({ length: Math.max(0, deliveries - special.length) }, (_, n): Lot =>
    n % photosEvery === 0 ? 'photos' : 'usual',
  );
  return dice.shuffled([...special, ...usual]).slice(0, deliveries);
}

async function scheduleAll(
  arena: Arena,
  { trial, lots }: { readonly trial: string; readonly lots: readonly Lot[] },
): Promise<void> {
  const posts = [...lots.entries()].map(([n, lot]) => ({ n, caption: captionOf({ trial, n, lot }) }));
  const one = async (): Promise<void> => {
    for (let next = posts.shift(); next !== undefined; next = posts.shift()) {
      await schedule(arena, { channelId: arena.channels[next.n] ?? 0, caption: next.caption });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** As a person does who saw no answer: the same form again. */
async function schedule({ webUrl }: Arena, wanted: NewPost): Promise<void> {
  const end = performance.now() + quiesceMs;
  while (performance.now() < end) {
    const status = await post(`${webUrl}/posts`, JSON.stringify(wanted)).catch(() => undefined);
    if (status === 200) return;
    await pause(30);
  }
}

interface Disaster {
  readonly name: string;
  strike(): Promise<unknown>;
}

function disasterOf(arena: Arena, dice: Dice): Disaster {
  const { server, web, workers } = arena;
  const who = dice.between(0, workers.length - 1);
  const name = ['A', 'B'][who] ?? '';
  const chosen = dice.shuffled<Disaster>([
    { name: `kill worker ${name}`, strike: async () => workers[who]?.kill() },
    { name: 'kill both workers', strike: () => Promise.all(workers.map((one) => one.kill())) },
    { name: `stop worker ${name} for three leases`, strike: async () => workers[who]?.stall(3 * hostTimings.leaseMs) },
    { name: 'kill the web', strike: () => web.kill() },
    ...(server === undefined ? [] : [{ name: 'kill the database', strike: () => server.restart() }]),
  ])[0];
  if (chosen === undefined) throw new Error('There is always a disaster to choose.');
  return chosen;
}

/** Another trial in the arena may be killing the database: that is no verdict about this one. */
async function onceThere<T>(ask: () => Promise<T>): Promise<T> {
  const end = performance.now() + quiesceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(60);
    }
  }
}

async function quiesce({ world }: Arena, trial: string): Promise<void> {
  const end = performance.now() + quiesceMs;
  while (performance.now() < end) {
    // The database may be away for a moment: that is what is tested.
    const rows = await rowsOf(world.db, trial).catch(() => undefined);
    if (rows?.every(hasEnded) === true) return;
    await pause(60);
  }
}
