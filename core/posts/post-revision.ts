import type { Translate } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import type { ConsentRecord, Delivery } from '../deliveries/delivery.ts';
import { ConflictError, InputError } from '../errors.ts';
import { checkDraft, type CheckedPart } from './draft-check.ts';
import { noteReviser } from './draft-store.ts';
import { plannedOf } from './planned-time.ts';
import type { PostServiceParts } from './post-parts.ts';
import type { StoredPost } from './post-store.ts';
import type { Member, PostDraft, PostRevision } from './post.ts';
import { removeWorkingCopy } from './working-copy-store.ts';

interface Revising {
  readonly member: Member;
  readonly revision: PostRevision;
  readonly post: StoredPost;
}

/**
 * Lets a post be edited while all of it is still ahead; what was cancelled stays cancelled.
 * @throws ConflictError that says why not and what to do
 */
export function canBeEdited(t: Translate, deliveries: readonly Delivery[]): void {
  const isAhead = ({ state }: Delivery): boolean => state === 'draft' || state === 'scheduled';
  const begun = deliveries.filter((delivery) => !isAhead(delivery) && delivery.state !== 'cancelled');
  const isOver = deliveries.length > 0 && !deliveries.some(isAhead);
  if (begun.length === 0 && !isOver) return;
  const reason = begun.length === 0 ? 'cancelled' : 'begun';
  throw new ConflictError(t(`posts:noEdit.${reason}.sentence`), { help: t(`posts:noEdit.${reason}.help`) });
}

/** Each delivery that is still ahead takes the new options and due time, or goes; new channels are added. */
export async function revisePost(parts: PostServiceParts, revising: Revising): Promise<void> {
  const { member, revision, post } = revising;
  if (post.editBody === revision.bodyHash && String(post.version) !== revision.version) return;
  if (String(post.version) !== revision.version) throw changedMeanwhile(parts.t);
  const deliveries = await parts.desk.ofPost(member.teamId, post.id);
  canBeEdited(parts.t, deliveries);
  refuseCancelledChannels(parts.t, deliveries, revision.draft);
  const present = new Set(deliveries.map(({ channelId }) => channelId));
  const checked = await checkDraft(parts, { teamId: member.teamId, draft: revision.draft, present });
  try {
    await parts.db.transaction(async (sql) => {
      await writeRevision(parts, { ...revising, deliveries, checked, sql });
      await noteReviser(sql, { postId: post.id, version: post.version + 1, personId: member.id });
      await removeWorkingCopy(sql, { postId: post.id, personId: member.id });
    });
  } catch (error) {
    const stored = await parts.store.find(member.teamId, post.id);
    if (stored?.editBody === revision.bodyHash && stored.version === post.version + 1) return;
    throw error;
  }
}

interface Writing extends Revising {
  readonly deliveries: readonly Delivery[];
  readonly checked: readonly CheckedPart[];
  readonly sql: Sql;
}

async function writeRevision(parts: PostServiceParts, writing: Writing): Promise<void> {
  const { member, revision, post, deliveries, checked, sql } = writing;
  const { teamId } = member;
  const { caption, cover, due, mediaIds } = revision.draft;
  const now = parts.clock.now();
  const planned = plannedOf(revision.draft);
  const { id: postId, version } = post;
  const edit = { teamId, postId, version, editBody: revision.bodyHash, caption, cover, planned, now };
  if (!(await parts.store.edit(edit, sql))) throw changedMeanwhile(parts.t);
  if (!(await parts.store.setMedia(post.id, mediaIds, sql))) throw mediaGone(parts.t);
  const consentTo = (part: CheckedPart): ConsentRecord | null =>
    part.declaration === null
      ? null
      : { by: member.id, byName: member.name, at: now, text: part.declaration, options: part.options };
  for (const delivery of deliveries.filter(({ state }) => state !== 'cancelled')) {
    const part = checked.find(({ channel }) => channel.id === delivery.channelId);
    if (part === undefined) await parts.desk.remove(teamId, delivery.id, sql);
    else {
      const change = { caption: part.caption, options: part.options, due, consent: consentTo(part) };
      await parts.desk.revise(teamId, delivery.id, change, sql);
    }
  }
  const known = new Set(deliveries.map(({ channelId }) => channelId));
  for (const part of checked.filter(({ channel }) => !known.has(channel.id))) {
    const { id: channelId, plugin } = part.channel;
    const consent = consentTo(part);
    const made = { caption: part.caption, options: part.options, due, consent };
    await parts.desk.create({ postId, teamId, channelId, plugin, ...made }, sql);
  }
  const facts = { version: version + 1, channels: checked.map(({ channel }) => channel.id), dueAt: due?.at ?? null };
  const event = {
    teamId,
    actorId: member.id,
    subject: 'post' as const,
    subjectId: postId,
    kind: 'post.revised',
    facts,
  };
  await parts.events.record(event, sql);
}

/** @throws InputError at channels that were cancelled in this post */
export function refuseCancelledChannels(
  t: Translate,
  deliveries: readonly Delivery[],
  draft: Pick<PostDraft, 'channelIds'>,
): void {
  const problems = deliveries
    .filter(({ state, channelId }) => state === 'cancelled' && draft.channelIds.includes(channelId))
    .map(({ channelId }) => ({ field: `channels.${channelId}`, message: t('posts:problem.cancelledHere') }));
  if (problems.length > 0) throw new InputError(problems);
}

/** Deleted between the check of the form and its storing. */
export function mediaGone(t: Translate): InputError {
  return new InputError([{ field: 'media', message: t('posts:problem.mediaGone') }]);
}

export function changedMeanwhile(t: Translate): ConflictError {
  return new ConflictError(t('posts:changed.sentence'), { help: t('posts:changed.help'), code: 'changed_meanwhile' });
}
