import { z } from 'zod';
import type { IconFacts } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowId, rowJson, rowTime } from '../db/rows.ts';
import type { Stage } from './record-mode.ts';

/** Who said so, and when. */
export interface Said {
  /** UTC milliseconds. */
  readonly at: number;
  /** Null where that person is gone. */
  readonly by: string | null;
}

export interface SaidBy {
  readonly at: number;
  readonly by: number;
}

/** What channels of one app came to. */
export interface AppTrace {
  readonly connected: number;
  readonly granted: readonly string[];
  readonly hasPublished: boolean;
}

const markRow = z.object({ step: z.string(), marked_at: rowTime, name: z.string().nullable() });
const iconRow = z.object({
  file_name: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  checked_at: rowTime,
  name: z.string().nullable(),
});
const channelRow = z.object({ id: rowId, team_id: rowId });
const teamRow = z.object({ team_id: rowId });
const postRow = z.object({ post_id: rowId });
const grantRow = z.object({ scopes: rowJson(z.array(z.string())) });

export class GoingLiveStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By step. */
  async marks(pluginId: string): Promise<ReadonlyMap<string, Said>> {
    const rows: unknown[] = await this.#db
      .knex('going_live_marks')
      .leftJoin('users', 'users.id', 'going_live_marks.marked_by')
      .where({ plugin: pluginId })
      .select('step', 'marked_at', 'users.name');
    return new Map(
      rows.map((row) => {
        const { step, marked_at: at, name: by } = markRow.parse(row);
        return [step, { at, by }];
      }),
    );
  }

  /** The first to say it is kept. @returns whether that is this one */
  async mark(sql: Sql, key: { pluginId: string; step: string }, said: SaidBy): Promise<boolean> {
    const place = { plugin: key.pluginId, step: key.step };
    if ((await sql('going_live_marks').where(place).first('step')) !== undefined) return false;
    const row = { ...place, marked_at: said.at, marked_by: said.by };
    await sql('going_live_marks').insert(row).onConflict(['plugin', 'step']).ignore();
    return true;
  }

  /** @returns whether there was one */
  async unmark(sql: Sql, { pluginId, step }: { pluginId: string; step: string }): Promise<boolean> {
    return (await sql('going_live_marks').where({ plugin: pluginId, step }).delete()) === 1;
  }

  async icon(pluginId: string): Promise<(IconFacts & Said) | undefined> {
    const rows: unknown[] = await this.#db
      .knex('going_live_icons')
      .leftJoin('users', 'users.id', 'going_live_icons.checked_by')
      .where({ plugin: pluginId })
      .select('file_name', 'width', 'height', 'bytes', 'checked_at', 'users.name');
    const row = firstRow(iconRow, rows);
    if (row === undefined) return undefined;
    const { file_name: fileName, checked_at: at, name: by, ...facts } = row;
    return { ...facts, fileName, at, by };
  }

  async putIcon(sql: Sql, pluginId: string, icon: IconFacts & SaidBy): Promise<void> {
    const { fileName, width, height, bytes, at, by } = icon;
    await sql('going_live_icons')
      .insert({ plugin: pluginId, file_name: fileName, width, height, bytes, checked_at: at, checked_by: by })
      .onConflict('plugin')
      .merge();
  }

  /** Over all teams: what was connected and sent through one app. */
  async traceOf(pluginId: string, appKey: string): Promise<AppTrace> {
    const app = { 'credentials.plugin': pluginId, 'credentials.app_key': appKey };
    const grants: unknown[] = await this.#db
      .knex('channels')
      .join('credentials', 'credentials.id', 'channels.credential_id')
      .where(app)
      .whereNull('channels.disconnected_at')
      .select('credentials.scopes');
    // Attempts keep the access they were made with, whichever app the channel is connected through since.
    const published: unknown = await this.#db
      .knex('credentials')
      .join('attempts', 'attempts.credential_id', 'credentials.id')
      .join('deliveries', 'deliveries.id', 'attempts.delivery_id')
      .where({ ...app, 'deliveries.state': 'published' })
      .first('deliveries.id');
    const granted = new Set(grants.flatMap((row) => grantRow.parse(row).scopes));
    return { connected: grants.length, granted: [...granted], hasPublished: published !== undefined };
  }

  /**
   * The channel of this network that was connected last in a team of the person's.
   * @param teamId only of this team, where the person stands in one
   */
  async stage(person: { readonly id: number; readonly teamId?: number | undefined }, pluginId: string): Promise<Stage> {
    const { knex } = this.#db;
    const ofPerson = { 'members.user_id': person.id };
    const inTeam = person.teamId === undefined ? {} : { 'members.team_id': person.teamId };
    const channels: unknown[] = await knex('channels')
      .join('members', 'members.team_id', 'channels.team_id')
      .where({ ...ofPerson, ...inTeam, 'channels.plugin': pluginId })
      .whereNull('channels.disconnected_at')
      .orderBy([
        { column: 'channels.connected_at', order: 'desc' },
        { column: 'channels.id', order: 'desc' },
      ])
      .limit(1)
      .select('channels.id', 'channels.team_id');
    const channel = firstRow(channelRow, channels);
    if (channel === undefined) {
      const teams: unknown[] = await knex('members')
        .where({ ...ofPerson, ...inTeam })
        .orderBy('team_id')
        .limit(1)
        .select();
      return { teamId: firstRow(teamRow, teams)?.team_id, channelId: undefined, postId: undefined };
    }
    const posts: unknown[] = await knex('deliveries')
      .where({ channel_id: channel.id })
      .whereNot({ state: 'draft' })
      .orderBy('id', 'desc')
      .limit(1)
      .select('post_id');
    return { teamId: channel.team_id, channelId: channel.id, postId: firstRow(postRow, posts)?.post_id };
  }
}
