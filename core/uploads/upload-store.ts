import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowBoolean, rowId, rowTime } from '../db/rows.ts';
import type { Outcome, Upload, Uploader } from './upload.ts';

/** The lock of one request on one upload: the file has one writer over all processes. */
export interface UploadLease {
  readonly id: string;
  /** Of the request, random. */
  readonly token: string;
  /** Nobody holds what is somebody else's, also not for a moment. */
  readonly owner: Uploader;
}

/** How many uploads are not finished yet. */
interface UnfinishedCount {
  /** Of the person in the team. */
  readonly own: number;
  readonly ofTeam: number;
}

export interface UploadStore {
  insert(upload: Upload): Promise<void>;
  find(owner: Uploader, id: string): Promise<Upload | undefined>;
  /** Oldest first; without those that have an outcome. */
  unfinished(owner: Uploader): Promise<readonly Upload[]>;
  countUnfinished(owner: Uploader): Promise<UnfinishedCount>;
  /** Those that were begun or gone on with since. Over all teams. @param since UTC milliseconds */
  unfinishedSince(since: number): Promise<readonly Pick<Upload, 'id' | 'bytes'>[]>;
  /** @returns whether the upload was free, or its holder's time was over */
  takeLock(lease: UploadLease, times: { readonly now: number; readonly until: number }): Promise<boolean>;
  /** Asks the holder to let go. */
  want(owner: Uploader, id: string): Promise<void>;
  /** @returns whether it was still held */
  renewLock(lease: UploadLease, times: { readonly now: number; readonly until: number }): Promise<boolean>;
  /** Whether somebody waits for a held upload; undefined when it is not held by this request any more. */
  isWanted(lease: UploadLease): Promise<boolean | undefined>;
  releaseLock(lease: UploadLease, now: number): Promise<void>;
  /** Only for the holder. @returns whether it was stored */
  settle(lease: UploadLease, outcome: Outcome): Promise<boolean>;
  /** @returns whether it was there */
  remove(owner: Uploader, id: string): Promise<boolean>;
  /** Those on which nothing has happened since. Over all teams. @param before UTC milliseconds */
  removeIdle(before: number): Promise<void>;
  hasIdle(before: number): Promise<boolean>;
  /** Which of these are there. Over all teams. */
  idsAmong(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

const rowSchema = z
  .object({
    id: z.string(),
    team_id: rowId,
    user_id: rowId,
    file_name: z.string(),
    bytes: z.int(),
    media_id: rowId.nullable(),
    problem: z.string().nullable(),
    created_at: rowTime,
  })
  .transform((row): Upload => ({
    id: row.id,
    owner: { teamId: row.team_id, personId: row.user_id },
    fileName: row.file_name,
    bytes: row.bytes,
    mediaId: row.media_id,
    problem: row.problem,
    createdAt: row.created_at,
  }));

const countRows = z.array(z.object({ user_id: rowId, n: z.coerce.number() }));
const sizeRows = z.array(z.object({ id: z.string(), bytes: z.coerce.number() }));
const idRows = z.array(z.object({ id: z.string() }));
const wantedRow = z.object({ is_wanted: rowBoolean });
const mostAtOnce = 200;

function ofOwner(sql: Sql, { teamId, personId }: Uploader) {
  return sql('uploads').where({ team_id: teamId, user_id: personId });
}

export function createUploadStore({ knex }: Database): UploadStore {
  return { ...recordsIn(knex), ...roomIn(knex), ...locksIn(knex) };
}

type Locks = Pick<UploadStore, 'takeLock' | 'want' | 'renewLock' | 'isWanted' | 'releaseLock' | 'settle'>;

type Room = Pick<UploadStore, 'countUnfinished' | 'unfinishedSince' | 'removeIdle' | 'hasIdle' | 'idsAmong'>;

function recordsIn(sql: Sql): Omit<UploadStore, keyof Locks | keyof Room> {
  return {
    async insert(upload) {
      await sql('uploads').insert(columnsOf(upload));
    },
    async find(owner, id) {
      return firstRow(rowSchema, await ofOwner(sql, owner).where({ id }).limit(1));
    },
    async unfinished(owner) {
      const rows: unknown[] = await ofOwner(sql, owner)
        .whereNull('media_id')
        .whereNull('problem')
        .orderBy('created_at')
        .limit(mostAtOnce);
      return rows.map((row) => rowSchema.parse(row));
    },
    async remove(owner, id) {
      return (await ofOwner(sql, owner).where({ id }).delete()) > 0;
    },
  };
}

function roomIn(sql: Sql): Room {
  const open = () => sql('uploads').whereNull('media_id').whereNull('problem');
  return {
    async countUnfinished({ teamId, personId }) {
      const rows: unknown = await open()
        .where({ team_id: teamId })
        .groupBy('user_id')
        .select('user_id')
        .count('* as n');
      const counts = countRows.parse(rows);
      return {
        own: counts.find((row) => row.user_id === personId)?.n ?? 0,
        ofTeam: counts.reduce((all, { n }) => all + n, 0),
      };
    },
    async unfinishedSince(since) {
      const rows: unknown = await open().where('updated_at', '>=', since).select('id', 'bytes');
      return sizeRows.parse(rows);
    },
    async removeIdle(before) {
      await sql('uploads').where('updated_at', '<', before).delete();
    },
    async hasIdle(before) {
      return (await sql('uploads').where('updated_at', '<', before).select('id').limit(1)).length > 0;
    },
    async idsAmong(ids) {
      const rows: unknown = await sql('uploads')
        .whereIn('id', [...ids])
        .select('id');
      return new Set(idRows.parse(rows).map(({ id }) => id));
    },
  };
}

function locksIn(sql: Sql): Locks {
  const held = ({ id, token }: UploadLease) => sql('uploads').where({ id, lock_token: token });
  return {
    async takeLock({ id, token, owner }, { now, until }) {
      const free = ofOwner(sql, owner)
        .where({ id })
        .where((either) => void either.whereNull('lock_token').orWhere('locked_until', '<', now));
      const lock = { lock_token: token, locked_until: until, is_wanted: false, updated_at: now };
      return (await free.update(lock)) > 0;
    },
    async want(owner, id) {
      await ofOwner(sql, owner).where({ id }).update({ is_wanted: true });
    },
    async renewLock(lease, { now, until }) {
      return (await held(lease).update({ locked_until: until, updated_at: now })) > 0;
    },
    async isWanted(lease) {
      return firstRow(wantedRow, await held(lease).select('is_wanted'))?.is_wanted;
    },
    async releaseLock(lease, now) {
      await held(lease).update({ lock_token: null, locked_until: null, updated_at: now });
    },
    async settle(lease, outcome) {
      const row = 'mediaId' in outcome ? { media_id: outcome.mediaId } : { problem: outcome.problem };
      return (await held(lease).update(row)) > 0;
    },
  };
}

function columnsOf(upload: Upload): Record<string, string | number | null> {
  return {
    id: upload.id,
    team_id: upload.owner.teamId,
    user_id: upload.owner.personId,
    file_name: upload.fileName,
    bytes: upload.bytes,
    media_id: upload.mediaId,
    problem: upload.problem,
    created_at: upload.createdAt,
    updated_at: upload.createdAt,
  };
}
