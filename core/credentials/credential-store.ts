import { z } from 'zod';
import type { TokenSet } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { rowId, rowJson, rowTime } from '../db/rows.ts';
import type { Credential } from './credential.ts';

/** A credential with its sealed tokens and who is refreshing it. */
export interface StoredCredential extends Credential {
  readonly sealedAccess: string;
  readonly sealedRefresh: string;
  readonly refreshOwner: string | null;
  readonly refreshUntil: number | null;
}

export interface SealedTokens {
  readonly access: string;
  readonly refresh: string;
  readonly expiries: Pick<TokenSet, 'accessExpiresAt' | 'refreshExpiresAt'>;
  readonly scopes: readonly string[];
}

interface CredentialRow extends SealedTokens {
  readonly plugin: string;
  readonly appKey: string;
  readonly accountId: string;
  readonly unionId: string | null;
  readonly mode: string;
  readonly now: number;
}

/** One per (plugin, app key, account): whoever connects again replaces the tokens for everybody. @returns its id */
export async function upsertCredential(sql: Sql, row: CredentialRow): Promise<number> {
  const owner = { plugin: row.plugin, app_key: row.appKey, account_id: row.accountId };
  const columns = { union_id: row.unionId, mode: row.mode, ...tokenColumns(row, row.now) };
  await sql('credentials')
    .insert({ ...owner, ...columns, version: 1 })
    .onConflict(['plugin', 'app_key', 'account_id'])
    .merge({ ...columns, version: sql.raw('credentials.version + 1') });
  const rows: unknown = await sql('credentials').where(owner).select('id');
  return z.tuple([z.object({ id: rowId })]).parse(rows)[0].id;
}

function tokenColumns(tokens: SealedTokens, now: number) {
  return {
    access_token: tokens.access,
    refresh_token: tokens.refresh,
    scopes: JSON.stringify(tokens.scopes),
    access_expires_at: tokens.expiries.accessExpiresAt,
    refresh_expires_at: tokens.expiries.refreshExpiresAt,
    state: 'valid',
    refresh_owner: null,
    refresh_until: null,
    refreshed_at: now,
  };
}

export async function selectCredential(sql: Sql, id: number): Promise<StoredCredential | undefined> {
  const rows: unknown = await sql('credentials').where({ id }).select(credentialColumns);
  return z.array(credentialRow).parse(rows)[0];
}

/** Valid ones in use whose access token ends before the given time. */
export async function selectEndingCredentials(
  sql: Sql,
  endsBefore: number,
  limit: number,
): Promise<readonly StoredCredential[]> {
  const rows: unknown = await sql('credentials as k')
    .where('k.state', 'valid')
    .where('k.access_expires_at', '<', endsBefore)
    .whereExists(
      sql('channels as c').select(sql.raw('1')).whereRaw('c.credential_id = k.id').whereNull('c.disconnected_at'),
    )
    .orderBy('k.access_expires_at')
    .limit(limit)
    .select(credentialColumns.map((name) => `k.${name}`));
  return z.array(credentialRow).parse(rows);
}

export interface RefreshLease {
  readonly id: number;
  readonly version: number;
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

/** @returns whether this caller alone may refresh now */
export async function takeRefreshLease(sql: Sql, lease: RefreshLease): Promise<boolean> {
  const taken = await sql('credentials')
    .where({ id: lease.id, version: lease.version, state: 'valid' })
    .where((free) => void free.whereNull('refresh_until').orWhere('refresh_until', '<=', lease.now))
    .update({ refresh_owner: lease.owner, refresh_until: lease.until });
  return taken === 1;
}

/** Hands the lease on: to nobody, or to a name that keeps everybody away until a time. */
export async function passRefreshLease(
  sql: Sql,
  held: Pick<RefreshLease, 'id' | 'version' | 'owner'>,
  next: { readonly owner: string; readonly until: number } | null,
): Promise<void> {
  await sql('credentials')
    .where({ id: held.id, version: held.version, refresh_owner: held.owner })
    .update({ refresh_owner: next?.owner ?? null, refresh_until: next?.until ?? null });
}

/** @returns false when the row has moved on to other tokens */
export async function replaceTokens(
  sql: Sql,
  of: { readonly id: number; readonly version: number },
  tokens: SealedTokens & { readonly now: number },
): Promise<boolean> {
  const changed = await sql('credentials')
    .where({ id: of.id, version: of.version })
    .update({ ...tokenColumns(tokens, tokens.now), version: of.version + 1 });
  return changed === 1;
}

/** @returns whether it was valid until now; with a version only if the tokens are still those */
export async function markReconnectNeeded(sql: Sql, id: number, version?: number): Promise<boolean> {
  const changed = await sql('credentials')
    .where({ id, state: 'valid', ...(version === undefined ? {} : { version }) })
    .update({ state: 'reconnect-needed', refresh_owner: null, refresh_until: null });
  return changed === 1;
}

/** Forgets the tokens of a credential that was given up. */
export async function eraseTokens(sql: Sql, of: { readonly id: number; readonly version: number }): Promise<void> {
  await sql('credentials').where({ id: of.id, version: of.version }).update({
    access_token: '',
    refresh_token: '',
    state: 'reconnect-needed',
    refresh_owner: null,
    refresh_until: null,
  });
}

/** The connected channels that use it, over all teams. */
export async function selectChannelsOf(
  sql: Sql,
  credentialId: number,
): Promise<readonly { readonly id: number; readonly teamId: number }[]> {
  const rows: unknown = await sql('channels')
    .where({ credential_id: credentialId })
    .whereNull('disconnected_at')
    .select('id', 'team_id');
  return z
    .array(z.object({ id: rowId, team_id: rowId }))
    .parse(rows)
    .map((row) => ({ id: row.id, teamId: row.team_id }));
}

const credentialColumns = [
  ...['id', 'plugin', 'app_key', 'account_id', 'union_id', 'mode', 'access_token', 'refresh_token', 'scopes', 'state'],
  ...['access_expires_at', 'refresh_expires_at', 'refreshed_at', 'version', 'refresh_owner', 'refresh_until'],
];

const credentialRow = z
  .object({
    id: rowId,
    plugin: z.string(),
    app_key: z.string(),
    account_id: z.string(),
    union_id: z.string().nullable(),
    mode: z.string(),
    access_token: z.string(),
    refresh_token: z.string(),
    scopes: rowJson(z.array(z.string())),
    state: z.enum(['valid', 'reconnect-needed']),
    access_expires_at: rowTime,
    refresh_expires_at: rowTime,
    refreshed_at: rowTime,
    version: z.int(),
    refresh_owner: z.string().nullable(),
    refresh_until: rowTime.nullable(),
  })
  .transform((row): StoredCredential => ({
    id: row.id,
    plugin: row.plugin,
    appKey: row.app_key,
    accountId: row.account_id,
    unionId: row.union_id,
    mode: row.mode,
    scopes: row.scopes,
    state: row.state,
    accessExpiresAt: row.access_expires_at,
    refreshExpiresAt: row.refresh_expires_at,
    refreshedAt: row.refreshed_at,
    version: row.version,
    sealedAccess: row.access_token,
    sealedRefresh: row.refresh_token,
    refreshOwner: row.refresh_owner,
    refreshUntil: row.refresh_until,
  }));
