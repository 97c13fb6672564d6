import type { SealedPlace } from './vault.ts';

/** A column that holds sealed texts. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The columns that identify a row; their values, joined by `/`, are what its text is bound to. */
  readonly names: readonly string[];
  /** What long tables are read by, page by page. */
  readonly key?: string;
  /** Where other rows hold plain texts: what tells those that do not. */
  readonly only?: Readonly<Record<string, boolean>>;
}

const credential = { table: 'credentials', key: 'id', names: ['plugin', 'app_key', 'account_id'] } as const;
const accessToken = { ...credential, column: 'access_token' } as const;
const refreshToken = { ...credential, column: 'refresh_token' } as const;
const progress = { table: 'attempts', key: 'id', column: 'progress', names: ['delivery_id', 'n'] } as const;
const setting = {
  ...{ table: 'plugin_settings', column: 'value', names: ['plugin', 'set_id', 'field'] },
  only: { is_sealed: true },
} as const;
const verifier = {
  table: 'oauth_states',
  key: 'state_hash',
  column: 'sealed_verifier',
  names: ['state_hash'],
} as const;

const factor = { table: 'second_factors', key: 'user_id', column: 'sealed_secret', names: ['user_id'] } as const;

/** Every place in the database where the vault's texts lie, but for the checks of the keys themselves. */
export const sealedColumns: readonly SealedColumn[] = [accessToken, refreshToken, progress, setting, verifier, factor];

export function tokenPlace(
  owner: { readonly plugin: string; readonly appKey: string; readonly accountId: string },
  column: 'access_token' | 'refresh_token',
): SealedPlace {
  const { plugin, appKey, accountId } = owner;
  return placeIn(column === 'access_token' ? accessToken : refreshToken, [plugin, appKey, accountId]);
}

export function progressPlace(attempt: { readonly deliveryId: number; readonly n: number }): SealedPlace {
  return placeIn(progress, [attempt.deliveryId, attempt.n]);
}

export function secretPlace(at: {
  readonly pluginId: string;
  readonly setId: string;
  readonly fieldId: string;
}): SealedPlace {
  return placeIn(setting, [at.pluginId, at.setId, at.fieldId]);
}

export function factorPlace(userId: number): SealedPlace {
  return placeIn(factor, [userId]);
}

export function verifierPlace(stateHash: string): SealedPlace {
  return placeIn(verifier, [stateHash]);
}

/** @param values of the column's `names`, in their order */
export function placeIn({ table, column }: SealedColumn, values: readonly (string | number)[]): SealedPlace {
  return { table, column, row: values.join('/') };
}
