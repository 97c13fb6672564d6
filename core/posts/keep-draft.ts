import { createHash } from 'node:crypto';
import type { Sql } from '../db/database.ts';
import { type Delivery, isDraftOf } from '../deliveries/delivery.ts';
import { NotFoundError } from '../errors.ts';
import { checkDraft, type CheckedPart } from './draft-check.ts';
import { findReviser, noteReviser, rewriteDraftDelivery, type Reviser } from './draft-store.ts';
import { plannedOf } from './planned-time.ts';
import type { PostServiceParts } from './post-parts.ts';
import { canBeEdited, changedMeanwhile, mediaGone, refuseCancelledChannels } from './post-revision.ts';
import type { StoredPost } from './post-store.ts';
import type { FormIdentity, Member, PostDraft } from './post.ts';
import {
  findWorkingCopy,
  removeWorkingCopy,
  saveWorkingCopy,
  type CopiedForm,
  type WorkingCopy,
} from './working-copy-store.ts';

/** What is kept while a person writes, without a press of a button: never anything that is due. */
interface Keeping {
  /** Undefined while the form has made no post. */
  readonly postId: number | undefined;
  /** The form's own number. */
  readonly nonce: string;
  /** The version that it was typed over. */
  readonly version: string;
  readonly draft: PostDraft;
  readonly form: CopiedForm;
  readonly bodyHash: string;
}

export interface Kept {
  readonly postId: number;
  readonly version: number;
  /** A draft is written itself; over a scheduled post the person has a copy, which changes nothing of it. */
  readonly as: 'draft' | 'copy';
}

interface KeptForm {
  readonly postId: number;
  readonly version: string;
  /** The very same form has been pressed already. */
  readonly isPressed: boolean;
}

export interface DraftKeeper {
  /**
   * A draft takes what was typed as its new version, a form without a post makes one, and for a scheduled post it is put
   * aside for this person. The same words twice are one. @throws ConflictError `changed_meanwhile`, InputError
   */
  keep(member: Member, keeping: Keeping): Promise<Kept>;
  /** The post that was made while this form was written; undefined when it was pressed since, or somebody else wrote. */
  findKept(member: Member, form: FormIdentity): Promise<KeptForm | undefined>;
  copyOf(member: Member, postId: number): Promise<WorkingCopy | undefined>;
  discardCopy(member: Member, postId: number): Promise<void>;
  /** Who wrote the version that stands. */
  reviserOf(postId: number): Promise<Reviser | null>;
}

type Make = (member: Member, draft: PostDraft, form: FormIdentity) => Promise<number>;

/** Marks a post that was made while its form was being written: the form is still to be pressed. */
const keptForm = createHash('sha256').update('kept while it was written').digest('hex');

export function createDraftKeeper(parts: PostServiceParts, make: Make): DraftKeeper {
  const { knex } = parts.db;
  const place = (member: Member, postId: number) => ({ postId, personId: member.id });
  return {
    async keep(member, keeping) {
      const { postId, nonce, bodyHash, draft } = keeping;
      if (postId !== undefined) return keepOver(parts, member, { ...keeping, postId });
      // The answer to the first one was lost: the post is there, and is this form's own.
      const kept = await findKept(parts, member, { nonce, bodyHash });
      if (kept !== undefined)
        return keepOver(parts, member, { ...keeping, postId: kept.postId, version: kept.version });
      const made = await make(member, draft, { nonce, bodyHash: keptForm });
      const { version } = await findPost(parts, member, made);
      if (version !== 1) throw changedMeanwhile(parts.t);
      return { postId: made, version, as: 'draft' };
    },
    findKept: (member, form) => findKept(parts, member, form),
    copyOf: (member, postId) => findWorkingCopy(knex, place(member, postId)),
    discardCopy: (member, postId) => removeWorkingCopy(knex, place(member, postId)),
    reviserOf: (postId) => findReviser(knex, postId),
  };
}

async function findPost(parts: PostServiceParts, member: Member, postId: number): Promise<StoredPost> {
  const post = await parts.store.find(member.teamId, postId);
  if (post === undefined) throw new NotFoundError(parts.t('posts:absent'));
  return post;
}

async function findKept(
  parts: PostServiceParts,
  member: Member,
  { nonce, bodyHash }: FormIdentity,
): Promise<KeptForm | undefined> {
  const post = await parts.store.findByNonce(member.teamId, nonce);
  if (post?.nonceBody !== keptForm) return undefined;
  const found = { postId: post.id, version: String(post.version) };
  if (post.editBody === bodyHash) return { ...found, isPressed: true };
  const reviser = await findReviser(parts.db.knex, post.id);
  const isOwn = post.version === 1 || reviser?.id === member.id;
  return isOwn && post.state === 'draft' ? { ...found, isPressed: false } : undefined;
}

async function keepOver(
  parts: PostServiceParts,
  member: Member,
  keeping: Keeping & { readonly postId: number },
): Promise<Kept> {
  const post = await findPost(parts, member, keeping.postId);
  const deliveries = await parts.desk.ofPost(member.teamId, post.id);
  const isDraft = isDraftOf(deliveries);
  // The same words a second time: the answer to the first was lost.
  if (isDraft && post.editBody === keeping.bodyHash) return { postId: post.id, version: post.version, as: 'draft' };
  if (String(post.version) !== keeping.version) throw changedMeanwhile(parts.t);
  if (!isDraft) return keepCopy(parts, member, { keeping, post, deliveries });
  refuseCancelledChannels(parts.t, deliveries, keeping.draft);
  const checked = await checkDraft(parts, { teamId: member.teamId, draft: keeping.draft, present: new Set() });
  await parts.db.transaction((sql) => writeDraft(parts, { member, keeping, post, deliveries, checked }, sql));
  return { postId: post.id, version: post.version + 1, as: 'draft' };
}

interface Over {
  readonly keeping: Keeping;
  readonly post: StoredPost;
  readonly deliveries: readonly Delivery[];
}

async function keepCopy(parts: PostServiceParts, member: Member, { keeping, post, deliveries }: Over): Promise<Kept> {
  canBeEdited(parts.t, deliveries);
  const copy = { version: post.version, form: keeping.form, updatedAt: parts.clock.now() };
  await saveWorkingCopy(parts.db.knex, { postId: post.id, personId: member.id }, copy);
  return { postId: post.id, version: post.version, as: 'copy' };
}

interface Writing extends Over {
  readonly member: Member;
  readonly checked: readonly CheckedPart[];
}

/** Leaves no line in any log: a draft is written in many small steps. @throws ConflictError when another was faster */
async function writeDraft(parts: PostServiceParts, writing: Writing, sql: Sql): Promise<void> {
  const { member, keeping, post, deliveries, checked } = writing;
  const { teamId } = member;
  const { draft, bodyHash } = keeping;
  const { caption, cover, mediaIds } = draft;
  const now = parts.clock.now();
  const place = { teamId, postId: post.id, version: post.version, editBody: bodyHash, now };
  if (!(await parts.store.edit({ ...place, caption, cover, planned: plannedOf(draft) }, sql)))
    throw changedMeanwhile(parts.t);
  await noteReviser(sql, { postId: post.id, version: post.version + 1, personId: member.id });
  if (!(await parts.store.setMedia(post.id, mediaIds, sql))) throw mediaGone(parts.t);
  for (const { id, channelId } of deliveries.filter(({ state }) => state !== 'cancelled')) {
    const part = checked.find(({ channel }) => channel.id === channelId);
    if (part === undefined) await parts.desk.remove(teamId, id, sql);
    else await rewriteDraftDelivery(sql, { id, caption: part.caption, options: part.options, now });
  }
  const known = new Set(deliveries.map(({ channelId }) => channelId));
  for (const { channel, caption: own, options } of checked.filter((part) => !known.has(part.channel.id))) {
    const made = { caption: own, options, due: null, consent: null };
    await parts.desk.create({ postId: post.id, teamId, channelId: channel.id, plugin: channel.plugin, ...made }, sql);
  }
}
