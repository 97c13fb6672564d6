import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowId, rowTime } from '../db/rows.ts';
import { type Media, type NewMedia, pictureChanges, type PictureChanged } from './media.ts';

export interface MediaPage {
  readonly items: readonly Media[];
  /** Id to pass as `before` for the next page. */
  readonly next: number | null;
}

/** Whether a draft, a scheduled or a running delivery needs the file. */
export type IsNeeded = (mediaId: number, sql: Sql) => Promise<boolean>;

export interface MediaStore {
  insert(media: NewMedia, now: number): Promise<Media>;
  find(teamId: number, id: number): Promise<Media | undefined>;
  findMany(teamId: number, ids: readonly number[]): Promise<readonly Media[]>;
  /** The one whose stored file has one of these names; also a deleted one. */
  findNamed(teamId: number, storedNames: readonly string[]): Promise<Media | undefined>;
  /** Which of these names are files of media that was not deleted. Over all teams. */
  namesInUse(storedNames: readonly string[]): Promise<ReadonlySet<string>>;
  /** Newest first, without the deleted. */
  page(teamId: number, page: { before: number | null; limit: number }): Promise<MediaPage>;
  /**
   * Marks it unless it is needed, asked while its row is locked: whoever schedules it at the same moment waits and then
   * finds it deleted, or is found. @returns false when it is needed, or deleted already
   */
  markDeleted(media: Pick<Media, 'teamId' | 'id'>, now: number, isNeeded: IsNeeded): Promise<boolean>;
}

const rowSchema = z
  .object({
    id: rowId,
    team_id: rowId,
    file_name: z.string(),
    stored_name: z.string(),
    kind: z.enum(['video', 'picture']),
    type: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    width: z.int(),
    height: z.int(),
    duration_ms: z.int().nullable(),
    frame_rate: z.number().nullable(),
    codec: z.string().nullable(),
    rotation: z.int(),
    poster_name: z.string().nullable(),
    changed: z.string().nullable(),
    created_by: rowId.nullable(),
    created_at: rowTime,
    deleted_at: rowTime.nullable(),
  })
  .transform((row): Media => ({
    id: row.id,
    teamId: row.team_id,
    fileName: row.file_name,
    storedName: row.stored_name,
    kind: row.kind,
    type: row.type,
    bytes: row.bytes,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    durationMs: row.duration_ms,
    frameRate: row.frame_rate,
    codec: row.codec,
    rotation: row.rotation,
    posterName: row.poster_name,
    changed: readChanged(row.changed),
    createdBy: row.created_by,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
  }));

const changedSchema = z.object({
  what: z.array(z.enum(pictureChanges)),
  from: z.string(),
  width: z.int(),
  height: z.int(),
});

function readChanged(stored: string | null): PictureChanged | null {
  return stored === null ? null : changedSchema.parse(JSON.parse(stored));
}

const storedNameRows = z.array(z.object({ stored_name: z.string() }));

export function createMediaStore(database: Database): MediaStore {
  const sql: Sql = database.knex;
  return {
    async insert(media, now) {
      const [id] = await sql('media').insert({ ...columnsOf(media), created_at: now });
      return { ...media, id: rowId.parse(id), createdAt: now, deletedAt: null };
    },

    async namesInUse(storedNames) {
      const rows: unknown = await sql('media')
        .whereIn('stored_name', [...storedNames])
        .whereNull('deleted_at')
        .select('stored_name');
      return new Set(storedNameRows.parse(rows).map((row) => row.stored_name));
    },

    async find(teamId, id) {
      return firstRow(rowSchema, await sql('media').where({ team_id: teamId, id }).limit(1));
    },

    findNamed: async (teamId, names) =>
      firstRow(rowSchema, await sql('media').where({ team_id: teamId }).whereIn('stored_name', names).limit(1)),

    async findMany(teamId, ids) {
      const rows: unknown[] = await sql('media').where({ team_id: teamId }).whereIn('id', ids);
      const byId = new Map(rows.map((row) => rowSchema.parse(row)).map((media) => [media.id, media]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },

    async page(teamId, { before, limit }) {
      const query = sql.from(libraryOf(database)).where({ team_id: teamId }).whereNull('deleted_at');
      if (before !== null) void query.where('id', '<', before);
      const rows: unknown[] = await query.orderBy('id', 'desc').limit(limit + 1);
      const items = rows.slice(0, limit).map((row) => rowSchema.parse(row));
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },

    markDeleted: ({ teamId, id }, now, isNeeded) =>
      database.transaction(async (own) => {
        const open = await own('media').where({ team_id: teamId, id }).whereNull('deleted_at').forUpdate().select('id');
        if (open.length === 0 || (await isNeeded(id, own))) return false;
        await own('media').where({ id }).update({ deleted_at: now, poster_name: null });
        return true;
      }),
  };
}

/** MariaDB takes the equality and reads all newer files of the team to drop them, unless it is told the index. */
function libraryOf({ knex, kind }: Database) {
  return kind === 'mysql' ? knex.raw('media force index (??)', ['media_team_id_deleted_at_id_index']) : 'media';
}

function columnsOf(media: NewMedia): Record<string, string | number | null> {
  return {
    team_id: media.teamId,
    file_name: media.fileName,
    stored_name: media.storedName,
    kind: media.kind,
    type: media.type,
    bytes: media.bytes,
    sha256: media.sha256,
    width: media.width,
    height: media.height,
    duration_ms: media.durationMs,
    frame_rate: media.frameRate,
    codec: media.codec,
    rotation: media.rotation,
    poster_name: media.posterName,
    changed: media.changed === null ? null : JSON.stringify(media.changed),
    created_by: media.createdBy,
  };
}
