import type { AppUse, AppUseRow } from './settings-deps.ts';
import type { SettingsOwner, SettingsValues } from './settings-values.ts';

/** How the app of one set is doing, by the channels that use it. */
export interface SetHealth {
  readonly setId: string;
  /** Connected with it, over all teams. */
  readonly channels: number;
  /** Of these: their access is lost. */
  readonly reconnect: number;
  /** When the network last gave tokens to this app (UTC ms): it accepted App ID and secret then. Null = never. */
  readonly acceptedAt: number | null;
  /** By scope: how many of the channels have granted it. */
  readonly granted: ReadonlyMap<string, number>;
}

/** @returns one for each set, in their order */
export async function setHealth(
  appUse: Pick<AppUse, 'usesOf'>,
  owner: SettingsOwner,
  values: SettingsValues,
): Promise<readonly SetHealth[]> {
  const rows = await appUse.usesOf(owner.id);
  return values.sets.map(({ id, appKey }) =>
    healthOf(id, appKey === '' ? [] : rows.filter((row) => row.appKey === appKey)),
  );
}

function healthOf(setId: string, rows: readonly AppUseRow[]): SetHealth {
  const granted = new Map<string, number>();
  for (const { scopes, count } of rows) {
    for (const scope of scopes) granted.set(scope, (granted.get(scope) ?? 0) + count);
  }
  return {
    setId,
    channels: sum(rows),
    reconnect: sum(rows.filter(({ isLost }) => isLost)),
    acceptedAt: rows.length === 0 ? null : Math.max(...rows.map(({ acceptedAt }) => acceptedAt)),
    granted,
  };
}

function sum(rows: readonly AppUseRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}
