import { createHash } from 'node:crypto';
import type { Sql } from '../db/database.ts';
import type { Delivery, Due } from '../deliveries/delivery-desk.ts';
import { ConflictError, InputError, NotFoundError } from '../errors.ts';
import { readWallTime, wallTimeAt } from '../time/zones.ts';
import { readDue } from './due-time.ts';
import { storeMove } from './post-move-store.ts';
import type { PostServiceParts } from './post-parts.ts';
import { canBeEdited } from './post-revision.ts';
import type { StoredPost } from './post-store.ts';
import type { Member, PlannedTime } from './post.ts';

type PostMoveParts = Pick<PostServiceParts, 'db' | 'store' | 'desk' | 'events' | 'clock' | 't'>;

/** Another date and time for one post, as typed or dropped. */
export interface PostMove {
  readonly postId: number;
  /** The version it is moved from. */
  readonly version: string;
  readonly date: string;
  /** A draft may have none. */
  readonly time: string;
  /** The wall time whose gap or overlap the person has been told of. */
  readonly dueSeen: string;
}

/** Times as the clocks of the team show them. */
export interface Moved {
  /** The version it has by now. */
  readonly version: number;
  readonly from: PlannedTime;
  readonly to: PlannedTime;
}

export interface PostMoves {
  /**
   * Gives a post another time and leaves everything else, the consent too. What is scheduled gets a new due time, as an
   * edit does it (revision and fence go up); a draft another planned date. The same move sent twice is one.
   * @throws NotFoundError; InputError at `date` or `time`; ConflictError once any of it has begun, or when somebody else changed it
   */
  move(member: Member, move: PostMove): Promise<Moved>;
}

export function createPostMoves(parts: PostMoveParts): PostMoves {
  return { move: (member, move) => movePost(parts, member, move) };
}

interface Moving {
  readonly member: Member;
  readonly post: StoredPost;
  readonly deliveries: readonly Delivery[];
  readonly moveBody: string;
  readonly target: Target;
}

type Target =
  { readonly due: Due; readonly planned?: undefined } | { readonly due?: undefined; readonly planned: PlannedTime };

async function movePost(parts: PostMoveParts, member: Member, move: PostMove): Promise<Moved> {
  const post = await parts.store.find(member.teamId, move.postId);
  if (post === undefined) throw new NotFoundError(parts.t('posts:absent'));
  const deliveries = await parts.desk.ofPost(member.teamId, post.id);
  const moveBody = hashMove(move);
  const to = { date: move.date, time: move.time.slice(0, 5) };
  // It came a second time: what it was moved from is not known any more.
  if (isDone(post, move, moveBody)) return { version: post.version, from: to, to };
  if (String(post.version) !== move.version) throw changedMeanwhile(parts);
  canBeEdited(parts.t, deliveries);
  const target = readTarget(parts, { member, move, deliveries });
  const from = timeOf(post, deliveries, member.zone);
  try {
    await parts.db.transaction((sql) => writeMove(parts, { member, post, deliveries, moveBody, target }, sql));
  } catch (error) {
    // The connection was lost at COMMIT: what is stored decides.
    const stored = await parts.store.find(member.teamId, post.id);
    if (stored === undefined || !isDone(stored, move, moveBody)) throw error;
  }
  return { version: post.version + 1, from, to };
}

function isDone(post: StoredPost, { version }: PostMove, moveBody: string): boolean {
  return post.editBody === moveBody && String(post.version - 1) === version;
}

function hashMove({ postId, version, date, time }: PostMove): string {
  return createHash('sha256')
    .update(JSON.stringify(['move', postId, version, date, time]))
    .digest('hex');
}

interface TargetQuestion {
  readonly member: Member;
  readonly move: PostMove;
  readonly deliveries: readonly Delivery[];
}

/** @throws InputError for a time that is none, that has passed, or that the clocks jump over or repeat (told once) */
function readTarget({ clock, t }: PostMoveParts, { member, move, deliveries }: TargetQuestion): Target {
  const { date, time, dueSeen } = move;
  if (!deliveries.some(({ state }) => state === 'scheduled')) {
    if (readWallTime(date, time === '' ? '00:00' : time) === undefined)
      throw new InputError([{ field: 'date', message: t('posts:due.noSuchTime') }]);
    return { planned: { date, time: time.slice(0, 5) } };
  }
  const typed = { when: 'schedule', date, time, dueSeen } as const;
  const reading = readDue({ typed, zone: member.zone, now: clock.now(), t });
  if (!reading.ok) throw new InputError([reading.problem]);
  if (reading.due === null) throw new Error('A scheduled post was moved to no time.');
  return { due: reading.due };
}

async function writeMove(parts: PostMoveParts, moving: Moving, sql: Sql): Promise<void> {
  const { member, post, deliveries, moveBody, target } = moving;
  const { teamId } = member;
  const { planned, due } = target;
  const move = { teamId, postId: post.id, version: post.version, moveBody, planned, now: parts.clock.now() };
  if (!(await storeMove(sql, move))) throw changedMeanwhile(parts);
  if (due !== undefined) {
    for (const { id } of deliveries.filter(({ state }) => state === 'scheduled'))
      await parts.desk.revise(teamId, id, { due, by: member.id }, sql);
  }
  const facts = { version: post.version + 1, dueAt: due?.at ?? null, plannedDate: planned?.date ?? null };
  const event = { teamId, actorId: member.id, subject: 'post' as const, subjectId: post.id, kind: 'post.moved', facts };
  await parts.events.record(event, sql);
}

/** When it was due, or planned for. */
function timeOf(post: StoredPost, deliveries: readonly Delivery[], zone: string): PlannedTime {
  const due = deliveries.find(({ state }) => state === 'scheduled');
  if (due === undefined) return { date: post.planned.date, time: post.planned.time };
  const { dueWall, dueZone, dueAt } = due;
  // Where the clocks jump, what was chosen says more than what the clocks showed.
  const wall = dueZone === zone && dueWall !== null ? dueWall : wallTimeAt(dueAt ?? 0, zone);
  return { date: wall.slice(0, 10), time: wall.slice(11, 16) };
}

function changedMeanwhile({ t }: PostMoveParts): ConflictError {
  return new ConflictError(t('calendar:changed.sentence'), {
    help: t('calendar:changed.help'),
    code: 'changed_meanwhile',
  });
}
