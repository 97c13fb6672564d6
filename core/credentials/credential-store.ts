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

/**
 * One per (plugin, app key, account): whoever connects again replaces the tokens for everybody.
 * @returns its id, and whether its tokens had been forgotten, since the network was told to revoke them
 */
export async function upsertCredential(
  sql: Sql,
  row: CredentialRow,
): Promise<{ readonly id: number; readonly wasForgotten: boolean }> {
  const owner = { plugin: row.plugin, app_key: row.appKey, account_id: row.accountId };
  const before: unknown = await sql('credentials').where(owner).forUpdate().pluck('access_token');
  const columns = { union_id: row.unionId, mode: row.mode, ...tokenColumns(row, row.now) };
  await sql('credentials')
    .insert({ ...owner, ...columns, version: 1 })
    .onConflict(['plugin', 'app_key', 'account_id'])
    .merge({ ...columns, version: sql.raw('credentials.version + 1') });
  const rows: unknown = await sql('credentials').where(owner).select('id');
  const [{ id }] = z.tuple([z.object({ id: rowId })]).parse(rows);
  return { id, wasForgotten: z.array(z.string()).parse(before)[0] === '' };
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
    refresh_failed_at: null,
    refresh_failed_code: null,
  };
}

/** Of these very tokens: newer ones have not failed. */
export async function noteRefreshFailure(
  sql: Sql,
  of: { readonly id: number; readonly version: number },
  failure: { readonly at: number; readonly code: string },
): Promise<void> {
  await sql('credentials')
    .where({ id: of.id, version: of.version })
    .update({ refresh_failed_at: failure.at, refresh_failed_code: failure.code.slice(0, 80) });
}

export async function selectCredential(sql: Sql, id: number): Promise<StoredCredential | undefined> {
  const rows: unknown = await sql('credentials').where({ id }).select(credentialColumns);
  return z.array(credentialRow).parse(rows)[0];
}

interface Ending {
  /** UTC ms. */
  readonly before: number;
  /** The last one of the batch before this. */
  readonly after?: Pick<StoredCredential, 'id' | 'accessExpiresAt'> | undefined;
  readonly limit: number;
}

/** Valid ones in use whose access token ends before the given time, the next to end first; by key, not by offset. */
export async function selectEndingCredentials(
  sql: Sql,
  { before, after, limit }: Ending,
): Promise<readonly StoredCredential[]> {
  const rows: unknown = await sql('credentials as k')
    .where('k.state', 'valid')
    .where('k.access_expires_at', '<', before)
    .modify((query) => {
      if (after === undefined) return;
      const { accessExpiresAt: at, id } = after;
      void query
        .where('k.access_expires_at', '>=', at)
        .where((next) => void next.where('k.access_expires_at', '>', at).orWhere('k.id', '>', id));
    })
    .whereExists(
      sql('channels as c').select(sql.raw('1')).whereRaw('c.credential_id = k.id').whereNull('c.disconnected_at'),
    )
    .orderBy([{ column: 'k.access_expires_at' }, { column: 'k.id' }])
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

/**
 * Holds the row's lease after an answer was lost: until it ends nobody uses the refresh token again. It stays as the
 * owner afterwards, to remember that the network may have replaced the token.
 */
export const answerLost = 'answer-lost';

/** A lease that ended without being handed back is not taken here: see `passRefreshLease`. @returns whether this caller alone may refresh now */
export async function takeRefreshLease(sql: Sql, lease: RefreshLease): Promise<boolean> {
  const taken = await sql('credentials')
    .where({ id: lease.id, version: lease.version, state: 'valid' })
    .where((free) => void free.whereNull('refresh_owner').orWhere('refresh_owner', answerLost))
    .where((free) => void free.whereNull('refresh_until').orWhere('refresh_until', '<=', lease.now))
    .update({ refresh_owner: lease.owner, refresh_until: lease.until });
  return taken === 1;
}

/** Hands the lease on: to nobody, or to a name that keeps everybody away until a time. @returns whether it was held */
export async function passRefreshLease(
  sql: Sql,
  held: Pick<RefreshLease, 'id' | 'version' | 'owner'>,
  next: { readonly owner: string; readonly until: number } | null,
): Promise<boolean> {
  const passed = await sql('credentials')
    .where({ id: held.id, version: held.version, refresh_owner: held.owner })
    .update({ refresh_owner: next?.owner ?? null, refresh_until: next?.until ?? null });
  return passed === 1;
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

/**
 * Forgets the tokens of a credential that no connected channel uses. Its row is locked first: whoever connects locks it
 * too, before the channel's row, so one of the two sees the other.
 * @returns as it was before; undefined when it is in use, or has no tokens any more
 */
export async function takeUnusedTokens(sql: Sql, id: number): Promise<StoredCredential | undefined> {
  const rows: unknown = await sql('credentials').where({ id }).forUpdate().select(credentialColumns);
  const row = z.array(credentialRow).parse(rows)[0];
  if (row === undefined || row.sealedAccess === '' || (await selectChannelsOf(sql, id)).length > 0) return undefined;
  // The version goes up: a refresh that is under way finds other tokens than its own and keeps nothing.
  await sql('credentials')
    .where({ id })
    .update({
      ...{ access_token: '', refresh_token: '', state: 'reconnect-needed', version: row.version + 1 },
      ...{ refresh_owner: null, refresh_until: null },
    });
  return row;
}

/** The valid one of an account, by what the network calls it. */
export async function selectValidCredentialIds(
  sql: Sql,
  account: { readonly plugin: string; readonly appKey: string; readonly accountId: string },
): Promise<readonly number[]> {
  const { plugin, appKey: app_key, accountId: account_id } = account;
  const rows: unknown = await sql('credentials').where({ plugin, app_key, account_id, state: 'valid' }).select('id');
  return z
    .array(z.object({ id: rowId }))
    .parse(rows)
    .map((row) => row.id);
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
