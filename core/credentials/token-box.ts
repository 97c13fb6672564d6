import type { TokenSet } from '#plugin-api';
import { tokenPlace } from '../keys/sealed-places.ts';
import type { Vault } from '../keys/vault.ts';
import type { Credential } from './credential.ts';
import type { SealedTokens, StoredCredential } from './credential-store.ts';

type Owner = Pick<Credential, 'plugin' | 'appKey' | 'accountId'>;

/** Tokens are sealed for the row of their account: copied to another row they do not open. */
export function sealTokens(vault: Vault, owner: Owner, tokens: TokenSet): SealedTokens {
  return {
    access: vault.seal(tokens.accessToken, tokenPlace(owner, 'access_token')),
    refresh: vault.seal(tokens.refreshToken, tokenPlace(owner, 'refresh_token')),
    expiries: tokens,
    scopes: tokens.scopes,
  };
}

export function openAccessToken(vault: Vault, credential: StoredCredential): string {
  return vault.open(credential.sealedAccess, tokenPlace(credential, 'access_token'));
}

export function openTokens(vault: Vault, credential: StoredCredential): TokenSet {
  return {
    accessToken: openAccessToken(vault, credential),
    refreshToken: vault.open(credential.sealedRefresh, tokenPlace(credential, 'refresh_token')),
    accessExpiresAt: credential.accessExpiresAt,
    refreshExpiresAt: credential.refreshExpiresAt,
    scopes: credential.scopes,
  };
}
