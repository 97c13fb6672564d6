import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { rowCount, rowId, rowTime } from '../db/rows.ts';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import { ofTeam } from '../deliveries/delivery-store.ts';
import type { PlannedTime } from '../posts/post.ts';

/** A stretch of whole days of a team's zone. */
export interface CalendarSpan {
  /** UTC milliseconds; `to` is not included. */
  readonly from: number;
  readonly to: number;
  /** Its first day and the one after its last, e.g. `2026-11-30`. */
  readonly firstDate: string;
  readonly endDate: string;
}

/** A post as the calendar needs it. */
export interface CalendarRow {
  readonly id: number;
  readonly version: number;
  readonly state: DeliveryState;
  /** The beginning of it. */
  readonly caption: string;
  /** UTC milliseconds; null for a draft. */
  readonly dueAt: number | null;
  readonly planned: PlannedTime;
  /** The name of its first file. */
  readonly fileName: string | null;
  /** The first file, where it has a poster. */
  readonly coverId: number | null;
  /** Of its first file, where that is a video: what is sent of one is counted in percent of it. */
  readonly videoBytes: number | null;
}

export interface CalendarDelivery {
  readonly postId: number;
  readonly channelId: number;
  readonly state: DeliveryState;
  /** Of the file, while it is on its way. */
  readonly percent: number | null;
}

export interface CalendarStore {
  /** What is due in the span and the drafts that are planned in it, up to the limit of each. */
  posts(teamId: number, span: CalendarSpan, limit: number): Promise<readonly CalendarRow[]>;
  deliveries(teamId: number, postIds: readonly number[]): Promise<readonly CalendarDelivery[]>;
  /** Drafts without a date, or with one that no calendar reaches, counted up to the limit of each. */
  countUndated(teamId: number, limit: number): Promise<number>;
}

const postRow = z
  .object({
    id: rowId,
    version: z.int(),
    state: z.enum(deliveryStates),
    caption: z.string(),
    due_at: rowTime.nullable(),
    planned_date: z.string().nullable(),
    planned_time: z.string().nullable(),
    file_name: z.string().nullable(),
    poster_name: z.string().nullable(),
    media_id: rowId.nullable(),
    media_kind: z.string().nullable(),
    bytes: z.number().nullable(),
  })
  .transform((row): CalendarRow => ({
    id: row.id,
    version: row.version,
    state: row.state,
    caption: row.caption,
    dueAt: row.state === 'draft' ? null : row.due_at,
    planned: { date: row.planned_date ?? '', time: row.planned_time ?? '' },
    fileName: row.file_name,
    coverId: row.poster_name === null ? null : row.media_id,
    videoBytes: row.media_kind === 'video' ? row.bytes : null,
  }));

const deliveryRow = z
  .object({ post_id: rowId, channel_id: rowId, state: z.enum(deliveryStates), percent: z.int().nullable() })
  .transform(({ post_id: postId, channel_id: channelId, ...row }): CalendarDelivery => ({ postId, channelId, ...row }));

const countRow = z.tuple([z.object({ n: rowCount })]);

/** The databases and the clocks agree on these; nobody posts on others. */
export const calendarDates = { first: '2000-01-01', end: '2200-01-01' } as const;

/** As migrations/025 makes them. */
const indexes = {
  ofDueTime: 'posts_team_id_due_at_id_index',
  ofPlannedDate: 'posts_team_id_state_planned_date_id_index',
};
/** More than any title needs. */
const captionLetters = 300;

export function createCalendarStore(database: Database): CalendarStore {
  const { knex } = database;
  return {
    posts: (teamId, span, limit) => readPosts(database, { teamId, span, limit }),
    async deliveries(teamId, postIds) {
      const rows: unknown = await knex('deliveries as d')
        .whereRaw(`${ofTeam} = ?`, [teamId])
        .whereIn('post_id', [...postIds])
        .orderBy(['post_id', 'id'])
        .select('post_id', 'channel_id', 'state', 'percent');
      return z.array(deliveryRow).parse(rows);
    },
    async countUndated(teamId, limit) {
      const drafts = () =>
        postsBy(database, indexes.ofPlannedDate).select('id').where({ team_id: teamId, state: 'draft' }).limit(limit);
      // Each by a stretch of the index of its own.
      const parts = [
        drafts().whereNull('planned_date'),
        drafts().where('planned_date', '<', calendarDates.first),
        drafts().where('planned_date', '>=', calendarDates.end),
      ];
      const some = knex.unionAll(parts.map((part, n) => knex.select('id').from(part.as(`part_${n}`))));
      const rows: unknown = await knex.from(some.as('some')).count({ n: '*' });
      return countRow.parse(rows)[0].n;
    },
  };
}

/** MariaDB must be told the index: it may otherwise read every post of the team. */
function postsBy({ knex, kind }: Database, index: string) {
  return knex.from(kind === 'mysql' ? knex.raw('posts force index (??)', [index]) : 'posts');
}

interface PostQuestion {
  readonly teamId: number;
  readonly span: CalendarSpan;
  readonly limit: number;
}

async function readPosts(database: Database, question: PostQuestion): Promise<readonly CalendarRow[]> {
  const rows: unknown = await database.knex
    .from(postsWithin(database, question).as('found'))
    .leftJoin('post_media', (join) => {
      join.on('post_media.post_id', 'found.id').onVal('post_media.position', 0);
    })
    .leftJoin('media', 'media.id', 'post_media.media_id')
    .select('found.*')
    .select('file_name', 'poster_name', 'post_media.media_id', 'media.bytes', { media_kind: 'media.kind' });
  return z.array(postRow).parse(rows);
}

/** Each part with a limit of its own: SQLite takes one only of a table, and MariaDB would copy each table once more. */
function postsWithin(database: Database, question: PostQuestion) {
  const { knex, kind } = database;
  const [due, planned] = [postsDue(database, question), postsPlanned(database, question)];
  if (kind === 'mysql') return knex.union([due, planned], true);
  return knex.union([due, planned].map((part) => knex.select('part.*').from(part.as('part'))));
}

function columnsOfPost({ knex }: Database) {
  const caption = knex.raw('substr(caption, 1, ?)', [captionLetters]);
  return ['id', 'version', 'state', 'due_at', 'planned_date', 'planned_time', { caption }];
}

function postsDue(database: Database, { teamId, span, limit }: PostQuestion) {
  return postsBy(database, indexes.ofDueTime)
    .select(columnsOfPost(database))
    .where('team_id', teamId)
    .where('due_at', '>=', span.from)
    .where('due_at', '<', span.to)
    .orderBy(['due_at', 'id'])
    .limit(limit);
}

function postsPlanned(database: Database, { teamId, span, limit }: PostQuestion) {
  return (
    postsBy(database, indexes.ofPlannedDate)
      .select(columnsOfPost(database))
      .where({ team_id: teamId, state: 'draft' })
      // Texts: between two days lies what is no date, too.
      .where('planned_date', '>=', span.firstDate)
      .where('planned_date', '<', span.endDate)
      .orderBy(['planned_date', 'id'])
      .limit(limit)
  );
}
