import path from 'node:path';
import { z } from 'zod';
import type { MediaView, PublishingDelivery } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { anyJson, rowBoolean, rowId, rowJson, rowTime } from '../db/rows.ts';
import { deliveryStates, type DeliveryState, type Hold, holds } from './delivery.ts';

/** The open attempt, or of a published delivery the one that published it. `sealedProgress` only the vault opens. */
export interface StoredAttempt {
  readonly n: number;
  readonly credentialId: number;
  readonly revision: number;
  readonly reference: string | null;
  readonly sealedProgress: string | null;
  readonly startedAt: number;
  readonly pointOfNoReturnAt: number | null;
}

/** Everything that publishing a delivery needs to know, read in one statement. */
export interface PublishingWork {
  readonly id: number;
  readonly postId: number;
  readonly teamId: number;
  readonly plugin: string;
  readonly state: DeliveryState;
  readonly hold: Hold | null;
  readonly revision: number;
  readonly dueAt: number | null;
  readonly publishedAt: number | null;
  readonly linkPending: boolean;
  readonly graceMs: number;
  /** Nobody who may has agreed to it. */
  readonly needsApproval: boolean;
  readonly isPaused: boolean;
  readonly isDisconnected: boolean;
  readonly credential: { readonly id: number; readonly accountId: string; readonly scopes: readonly string[] };
  readonly lastAttemptN: number;
  readonly attempt: StoredAttempt | null;
  readonly view: Omit<PublishingDelivery, 'dueAt'>;
}

/** A row that cannot be read is an error of its own delivery only. */
export type FoundWork = PublishingWork | Error | undefined;

/** @returns in the order of the ids; undefined where the delivery is gone */
export async function loadPublishingWorks(
  sql: Sql,
  deliveryIds: readonly number[],
  mediaFolder: string,
): Promise<readonly FoundWork[]> {
  const rows: unknown[] = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .join('teams as t', 't.id', 'd.team_id')
    .join('channels as c', 'c.id', 'd.channel_id')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .leftJoin('attempts as a', (join) => {
      join.on('a.delivery_id', 'd.id').onIn('a.outcome', ['open', 'published']);
    })
    .leftJoin('post_media as pm', 'pm.post_id', 'd.post_id')
    .leftJoin('media as m', 'm.id', 'pm.media_id')
    .whereIn('d.id', [...deliveryIds])
    .select(columns)
    .select(sql.raw('(select max(x.n) from attempts as x where x.delivery_id = d.id) as last_n'));
  // Sorting them here spares MariaDB a temporary table, which its texts would put on disk.
  const named = rows.map((row) => ({ row, id: idOnly.parse(row).id }));
  return deliveryIds.map((id) => {
    const own = named.filter((each) => each.id === id);
    return readWork(
      own.map(({ row }) => row),
      mediaFolder,
    );
  });
}

const idOnly = z.object({ id: rowId });

function readWork(rows: readonly unknown[], mediaFolder: string): FoundWork {
  const read = z.array(workRow).safeParse(rows);
  if (!read.success) return read.error;
  const sorted = read.data.sort((a, b) => (a.n ?? 0) - (b.n ?? 0) || (a.position ?? 0) - (b.position ?? 0));
  const [first] = sorted;
  return first === undefined ? undefined : toWork(first, mediaOf(sorted, mediaFolder));
}

const columns = [
  ...['d.id', 'd.post_id', 'd.team_id', 'd.channel_id', 'd.plugin', 'd.state', 'd.hold', 'd.revision', 'd.options'],
  ...[
    'd.due_at',
    'd.published_at',
    'd.needs_approval',
    'd.link_pending',
    'p.caption',
    'd.caption as own_caption',
    'p.cover',
    't.zone',
    't.grace_seconds',
    'c.credential_id',
  ],
  ...['c.account_id', 'c.nickname', 'c.username', 'c.is_paused', 'c.disconnected_at'],
  ...['k.app_key', 'k.mode', 'k.scopes', 'k.state as credential_state'],
  ...['a.n', 'a.credential_id as attempt_credential_id', 'a.revision as attempt_revision', 'a.reference'],
  ...['a.progress', 'a.started_at', 'a.point_of_no_return_at'],
  ...['m.id as media_id', 'm.file_name', 'm.stored_name', 'm.kind', 'm.type', 'm.bytes', 'm.sha256', 'm.width'],
  ...['m.height', 'm.duration_ms', 'm.frame_rate', 'm.codec', 'pm.position'],
];

const mediaRow = z.object({
  media_id: rowId.nullable(),
  file_name: z.string().nullable(),
  stored_name: z.string().nullable(),
  kind: z.enum(['video', 'picture']).nullable(),
  type: z.string().nullable(),
  bytes: z.int().nullable(),
  sha256: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  duration_ms: z.int().nullable(),
  frame_rate: z.number().nullable(),
  codec: z.string().nullable(),
  position: z.int().nullable(),
});

const attemptRow = z.object({
  n: z.int().nullable(),
  attempt_credential_id: rowId.nullable(),
  attempt_revision: z.int().nullable(),
  reference: z.string().nullable(),
  progress: z.string().nullable(),
  started_at: rowTime.nullable(),
  point_of_no_return_at: rowTime.nullable(),
});

const workRow = z.object({
  ...mediaRow.shape,
  ...attemptRow.shape,
  id: rowId,
  post_id: rowId,
  team_id: rowId,
  channel_id: rowId,
  plugin: z.string(),
  state: z.enum(deliveryStates),
  hold: z.enum(holds).nullable(),
  revision: z.int(),
  options: rowJson(anyJson),
  due_at: rowTime.nullable(),
  published_at: rowTime.nullable(),
  link_pending: rowBoolean,
  needs_approval: rowBoolean,
  caption: z.string(),
  own_caption: z.string().nullable(),
  cover: z.int().nullable(),
  zone: z.string(),
  grace_seconds: z.int(),
  credential_id: rowId,
  account_id: z.string(),
  nickname: z.string(),
  username: z.string().nullable(),
  is_paused: rowBoolean,
  disconnected_at: rowTime.nullable(),
  app_key: z.string(),
  mode: z.string(),
  scopes: rowJson(z.array(z.string())),
  credential_state: z.enum(['valid', 'reconnect-needed']),
  last_n: z.int().nullable(),
});
type WorkRow = z.output<typeof workRow>;

function toWork(row: WorkRow, media: readonly MediaView[]): PublishingWork {
  return {
    id: row.id,
    postId: row.post_id,
    teamId: row.team_id,
    plugin: row.plugin,
    state: row.state,
    hold: row.hold,
    revision: row.revision,
    dueAt: row.due_at,
    publishedAt: row.published_at,
    linkPending: row.link_pending,
    graceMs: row.grace_seconds * 1_000,
    needsApproval: row.needs_approval,
    isPaused: row.is_paused,
    isDisconnected: row.disconnected_at !== null,
    credential: { id: row.credential_id, accountId: row.account_id, scopes: row.scopes },
    lastAttemptN: row.last_n ?? 0,
    attempt: attemptOf(row),
    view: {
      ...{ id: row.id, channel: channelOf(row), caption: row.own_caption ?? row.caption },
      ...{ media, cover: row.cover, options: row.options },
    },
  };
}

function channelOf(row: WorkRow): PublishingDelivery['channel'] {
  const isPaused = row.is_paused ? 'paused' : 'connected';
  return {
    id: row.channel_id,
    teamId: row.team_id,
    accountId: row.account_id,
    nickname: row.nickname,
    username: row.username,
    mode: row.mode,
    appKey: row.app_key,
    state: row.credential_state === 'reconnect-needed' ? 'reconnect-needed' : isPaused,
    scopes: row.scopes,
    zone: row.zone,
  };
}

function attemptOf(row: WorkRow): StoredAttempt | null {
  const { n, attempt_credential_id: credentialId, attempt_revision: revision, started_at: startedAt } = row;
  if (n === null || credentialId === null || revision === null || startedAt === null) return null;
  return {
    n,
    credentialId,
    revision,
    startedAt,
    reference: row.reference,
    sealedProgress: row.progress,
    pointOfNoReturnAt: row.point_of_no_return_at,
  };
}

/** One row per file of the post; with two attempts in the answer (never both open) a file would come twice. */
function mediaOf(rows: readonly WorkRow[], folder: string): readonly MediaView[] {
  return rows
    .filter((row) => row.n === rows[0]?.n)
    .flatMap((row) => {
      const { media_id: id, stored_name: storedName, file_name: fileName, kind, type, bytes, sha256 } = row;
      const { width, height } = row;
      if (id === null || storedName === null || fileName === null || kind === null || type === null) return [];
      if (bytes === null || sha256 === null || width === null || height === null) return [];
      const measures = { durationMs: row.duration_ms, frameRate: row.frame_rate, codec: row.codec };
      const file = { id, fileName, kind, type, bytes, sha256, width, height };
      return [{ ...file, ...measures, path: path.join(folder, storedName) }];
    });
}
