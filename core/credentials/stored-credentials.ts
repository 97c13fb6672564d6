import { type AccountAccess, type CallWindow, RemoteError, type WindowAnswer } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { wakeDueDeliveries } from '../deliveries/wake-store.ts';
import { type CallWindows, createCallWindows } from '../limits/call-windows.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { askWhetherItWorks } from './confirm-access.ts';
import type { Credential, CredentialService, NetworkAccount, NewCredential } from './credential-service.ts';
import { selectValidCredentialIds, type StoredCredential, upsertCredential } from './credential-store.ts';
import { giveUpGrant } from './give-up-grant.ts';
import { hasEnding, isEnding, refreshAhead } from './refresh-ahead.ts';
import { explained, reconnectNeeded } from './refresh-errors.ts';
import { revokeIfUnused } from './revoke-unused.ts';
import { openAccessToken, sealTokens } from './token-box.ts';
import { readCredential, type RefreshDeps, TokenRefresh } from './token-refresh.ts';

export interface CredentialDeps extends RefreshDeps {
  readonly queue: JobQueue;
}

export function createCredentialService(deps: CredentialDeps): CredentialService {
  const refresh = new TokenRefresh(deps);
  const windows = createCallWindows(deps);
  const accessOf = (credential: Pick<Credential, 'id' | 'accountId' | 'scopes'>): AccountAccess => ({
    accountId: credential.accountId,
    scopes: credential.scopes,
    accessToken: () => asRemote(deps, freshToken(deps, refresh, credential.id)),
    replace: (refused) => asRemote(deps, nextToken(deps, refresh, { id: credential.id, refused })),
    take: (window) => asRemote(deps, takePlace(deps, windows, { credentialId: credential.id, window })),
  });
  return {
    save: (credential, sql) =>
      sql === undefined
        ? deps.db.transaction((own) => saveCredential(deps, own, credential))
        : saveCredential(deps, sql, credential),
    find: async (id) => withoutSecrets(await readCredential(deps, id)),
    access: async (id) => accessOf(await readCredential(deps, id)),
    accessOf,
    renew: (id) => asRemote(deps, renew(deps, refresh, id)),
    async needsReconnect(id) {
      await giveUpGrant(deps, { id, reason: 'app-replaced' });
    },
    confirm: (account, sql) => confirm(deps, account, sql),
    revokeIfUnused: (id) => revokeIfUnused(deps, id),
    hasEnding: () => hasEnding(deps),
    refreshAhead: (signal) => refreshAhead(deps, refresh, signal),
    stop: () => refresh.stop(),
  };
}

async function saveCredential(
  deps: CredentialDeps,
  sql: Sql,
  { plugin, appKey, mode, account }: NewCredential,
): Promise<number> {
  const now = deps.clock.now();
  const owner = { plugin, appKey, accountId: account.accountId };
  const sealed = sealTokens(deps.vault, owner, account.tokens);
  const row = { ...owner, ...sealed, unionId: account.unionId ?? null, mode, now };
  const { id, wasForgotten } = await upsertCredential(sql, row);
  // The network may have revoked after it had let us in again.
  if (wasForgotten) await askWhetherItWorks(deps, id, sql);
  await wakeDueDeliveries(sql, { credentialId: id }, now);
  deps.queue.signal(sql);
  return id;
}

async function confirm(deps: CredentialDeps, account: NetworkAccount, sql: Sql): Promise<void> {
  for (const id of await selectValidCredentialIds(sql, account)) await askWhetherItWorks(deps, id, sql);
}

function withoutSecrets(row: StoredCredential): Credential {
  const { id, plugin, appKey, accountId, unionId, mode, scopes, state, version } = row;
  const { accessExpiresAt, refreshExpiresAt, refreshedAt } = row;
  const owner = { id, plugin, appKey, accountId, unionId, mode };
  return { ...owner, scopes, state, version, accessExpiresAt, refreshExpiresAt, refreshedAt };
}

/** Refreshed when little of its life is left; while it lives, a refresh that fails for now does not matter. */
async function freshToken(deps: CredentialDeps, refresh: TokenRefresh, id: number): Promise<string> {
  const row = await readCredential(deps, id);
  if (row.state === 'reconnect-needed') throw reconnectNeeded(deps.t);
  if (!isEnding(deps, row)) return openAccessToken(deps.vault, row);
  try {
    return openAccessToken(deps.vault, await refresh.refresh(row));
  } catch (error) {
    const isDead = error instanceof RemoteError && error.kind === 'reconnect';
    const leftMs = row.accessExpiresAt - deps.clock.now();
    if (isDead || leftMs < deps.timings.tokenMarginMs) throw error;
    return openAccessToken(deps.vault, row);
  }
}

async function renew(deps: CredentialDeps, refresh: TokenRefresh, id: number): Promise<void> {
  const row = await readCredential(deps, id);
  if (row.state === 'reconnect-needed') throw reconnectNeeded(deps.t);
  await refresh.refresh(row);
}

async function nextToken(
  deps: CredentialDeps,
  refresh: TokenRefresh,
  { id, refused }: { readonly id: number; readonly refused: string },
): Promise<string> {
  const row = await readCredential(deps, id);
  if (row.state === 'reconnect-needed') throw reconnectNeeded(deps.t);
  const stored = openAccessToken(deps.vault, row);
  return stored === refused ? openAccessToken(deps.vault, await refresh.refresh(row)) : stored;
}

/** A network counts per token or per app; another app of the same network has windows of its own. */
async function takePlace(
  deps: CredentialDeps,
  windows: CallWindows,
  { credentialId, window }: { readonly credentialId: number; readonly window: CallWindow },
): Promise<WindowAnswer> {
  if (window.per === 'account') return windows.take(`credential/${credentialId}`, window);
  const { plugin, appKey } = await readCredential(deps, credentialId);
  return windows.take(`app/${plugin}/${appKey}`, window);
}

/** What is wrong with our own database says nothing about the network: the caller may ask again. */
async function asRemote<T>(deps: CredentialDeps, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    deps.log.error({ err: error }, 'a token or a place in a window could not be read');
    throw explained(deps.t, { kind: 'temporary', code: 'token_unreadable', who: 'software' });
  }
}
