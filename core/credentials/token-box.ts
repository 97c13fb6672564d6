import type { TokenSet } from '#plugin-api';
import type { Vault } from '../keys/vault.ts';
import type { Credential } from './credential.ts';
import type { SealedTokens, StoredCredential } from './credential-store.ts';

type Owner = Pick<Credential, 'plugin' | 'appKey' | 'accountId'>;

/** Tokens are sealed for the row of their account: copied to another row they do not open. */
export function sealTokens(vault: Vault, owner: Owner, tokens: TokenSet): SealedTokens {
  return {
    access: vault.seal(tokens.accessToken, place(owner, 'access_token')),
    refresh: vault.seal(tokens.refreshToken, place(owner, 'refresh_token')),
    expiries: tokens,
    scopes: tokens.scopes,
  };
}

export function openAccessToken(vault: Vault, credential: StoredCredential): string {
  return vault.open(credential.sealedAccess, place(credential, 'access_token'));
}

export function openTokens(vault: Vault, credential: StoredCredential): TokenSet {
  return {
    accessToken: openAccessToken(vault, credential),
    refreshToken: vault.open(credential.sealedRefresh, place(credential, 'refresh_token')),
    accessExpiresAt: credential.accessExpiresAt,
    refreshExpiresAt: credential.refreshExpiresAt,
    scopes: credential.scopes,
  };
}

function place({ plugin, appKey, accountId }: Owner, column: 'access_token' | 'refresh_token') {
  return { table: 'credentials', column, row: `${plugin}/${appKey}/${accountId}` };
}
