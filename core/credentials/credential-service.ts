import type { AccountAccess, ConnectedAccount } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import type { Credential } from './credential.ts';

export type * from './credential.ts';

export interface NewCredential {
  readonly plugin: string;
  readonly appKey: string;
  readonly mode: string;
  readonly account: ConnectedAccount;
}

/** An account as its network names it: app and account id together. */
export interface NetworkAccount {
  readonly plugin: string;
  readonly appKey: string;
  readonly accountId: string;
}

export interface CredentialService {
  /** Inserts, or replaces the tokens of (plugin, app key, account); what waited for reconnecting goes on. @returns its id */
  save(credential: NewCredential, sql?: Sql): Promise<number>;
  /** @throws NotFoundError */
  find(id: number): Promise<Credential>;
  /** Fresh tokens on demand, refreshed by one process at a time. @throws NotFoundError */
  access(id: number): Promise<AccountAccess>;
  /** The same for what was read already: asks the database only when a token is needed. */
  accessOf(credential: Pick<Credential, 'id' | 'accountId' | 'scopes'>): AccountAccess;
  /**
   * Renews an access now, however much of its life is left: the refresh token is spent, and another is stored.
   * @throws NotFoundError, RemoteError
   */
  renew(id: number): Promise<void>;
  /** Its app was taken away by an admin: people are asked to reconnect. */
  needsReconnect(id: number): Promise<void>;
  /** Somebody says that the account threw us out: a job asks the network. Unknown accounts are ignored. */
  confirm(account: NetworkAccount, sql: Sql): Promise<void>;
  /** Tells the network, when no connected channel uses it any more. @returns whether it was told */
  revokeIfUnused(id: number): Promise<boolean>;
  /** Whether some access runs out soon. Only reads. */
  hasEnding(): Promise<boolean>;
  /** Refreshes what runs out soon, so that publishing rarely waits for it. */
  refreshAhead(signal: AbortSignal): Promise<void>;
  /** Begins no refresh any more. Resolves once none is between the network and its row: a graceful stop waits for it. */
  stop(): Promise<void>;
}
