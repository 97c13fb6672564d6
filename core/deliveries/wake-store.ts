import { z } from 'zod';
import type { PublishedPost } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { rowId } from '../db/rows.ts';
import { bringForward, takeBackJobs } from '../queue/job-store.ts';
import { publishJobKind } from './publishing-context.ts';

type Held = { readonly credentialId: number } | { readonly channelId: number };

/**
 * What becomes due while the waking transaction is still open is found by a worker as it was before, and would be left
 * to wait for a wake that has passed it by. Woken a little early it is only looked at: nothing is published before its
 * time.
 */
const becomesDueMs = 60_000;
const keysAtOnce = 500;

/**
 * Brings forward what waits at a channel, or at every channel of a credential, although it is due: after resuming and
 * reconnecting. What is not due soon stays where it is.
 */
export async function wakeDueDeliveries(sql: Sql, of: Held, now: number): Promise<void> {
  const query = sql('deliveries as d')
    .whereIn('d.state', ['scheduled', 'publishing', 'processing'])
    .where('d.due_at', '<=', now + becomesDueMs)
    .select('d.id');
  const rows: unknown = await ('channelId' in of
    ? query.where('d.channel_id', of.channelId)
    : query.join('channels as c', 'c.id', 'd.channel_id').where('c.credential_id', of.credentialId));
  const ids = z
    .array(z.object({ id: rowId }))
    .parse(rows)
    .map((row) => row.id);
  if (ids.length === 0) return;
  await bringForward(sql, { kind: publishJobKind, keys: ids.map(String) }, now);
  await sql('deliveries').whereIn('id', ids).where({ hold: 'reconnect' }).update({ hold: null, updated_at: now });
}

/**
 * Takes from the workers whatever they publish for a team or could begin to, after its channels were paused in the same
 * transaction: no delivery passes its point of no return any more, and those that have are seen by whoever looks next.
 */
export async function takeTeamFromWorkers(sql: Sql, teamId: number, now: number): Promise<void> {
  const rows: unknown = await sql('deliveries')
    .where({ team_id: teamId })
    .whereIn('state', ['scheduled', 'publishing', 'processing'])
    .where('due_at', '<=', now + becomesDueMs)
    .select('id');
  const ids = z.array(z.object({ id: rowId })).parse(rows);
  for (let n = 0; n < ids.length; n += keysAtOnce) {
    const keys = ids.slice(n, n + keysAtOnce).map(({ id }) => String(id));
    await takeBackJobs(sql, { kind: publishJobKind, keys }, now);
  }
}

/**
 * The network has called about a delivery that waits for a person: its finished job runs once more, to look. One
 * statement: a person who decides at this moment holds the job's row and goes first or finds it taken.
 */
export async function wakeForLateLook(sql: Sql, deliveryId: number, now: number): Promise<void> {
  const waitsForPerson = sql('deliveries')
    .select(sql.raw('1'))
    .where({ 'deliveries.id': deliveryId, 'deliveries.state': 'needs-attention' });
  await sql('jobs')
    .where({ kind: publishJobKind, key: String(deliveryId), state: 'finished' })
    .whereExists(waitsForPerson)
    .update({
      fence: sql.raw('fence + 1'),
      deaths: 0,
      failures: 0,
      payload: JSON.stringify({ isLateLook: true }),
      run_at: now,
      state: 'waiting',
      woken_at: null,
      updated_at: now,
    });
}

/** Published posts of the channel by the network's id; who made each is for showing "posted with". */
export async function selectPublishedPosts(
  sql: Sql,
  channelId: number,
  remoteIds: readonly string[],
): Promise<ReadonlyMap<string, PublishedPost>> {
  if (remoteIds.length === 0) return new Map();
  const rows: unknown = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .leftJoin('users as u', 'u.id', 'p.created_by')
    .where('d.channel_id', channelId)
    .whereIn('d.remote_id', [...remoteIds])
    .select('d.remote_id', 'd.post_id', 'u.name');
  const found = z.array(z.object({ remote_id: z.string(), post_id: rowId, name: z.string().nullable() })).parse(rows);
  return new Map(found.map((row) => [row.remote_id, { postId: row.post_id, authorName: row.name ?? '' }]));
}
