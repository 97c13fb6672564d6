import type { JobQueue } from '../queue/job-queue.ts';
import { askWhetherItWorks } from './confirm-access.ts';
import { selectCredential, type StoredCredential, takeUnusedTokens } from './credential-store.ts';
import { openTokens } from './token-box.ts';
import type { RefreshDeps } from './token-refresh.ts';

interface RevokeDeps extends RefreshDeps {
  readonly queue: JobQueue;
}

/**
 * Tells the network once no connected channel uses the access any more. The tokens are forgotten first, under the
 * row's lock: who connects the account at the same moment either keeps it from being revoked or brings new tokens.
 * @returns whether the network was told
 */
export async function revokeIfUnused(deps: RevokeDeps, id: number): Promise<boolean> {
  const taken = await deps.db.transaction((sql) => takeUnusedTokens(sql, id));
  if (taken?.state !== 'valid' || (await wasReconnected(deps, taken))) return false;
  const isRevoked = await revokeAtNetwork(deps, taken);
  // Connected while the network was revoking: the new grant may have gone with the old one, and people must know.
  if (await wasReconnected(deps, taken)) await askWhetherItWorks(deps, id);
  return isRevoked;
}

async function wasReconnected(deps: RevokeDeps, taken: StoredCredential): Promise<boolean> {
  const row = await selectCredential(deps.db.knex, taken.id);
  return row !== undefined && row.version > taken.version + 1;
}

async function revokeAtNetwork(deps: RevokeDeps, row: StoredCredential): Promise<boolean> {
  const active = deps.registry.find(row.plugin);
  const set = await active?.settings.findByAppKey(row.appKey);
  const connector = active?.parts.connector;
  if (set === undefined || connector?.revoke === undefined) return false;
  try {
    await connector.revoke({ set, tokens: openTokens(deps.vault, row) });
    return true;
  } catch (error) {
    deps.log.warn({ err: error, credential: row.id }, 'revoking an access at the network failed');
    return false;
  }
}
