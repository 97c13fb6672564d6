import type { Clock } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { appKeysOf } from '../settings/app-keys.ts';
import type { Timings } from '../timings.ts';
import type { FrameReader, TeamFacts } from '../web/pages.ts';
import { selectTeamFacts } from './team-facts-store.ts';

interface TeamFactsParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Pick<Timings, 'accessEndingMs'>;
  readonly registry: PluginRegistry;
  readonly config: Pick<Config, 'plugins'>;
}

/** What the frame around a page tells this member of the team: no more than the role lets the member act on. */
export async function readTeamFacts(
  { db, clock, timings, registry, config }: TeamFactsParts,
  teamId: number,
  { personId, role }: FrameReader,
): Promise<TeamFacts> {
  const networks = registry.all().map(({ plugin }) => plugin);
  // Those who can put nothing right are told nothing.
  const isTold = roleMay(role, 'posts.edit');
  const { channels, keys, counts } = await selectTeamFacts(db.knex, {
    teamId,
    endingBefore: clock.now() + timings.accessEndingMs,
    keyFields: networks.map(({ id, settings }) => ({ plugin: id, field: settings.appKeyField })),
    asksForWaiting: roleMay(role, 'posts.approve'),
    readerId: isTold ? personId : null,
  });
  const held = new Map(
    networks.map((network) => {
      const stored = keys.filter(({ plugin }) => plugin === network.id);
      return [network.id, appKeysOf(network, config.plugins.get(network.id), stored)];
    }),
  );
  // A channel whose app an admin has replaced needs reconnecting, whatever its tokens say.
  const inNeed = channels.map(({ plugin, appKey, count, needing }) =>
    held.get(plugin)?.has(appKey) === false ? count : needing,
  );
  return {
    channelCount: sumOf(channels.map(({ count }) => count)),
    counts: { posts: (counts.get('asking') ?? 0) + (counts.get('waiting') ?? 0), channels: sumOf(inNeed) },
    ...(isTold ? { unread: counts.get('unread') ?? 0 } : {}),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}
