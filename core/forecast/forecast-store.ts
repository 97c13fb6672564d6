import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';

/** A channel's account at its network, and the app it is connected through. */
export interface PostingAccount {
  readonly channelId: number;
  readonly nickname: string;
  readonly username: string | null;
  readonly plugin: string;
  readonly credentialId: number;
  readonly appKey: string;
}

/** Of the team's channels; others are left out. */
export async function selectPostingAccounts(
  sql: Sql,
  teamId: number,
  channelIds: readonly number[],
): Promise<readonly PostingAccount[]> {
  if (channelIds.length === 0) return [];
  const rows: unknown = await sql('channels as c')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .where('c.team_id', teamId)
    .whereIn('c.id', [...channelIds])
    .orderBy('c.id')
    .select('c.id', 'c.nickname', 'c.username', 'c.plugin', 'c.credential_id', 'k.app_key');
  return z.array(accountRow).parse(rows);
}

/** When posts go out, or went out, over all teams: nothing but whose account it is and when. */
export interface PostingTime {
  readonly deliveryId: number;
  readonly credentialId: number;
  readonly appKey: string;
  readonly plugin: string;
  /** UTC milliseconds. */
  readonly at: number;
}

interface Span {
  readonly apps: readonly { readonly plugin: string; readonly appKey: string }[];
  /** Null for every account of the apps. */
  readonly credentialIds: readonly number[] | null;
  readonly from: number;
  readonly to: number;
  /** What is late goes out now. */
  readonly now: number;
  /** Posts that are left out. Those of other teams count whatever is asked for: the number must not tell about them. */
  readonly except: { readonly teamId: number; readonly postIds: readonly number[] };
}

export async function selectPostingTimes(sql: Sql, span: Span): Promise<readonly PostingTime[]> {
  const { apps, credentialIds, from, to, now, except } = span;
  const query = sql('deliveries as d')
    .join('channels as c', 'c.id', 'd.channel_id')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .whereIn('k.plugin', [...new Set(apps.map(({ plugin }) => plugin))])
    .whereIn('k.app_key', [...new Set(apps.map(({ appKey }) => appKey))])
    .whereIn('d.state', ['scheduled', 'publishing', 'processing', 'published'])
    .whereBetween('d.due_at', [from, to])
    .select('d.id', 'd.due_at', 'd.published_at', 'c.credential_id', 'k.app_key', 'k.plugin');
  if (credentialIds !== null) void query.whereIn('c.credential_id', [...credentialIds]);
  if (except.postIds.length > 0) {
    void query.whereNot((own) => {
      void own.where('d.team_id', except.teamId).whereIn('d.post_id', [...except.postIds]);
    });
  }
  const rows: unknown = await query;
  return z
    .array(timeRow)
    .parse(rows)
    .map((row) => ({
      deliveryId: row.id,
      credentialId: row.credential_id,
      appKey: row.app_key,
      plugin: row.plugin,
      at: row.published_at ?? Math.max(row.due_at, now),
    }));
}

const accountRow = z
  .object({
    id: rowId,
    nickname: z.string(),
    username: z.string().nullable(),
    plugin: z.string(),
    credential_id: rowId,
    app_key: z.string(),
  })
  .transform(({ id, credential_id: credentialId, app_key: appKey, ...row }): PostingAccount => ({
    channelId: id,
    credentialId,
    appKey,
    ...row,
  }));

const timeRow = z.object({
  id: rowId,
  due_at: rowTime,
  published_at: rowTime.nullable(),
  credential_id: rowId,
  app_key: z.string(),
  plugin: z.string(),
});
