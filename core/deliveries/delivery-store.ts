import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { anyJson, rowBoolean, rowId, rowJson, rowTime } from '../db/rows.ts';
import { type Delivery, type DeliveryState, deliveryStates, type Due, holds, type NewDelivery } from './delivery.ts';

export async function insertDelivery(
  sql: Sql,
  delivery: NewDelivery & { readonly needsApproval: boolean },
  now: number,
): Promise<number> {
  const ids: unknown = await sql('deliveries').insert({
    post_id: delivery.postId,
    team_id: delivery.teamId,
    channel_id: delivery.channelId,
    plugin: delivery.plugin,
    state: delivery.due === null ? 'draft' : 'scheduled',
    caption: delivery.caption ?? null,
    options: JSON.stringify(delivery.options),
    consent: delivery.consent === null ? null : JSON.stringify(delivery.consent),
    needs_approval: delivery.needsApproval,
    hold: delivery.needsApproval ? 'approval' : null,
    ...dueColumns(delivery.due),
    updated_at: now,
  });
  return z.tuple([rowId]).parse(ids)[0];
}

export function dueColumns(due: Due | null) {
  return { due_wall: due?.wall ?? null, due_zone: due?.zone ?? null, due_at: due?.at ?? null };
}

/** What is known of the post at the network. @param published `at` absent keeps the time */
export function publishedColumns(published: {
  readonly remoteIds: readonly string[];
  readonly url: string | null;
  readonly at?: number;
}) {
  return {
    remote_id: published.remoteIds[0] ?? null,
    remote_ids: JSON.stringify(published.remoteIds),
    url: published.url,
    ...(published.at === undefined ? {} : { published_at: published.at }),
  };
}

/** For a change that a person makes; the caller holds the lock of the delivery's job. */
export async function updateDelivery(
  sql: Sql,
  id: number,
  columns: Readonly<Record<string, string | number | boolean | null>>,
): Promise<void> {
  await sql('deliveries').where({ id }).update(columns);
}

export async function raiseRevision(sql: Sql, id: number): Promise<void> {
  await sql('deliveries').where({ id }).increment('revision', 1);
}

/** With its attempts; events keep what happened. */
export async function deleteDelivery(sql: Sql, id: number): Promise<void> {
  await sql('attempts').where({ delivery_id: id }).delete();
  await sql('deliveries').where({ id }).delete();
}

/** @param forUpdate locks the row (MySQL, MariaDB), so that what is read is what is changed */
export async function selectDelivery(
  sql: Sql,
  { teamId, id, forUpdate }: { readonly teamId: number; readonly id: number; readonly forUpdate?: true },
): Promise<Delivery | undefined> {
  const query = deliveries(sql).where({ 'd.team_id': teamId, 'd.id': id });
  const rows: unknown = await (forUpdate === true ? query.forUpdate() : query);
  return z.array(deliveryRow).parse(rows)[0];
}

/**
 * The team of deliveries that are found by their posts. The plus keeps databases from an index over teams: SQLite, which
 * has counted nothing, would read every delivery of the team rather than those of fifty posts.
 */
export const ofTeam = '+d.team_id';

export async function selectDeliveriesOfPosts(
  sql: Sql,
  teamId: number,
  postIds: readonly number[],
): Promise<readonly Delivery[]> {
  if (postIds.length === 0) return [];
  const rows: unknown = await deliveries(sql)
    .whereRaw(`${ofTeam} = ?`, [teamId])
    .whereIn('d.post_id', [...postIds])
    .orderBy(['d.post_id', 'd.id']);
  return z.array(deliveryRow).parse(rows);
}

export async function selectDeliveriesOfChannel(
  sql: Sql,
  channelId: number,
  states: readonly DeliveryState[],
): Promise<readonly Delivery[]> {
  const rows: unknown = await deliveries(sql)
    .where({ 'd.channel_id': channelId })
    .whereIn('d.state', [...states])
    .orderBy(['d.due_at', 'd.id']);
  return z.array(deliveryRow).parse(rows);
}

/**
 * Keeps the channel connected until the transaction ends: a disconnection waits for it, and then sees what was made.
 * @returns false when it is disconnected already
 */
export async function holdConnected(sql: Sql, channelId: number): Promise<boolean> {
  const rows: unknown[] = await sql('channels')
    .where({ id: channelId })
    .whereNull('disconnected_at')
    .forShare()
    .select('id');
  return rows.length === 1;
}

export async function isMediaInUse(sql: Sql, mediaId: number): Promise<boolean> {
  const rows: unknown[] = await sql('post_media as pm')
    .join('deliveries as d', 'd.post_id', 'pm.post_id')
    .where('pm.media_id', mediaId)
    .whereIn('d.state', ['draft', 'scheduled', 'publishing', 'processing'])
    .limit(1)
    .select('d.id');
  return rows.length > 0;
}

function deliveries(sql: Sql) {
  return sql('deliveries as d')
    .leftJoin('attempts as a', (join) => {
      join.on('a.delivery_id', 'd.id').onIn('a.outcome', ['open', 'published']);
    })
    .select('d.id', 'd.post_id', 'd.team_id', 'd.channel_id', 'd.plugin', 'd.state', 'd.hold', 'd.revision')
    .select(
      'd.caption',
      'd.options',
      'd.consent',
      'd.needs_approval',
      'd.approval',
      'd.due_wall',
      'd.due_zone',
      'd.due_at',
      'd.percent',
      'd.outcome_code',
    )
    .select('d.outcome', 'd.remote_ids', 'd.url', 'd.link_pending', 'd.published_at')
    .select('a.point_of_no_return_at', 'a.reference');
}

const outcomeSchema = z
  .object({
    sentence: z.string(),
    who: z.enum(['you', 'team', 'admin', 'network', 'software']),
    nextStep: z.string(),
    code: z.string(),
    logId: z.string().optional(),
    mayBePosted: z.boolean(),
    at: z.number(),
  })
  .transform(({ logId, ...rest }) => ({ ...rest, ...(logId === undefined ? {} : { logId }) }));

const consentSchema = z.object({
  by: z.number(),
  byName: z.string(),
  at: z.number(),
  text: z.string(),
  options: anyJson,
});

const approvalSchema = z.object({ by: z.number(), byName: z.string(), at: z.number() });

// What cannot be read any more is nothing: people must still see the delivery, and what became of it.
const deliveryRow = z
  .object({
    id: rowId,
    post_id: rowId,
    team_id: rowId,
    channel_id: rowId,
    plugin: z.string(),
    state: z.enum(deliveryStates),
    hold: z.enum(holds).nullable(),
    revision: z.int(),
    caption: z.string().nullable(),
    options: rowJson(anyJson).catch(null),
    consent: rowJson(consentSchema).nullable().catch(null),
    needs_approval: rowBoolean,
    approval: rowJson(approvalSchema).nullable().catch(null),
    due_wall: z.string().nullable(),
    due_zone: z.string().nullable(),
    due_at: rowTime.nullable(),
    percent: z.int().nullable(),
    outcome_code: z.string().nullable(),
    outcome: rowJson(outcomeSchema).nullable().catch(null),
    remote_ids: rowJson(z.array(z.string())).nullable().catch(null),
    url: z.string().nullable(),
    link_pending: rowBoolean,
    published_at: rowTime.nullable(),
    point_of_no_return_at: rowTime.nullable(),
    reference: z.string().nullable(),
  })
  .transform((row): Delivery => ({
    id: row.id,
    postId: row.post_id,
    teamId: row.team_id,
    channelId: row.channel_id,
    plugin: row.plugin,
    state: row.state,
    hold: row.hold,
    revision: row.revision,
    caption: row.caption,
    options: row.options,
    consent: row.consent,
    needsApproval: row.needs_approval,
    approval: row.approval,
    dueWall: row.due_wall,
    dueZone: row.due_zone,
    dueAt: row.due_at,
    percent: row.percent,
    outcomeCode: row.outcome_code,
    outcome: row.outcome,
    remoteIds: row.remote_ids ?? [],
    url: row.url,
    linkPending: row.link_pending,
    publishedAt: row.published_at,
    pointOfNoReturnAt: row.point_of_no_return_at,
    isNamed: row.reference !== null,
  }));
