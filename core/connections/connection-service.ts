import type { Database } from '../db/database.ts';
import type { SettingsService } from '../settings/settings-service.ts';
import type { ActivePlugin } from '../plugin-host/plugin-registry.ts';
import type { Connection, ConnectionFilter, ConnectionPlace } from './connection.ts';
import { selectConnections, tallyConnections } from './connection-store.ts';

/** Which connections a page shows: all, those that need somebody, those whose refresh failed, or those of one set. */
export type ConnectionView =
  | { readonly kind: 'all' | 'reconnect' | 'failed' }
  | { readonly kind: 'set'; readonly setId: string }
  | { readonly kind: 'missing'; readonly scope: string };

interface ConnectionTurn {
  readonly limit: number;
  readonly after?: ConnectionPlace;
  readonly before?: ConnectionPlace;
}

/** `setId`: whose app it is now; undefined for one that was replaced. */
export type ConnectionOfSet = Connection & { readonly setId: string | undefined };

interface ConnectionPage {
  readonly connections: readonly ConnectionOfSet[];
  /** Where the pages before and after begin; null where there is none. */
  readonly earlier: ConnectionPlace | null;
  readonly later: ConnectionPlace | null;
}

interface ConnectionCounts {
  readonly all: number;
  readonly reconnect: number;
  readonly failed: number;
  readonly bySet: ReadonlyMap<string, number>;
}

/** App keys by set, as they are saved now; a set without one is left out. */
type HeldKeys = ReadonlyMap<string, string>;

export interface ConnectionService {
  page(active: ActivePlugin, view: ConnectionView, turn: ConnectionTurn): Promise<ConnectionPage>;
  counts(active: ActivePlugin): Promise<ConnectionCounts>;
}

interface ConnectionDeps {
  readonly db: Database;
  readonly settings: Pick<SettingsService, 'appKeysBySet'>;
}

export function createConnectionService(deps: ConnectionDeps): ConnectionService {
  const keysOf = ({ plugin }: ActivePlugin) => deps.settings.appKeysBySet(plugin);
  return {
    async page(active, view, turn) {
      const keys = await keysOf(active);
      const { connections, ...around } = await readPage(deps, { active, filter: filterOf(view, keys) }, turn);
      const setIds = new Map([...keys].map(([id, key]) => [key, id] as const));
      return { ...around, connections: connections.map((one) => ({ ...one, setId: setIds.get(one.appKey) })) };
    },
    async counts(active) {
      const keys = await keysOf(active);
      const tallies = await tallyConnections(deps.db, active.plugin.id);
      const held = new Set(keys.values());
      const sum = (rows: typeof tallies) => rows.reduce((total, { count }) => total + count, 0);
      return {
        all: sum(tallies),
        reconnect: sum(tallies.filter(({ isLost, appKey }) => isLost || !held.has(appKey))),
        failed: sum(tallies.filter(({ hasFailed }) => hasFailed)),
        bySet: new Map([...keys].map(([id, key]) => [id, sum(tallies.filter(({ appKey }) => appKey === key))])),
      };
    },
  };
}

/** No connection is of a set without an app. */
const nobodysKey = '';

function filterOf(view: ConnectionView, keys: HeldKeys): ConnectionFilter {
  switch (view.kind) {
    case 'all':
      return {};
    case 'reconnect':
      return { lostOrNotOf: [...keys.values()] };
    case 'failed':
      return { hasFailed: true };
    case 'set':
      return { appKey: keys.get(view.setId) ?? nobodysKey };
    case 'missing':
      return { missing: view.scope };
  }
}

interface FoundPage extends Omit<ConnectionPage, 'connections'> {
  readonly connections: readonly Connection[];
}

async function readPage(
  { db }: ConnectionDeps,
  { active, filter }: { active: ActivePlugin; filter: ConnectionFilter },
  { limit, ...turn }: ConnectionTurn,
): Promise<FoundPage> {
  const found = await selectConnections(db, { plugin: active.plugin.id, filter, limit: limit + 1, ...turn });
  const hasMore = found.length > limit;
  const isBackwards = turn.before !== undefined;
  const connections = hasMore ? (isBackwards ? found.slice(1) : found.slice(0, limit)) : found;
  const hasEarlier = isBackwards ? hasMore : turn.after !== undefined;
  const hasLater = isBackwards || hasMore;
  return {
    connections,
    earlier: hasEarlier ? placeOf(connections.at(0)) : null,
    later: hasLater ? placeOf(connections.at(-1)) : null,
  };
}

function placeOf(connection: Connection | undefined): ConnectionPlace | null {
  return connection === undefined ? null : { teamId: connection.team.id, channelId: connection.channelId };
}
