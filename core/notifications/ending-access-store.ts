import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { type OutboxDeps, putNotification } from './outbox-store.ts';

interface EndingAccess {
  readonly channelId: number;
  readonly teamId: number;
  readonly channel: string;
  readonly plugin: string;
  readonly endsAt: number;
}

/** Connected channels whose refresh token ends after `now` and before `before`, and that nobody was told of since. */
export async function selectEndingAccess(
  sql: Sql,
  { now, before, toldSince }: { readonly now: number; readonly before: number; readonly toldSince: number },
): Promise<readonly EndingAccess[]> {
  const rows: unknown = await sql('channels as c')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .where('k.state', 'valid')
    .where('k.refresh_expires_at', '>', now)
    .where('k.refresh_expires_at', '<=', before)
    .whereNull('c.disconnected_at')
    .whereNotExists(told(sql, toldSince).whereRaw('n.subject_id = c.id'))
    .orderBy('k.refresh_expires_at')
    .limit(batch)
    .select('c.id', 'c.team_id', 'c.nickname', 'c.plugin', 'k.refresh_expires_at');
  return z.array(endingRow).parse(rows);
}

const batch = 100;

/** Tells it unless somebody else just did: the channel's row is locked meanwhile. */
export function tellEndingAccess(
  db: Database,
  deps: OutboxDeps,
  { ending, toldSince }: { readonly ending: EndingAccess; readonly toldSince: number },
): Promise<void> {
  const { channelId, teamId, channel, plugin, endsAt } = ending;
  return db.transaction(async (sql) => {
    await sql('channels').where({ id: channelId }).forUpdate().select('id');
    const already: unknown[] = await told(sql, toldSince).where('n.subject_id', channelId);
    if (already.length > 0) return;
    const facts = { channel, plugin, endsAt };
    await putNotification(sql, deps, { kind: 'access-ending', teamId, subjectId: channelId, facts });
  });
}

function told(sql: Sql, since: number) {
  return sql('notifications as n').where('n.kind', 'access-ending').where('n.at', '>', since).select('n.id');
}

const endingRow = z
  .object({ id: rowId, team_id: rowId, nickname: z.string(), plugin: z.string(), refresh_expires_at: rowTime })
  .transform((row): EndingAccess => ({
    channelId: row.id,
    teamId: row.team_id,
    channel: row.nickname,
    plugin: row.plugin,
    endsAt: row.refresh_expires_at,
  }));
