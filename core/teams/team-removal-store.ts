import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowCount, rowId } from '../db/rows.ts';

const idRows = z.array(z.object({ id: rowId }));
const countRows = z.tuple([z.object({ n: rowCount })]);
const fileRows = z.array(z.object({ stored_name: z.string(), poster_name: z.string().nullable() }));
const channelRows = z.array(z.object({ id: rowId, plugin: z.string() }));
const avatarRows = z.array(z.object({ avatar: z.string() }));
const underWayRows = z.array(z.object({ id: rowId, post_id: rowId, nickname: z.string(), caption: z.string() }));

/** What goes with a team, in numbers. */
export interface TeamContents {
  readonly members: number;
  readonly channels: number;
  readonly posts: number;
  /** Deliveries that would still go out. */
  readonly scheduled: number;
  readonly files: number;
}

/** A delivery past its point of no return, whose outcome is not known yet. */
export interface UnderWay {
  readonly postId: number;
  readonly nickname: string;
  readonly caption: string;
}

const live = ['scheduled', 'publishing', 'processing'];
/** All there are: the index of lanes begins with them. */
const jobStates = ['waiting', 'running', 'finished', 'failed'];
/** So many rows go in one transaction: nobody waits long for the database. */
const batch = 200;

/** Everything of one team, over the rooms whose tables these are; for its removal only. */
export class TeamRemovalStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async contents(teamId: number, sql: Sql = this.#db.knex): Promise<TeamContents> {
    const of = (table: string) => sql(table).where({ team_id: teamId });
    const [members, channels, posts, scheduled, files] = [
      await count(of('members')),
      await count(of('channels').whereNull('disconnected_at')),
      await count(of('posts')),
      await count(of('deliveries').whereIn('state', live)),
      await count(of('media').whereNull('deleted_at')),
    ];
    return { members, channels, posts, scheduled, files };
  }

  async underWay(teamId: number, sql: Sql = this.#db.knex): Promise<readonly UnderWay[]> {
    const rows: unknown = await sql('attempts')
      .join('deliveries', 'deliveries.id', 'attempts.delivery_id')
      .join('posts', 'posts.id', 'deliveries.post_id')
      .join('channels', 'channels.id', 'deliveries.channel_id')
      .where({ 'deliveries.team_id': teamId, 'attempts.outcome': 'open' })
      .whereIn('deliveries.state', ['publishing', 'processing', 'needs-attention'])
      .whereNotNull('attempts.point_of_no_return_at')
      .orderBy('deliveries.id')
      .select('deliveries.id', 'deliveries.post_id', 'channels.nickname', 'posts.caption');
    return underWayRows.parse(rows).map(({ post_id: postId, nickname, caption }) => ({ postId, nickname, caption }));
  }

  /** @returns false when it is deleted already, or never was */
  async mark(teamId: number, at: number, sql: Sql): Promise<boolean> {
    return (await sql('teams').where({ id: teamId, deleted_at: null }).update({ deleted_at: at })) === 1;
  }

  /** Nobody is in it any more, nobody gets in, and nothing of it begins to be published. */
  async shut(teamId: number, at: number, sql: Sql): Promise<void> {
    const team = { team_id: teamId };
    await sql('members').where(team).delete();
    await sql('one_time_links')
      .where({ ...team, used_at: null })
      .update({ used_at: at });
    await sql('connect_links').where(team).delete();
    await sql('oauth_states').where(team).delete();
    await sql('channels').where(team).update({ is_paused: true });
  }

  async isMarked(teamId: number): Promise<boolean> {
    return (await this.#db.knex('teams').where({ id: teamId }).whereNotNull('deleted_at').first('id')) !== undefined;
  }

  async countLive(teamId: number): Promise<number> {
    return count(this.#db.knex('deliveries').where({ team_id: teamId }).whereIn('state', live));
  }

  async credentialIds(teamId: number): Promise<readonly number[]> {
    const rows: unknown = await this.#db
      .knex('channels')
      .where({ team_id: teamId })
      .distinct('credential_id as id')
      .orderBy('credential_id');
    return idRows.parse(rows).map(({ id }) => id);
  }

  /** Names of stored files and their posters. */
  async fileNames(teamId: number): Promise<readonly string[]> {
    const rows: unknown = await this.#db
      .knex('media')
      .where({ team_id: teamId, deleted_at: null })
      .select('stored_name', 'poster_name');
    return fileRows
      .parse(rows)
      .flatMap((row) => [row.stored_name, ...(row.poster_name === null ? [] : [row.poster_name])]);
  }

  /** Disconnected ones too. */
  async channels(teamId: number): Promise<readonly { readonly id: number; readonly plugin: string }[]> {
    const rows: unknown = await this.#db.knex('channels').where({ team_id: teamId }).select('id', 'plugin');
    return channelRows.parse(rows);
  }

  async avatars(teamId: number): Promise<readonly string[]> {
    const rows: unknown = await this.#db
      .knex('channels')
      .where({ team_id: teamId })
      .whereNotNull('avatar')
      .select('avatar');
    return avatarRows.parse(rows).map(({ avatar }) => avatar);
  }

  /**
   * Some posts with their deliveries; once there are none, some files, then a disconnected channel with what plugins
   * keep of it, then some steps of deliveries. @returns how many; 0 when none is left
   */
  async removeSome(teamId: number): Promise<number> {
    return this.#db.transaction(async (sql) => {
      const posts = await firstIds(sql('posts').where({ team_id: teamId }));
      await removePosts(sql, posts);
      if (posts.length > 0) return posts.length;
      const media = await firstIds(unusedMedia(sql, teamId));
      await removeIds(sql, 'media', media);
      if (media.length > 0) return media.length;
      const channels = await firstIds(unusedChannels(sql, teamId), 1);
      await removeChannels(sql, channels);
      if (channels.length > 0) return channels.length;
      const events = await firstIds(sql('events').where({ team_id: teamId, is_act: false }));
      await removeIds(sql, 'events', events);
      return events.length;
    });
  }

  /**
   * The rest, and the team itself, in the transaction that finds that nothing came in between; acts of people stay in
   * the audit. @returns false when a channel was connected or something was scheduled meanwhile
   */
  async finish(teamId: number, sql: Sql): Promise<boolean> {
    const team = { team_id: teamId };
    const locked: unknown = await sql('teams')
      .where({ id: teamId })
      .whereNotNull('deleted_at')
      .forUpdate()
      .select('id');
    if (idRows.parse(locked).length === 0) return true;
    const connected = await count(sql('channels').where(team).whereNull('disconnected_at'));
    if (connected + (await count(sql('deliveries').where(team).whereIn('state', live))) > 0) return false;
    await removePosts(sql, await idsOf(sql('posts').where(team)));
    await sql('media').where(team).delete();
    await removeChannels(sql, await idsOf(sql('channels').where(team)));
    await sql('events')
      .where({ ...team, is_act: false })
      .delete();
    await sql('teams').where({ id: teamId }).delete();
    return true;
  }
}

/** What a draft still shows that somebody was just keeping goes with it at the end. */
function unusedMedia(sql: Sql, teamId: number): Knex.QueryBuilder {
  return sql('media')
    .where({ team_id: teamId })
    .whereNotExists(sql('post_media').whereRaw('post_media.media_id = media.id').select('post_id'));
}

function unusedChannels(sql: Sql, teamId: number): Knex.QueryBuilder {
  return sql('channels')
    .where({ team_id: teamId })
    .whereNotNull('disconnected_at')
    .whereNotExists(sql('deliveries').whereRaw('deliveries.channel_id = channels.id').select('id'));
}

/** What goes is found first, here and below, and deleted by its numbers: MariaDB locks whatever a DELETE reads, of any team. */
async function removePosts(sql: Sql, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const deliveries = await idsOf(sql('deliveries').whereIn('post_id', [...ids]));
  await sql('attempts').whereIn('delivery_id', deliveries).delete();
  await removeIds(sql, 'deliveries', deliveries);
  await removeIds(sql, 'posts', ids);
}

/** With what plugins keep of them, and the accesses that nothing else needs. */
async function removeChannels(sql: Sql, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const rows: unknown = await sql('channels')
    .whereIn('id', [...ids])
    .distinct('credential_id as id');
  await removeIds(
    sql,
    'jobs',
    await idsOf(
      sql('jobs')
        .whereIn('state', jobStates)
        .whereIn('lane', [...ids]),
    ),
  );
  await removeIds(sql, 'channels', ids);
  await sql('credentials')
    .whereIn(
      'id',
      idRows.parse(rows).map(({ id }) => id),
    )
    .where({ access_token: '' })
    .whereNotExists(sql('channels').whereRaw('channels.credential_id = credentials.id').select('id'))
    .whereNotExists(sql('attempts').whereRaw('attempts.credential_id = credentials.id').select('id'))
    .delete();
}

async function removeIds(sql: Sql, table: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql(table)
    .whereIn('id', [...ids])
    .delete();
}

async function firstIds(query: Knex.QueryBuilder, most = batch): Promise<readonly number[]> {
  return idsOf(query.orderBy('id').limit(most));
}

async function idsOf(query: Knex.QueryBuilder): Promise<number[]> {
  return idRows.parse(await query.select('id')).map(({ id }) => id);
}

async function count(query: Knex.QueryBuilder): Promise<number> {
  const rows: unknown = await query.count({ n: '*' });
  return countRows.parse(rows)[0].n;
}
