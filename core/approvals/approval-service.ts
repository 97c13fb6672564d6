import type { Json, Translate } from '#plugin-api';
import type { Delivery } from '../deliveries/delivery-desk.ts';
import { ConflictError, InputError } from '../errors.ts';
import { putNotification } from '../notifications/outbox-store.ts';
import { keepTyped } from '../posts/draft-options.ts';
import { ownTitleOf } from '../posts/post-title.ts';
import type { Member, PlannedTime, Post } from '../posts/post.ts';
import { wallTimeAt } from '../time/zones.ts';
import type { ApprovalParts } from './approval-parts.ts';
import {
  countWaitingPosts,
  selectSentBack,
  selectWaitingPosts,
  type SentBack,
  updateSentBack,
  type WaitingPost,
} from './approval-store.ts';
import { separateDraft } from './separate-draft.ts';

export type { SentBack } from './approval-store.ts';

/** A person decides about a post as it was shown. */
interface Judgement {
  readonly postId: number;
  /** What stood on the page, see `seenOf`. */
  readonly seen: string;
}

/** Posts of editors that wait for a manager or an owner. */
export interface ApprovalService {
  /** What is due first comes first. */
  waiting(teamId: number, limit: number): Promise<readonly WaitingPost[]>;
  /** How many posts of the team wait. */
  count(teamId: number): Promise<number>;
  /** Lets out all of the post that waits. @throws ConflictError when it changed or is too late, NotAllowedError */
  approve(member: Member, judgement: Judgement): Promise<void>;
  /**
   * All of it that waits becomes a draft, which keeps the time it was planned for; its author is told why.
   * @throws InputError at comment; ConflictError when it changed; NotAllowedError
   */
  sendBack(member: Member, judgement: Judgement & { readonly comment: string }): Promise<void>;
  /**
   * Makes a post of its own out of drafts that nobody can edit, because another channel of their post has begun.
   * @returns the new post's id. @throws ConflictError when there are none, NotFoundError
   */
  separate(member: Member, postId: number): Promise<number>;
  /** Why it was sent back last; null when it never was. */
  sentBack(teamId: number, postId: number): Promise<SentBack | null>;
}

/** The longest comment kept, in UTF-16 units. */
const longestComment = 1_000;

export function createApprovals(parts: ApprovalParts): ApprovalService {
  const { db } = parts;
  return {
    waiting: (teamId, limit) => selectWaitingPosts(db.knex, { teamId, limit }),
    count: (teamId) => countWaitingPosts(db.knex, teamId),
    approve: (member, judgement) => approve(parts, member, judgement),
    sendBack: (member, judgement) => sendBack(parts, member, judgement),
    separate: (member, postId) => separateDraft(parts, member, postId),
    sentBack: (teamId, postId) => selectSentBack(db.knex, teamId, postId),
  };
}

/** Which revisions of which deliveries wait, for the page: what is decided about is what was shown. */
export function seenOf(deliveries: readonly Delivery[]): string {
  return deliveries
    .filter(waits)
    .map(({ id, revision }) => `${id}:${revision}`)
    .join(' ');
}

export function waits({ state, needsApproval }: Delivery): boolean {
  return state === 'scheduled' && needsApproval;
}

async function approve(parts: ApprovalParts, member: Member, judgement: Judgement): Promise<void> {
  const { deliveries } = await needSeen(parts, member, judgement);
  await parts.db.transaction(async (sql) => {
    for (const { id, revision } of deliveries) {
      await parts.desk.approve({ actor: member, teamId: member.teamId, id, revision }, sql);
    }
    await parts.events.record(eventOf(member, judgement, 'post.approved'), sql);
  });
}

async function sendBack(
  parts: ApprovalParts,
  member: Member,
  judgement: Judgement & { readonly comment: string },
): Promise<void> {
  const comment = readComment(parts.t, judgement.comment);
  const { post, deliveries } = await needSeen(parts, member, judgement);
  const { id: by, name: byName, teamId } = member;
  const now = parts.clock.now();
  await parts.db.transaction(async (sql) => {
    const sentBack = { by, byName, at: now, comment };
    const planned = plannedAgain(deliveries, member.zone);
    await updateSentBack(sql, { teamId, postId: post.id, sentBack, planned, now });
    for (const delivery of deliveries) {
      const { id, revision } = delivery;
      const options = draftOptions(parts, delivery);
      await parts.desk.sendBack({ actor: member, teamId, id, revision, comment, options }, sql);
    }
    await parts.events.record(eventOf(member, judgement, 'post.sent-back'), sql);
    const facts = { postId: post.id, post: ownTitleOf(post) ?? '', by: byName, comment };
    const only = authorsOf(post, deliveries, by);
    await putNotification(sql, parts, { kind: 'post-sent-back', teamId, subjectId: post.id, facts, only });
  });
}

/** @throws ConflictError when what waits is not what was shown */
async function needSeen(
  { posts, desk, t }: ApprovalParts,
  { teamId }: Member,
  { postId, seen }: Judgement,
): Promise<{ readonly post: Post; readonly deliveries: readonly Delivery[] }> {
  const post = await posts.find(teamId, postId);
  const deliveries = (await desk.ofPost(teamId, postId)).filter(waits);
  if (deliveries.length > 0 && seenOf(deliveries) === seen) return { post, deliveries };
  throw new ConflictError(t('deliveries:conflict.approvalGone'), {
    help: t('deliveries:conflict.approvalGoneHelp'),
    code: 'not_waiting',
  });
}

function readComment(t: Translate, typed: string): string {
  const comment = typed.replaceAll('\r\n', '\n').trim();
  const problem = comment === '' ? 'noComment' : comment.length > longestComment ? 'longComment' : undefined;
  if (problem === undefined) return comment;
  throw new InputError([{ field: 'comment', message: t(`approvals:problem.${problem}`, { most: longestComment }) }]);
}

/** Nothing that was chosen is lost; what no plugin can read any more stays as it is. */
function draftOptions({ plugins }: ApprovalParts, { plugin, options }: Delivery): Json {
  const composer = plugins.find(plugin)?.parts.composer;
  return composer === undefined ? options : keepTyped(composer.fields(options));
}

/** On the clocks that the team has now. */
function plannedAgain(deliveries: readonly Delivery[], zone: string): PlannedTime {
  const due = deliveries.flatMap(({ dueAt }) => dueAt ?? []);
  if (due.length === 0) return { date: '', time: '' };
  const wall = wallTimeAt(Math.min(...due), zone);
  return { date: wall.slice(0, 10), time: wall.slice(11) };
}

/** Who made the post and who submitted it, but not whoever sends it back. */
function authorsOf(post: Post, deliveries: readonly Delivery[], by: number): readonly number[] {
  const ids = [post.createdBy?.id, ...deliveries.map(({ consent }) => consent?.by)];
  return [...new Set(ids)].filter((id) => id !== undefined).filter((id) => id !== by);
}

function eventOf({ id: actorId, teamId }: Member, { postId }: Judgement, kind: string) {
  return { teamId, actorId, subject: 'post', subjectId: postId, kind, facts: {} } as const;
}
