import { publishJobKind } from '../../core/deliveries/publishing-context.ts';
import { standardTimings } from '../../core/timings.ts';
import { createRunningClock } from '../../test/support/clock.ts';
import { addChannel, createEngineWorld, type EngineWorld } from '../../test/support/engine-world.ts';
import type { BenchDatabase } from './databases.ts';
import { type DeliveryFill, fillDeliveries } from './fill.ts';

/** The product's engine with a network that publishes at once, on the machine's own clock. */
export async function openEngine(database: BenchDatabase): Promise<EngineWorld> {
  const clock = { ...createRunningClock(), set: () => undefined };
  const world = await createEngineWorld(database.db, standardTimings, clock);
  world.network.advance = ({ id }) => ({
    kind: 'published',
    remoteIds: [`v-${id}`],
    url: `https://example.org/v/${id}`,
  });
  return world;
}

export async function addChannels(world: EngineWorld, count: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) ids.push((await addChannel(world)).id);
  return ids;
}

type Filling = Pick<DeliveryFill, 'from' | 'to' | 'state' | 'firstAt' | 'stepMs' | 'channelIds'>;

export async function fillEngine(world: EngineWorld, filling: Filling): Promise<void> {
  const place = { teamId: world.teamId, authorId: world.actor.id, plugin: 'fake' };
  await fillDeliveries(world.db, publishJobKind, { ...place, ...filling });
}

/** Resolves when the engine's network was asked for the n-th time from now on. */
export function afterCalls(world: EngineWorld, count: number): Promise<void> {
  const advance = world.network.advance;
  let calls = 0;
  return new Promise((resolve) => {
    world.network.advance = (...asked) => {
      calls += 1;
      if (calls === count) resolve();
      return advance(...asked);
    };
  });
}
