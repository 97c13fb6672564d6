import type { Sql } from '../db/database.ts';
import { ConflictError, InputError, NotFoundError, type FieldProblem } from '../errors.ts';
import { checkDraft, type CheckedPart, type DraftQuestion } from './draft-check.ts';
import { askOnce } from './draft-checkers.ts';
import { partsOf, type KnownOfMany } from './known-of-many.ts';
import { createDraftKeeper, type DraftKeeper } from './keep-draft.ts';
import { plannedOf } from './planned-time.ts';
import type { PostServiceParts } from './post-parts.ts';
import { canBeEdited, mediaGone, revisePost } from './post-revision.ts';
import type { PostPage, PostPlace } from './post-page-store.ts';
import type { StoredPost } from './post-store.ts';
import type { FormIdentity, Member, Post, PostDraft, PostRevision } from './post.ts';

export type { PostServiceParts } from './post-parts.ts';
export type { ListedDelivery, ListedPost } from './listed-post.ts';
export type * from './post.ts';

export interface PostService {
  /**
   * Stores post, media, deliveries, consent and jobs in one transaction. The same form again returns the same post.
   * @returns the post's id
   * @throws InputError every problem at its field; FormUsedError when the form has made another post
   */
  schedule(member: Member, draft: PostDraft, form: FormIdentity): Promise<number>;
  /** The post that this form has made already. @throws FormUsedError when it says something else now */
  findMadeBy(teamId: number, form: FormIdentity): Promise<number | undefined>;
  /** What `schedule` or `revise` would refuse; for a form that is refused already for something else. */
  findProblems(member: Member, draft: PostDraft, present?: ReadonlySet<number>): Promise<readonly FieldProblem[]>;
  /**
   * Replaces what is still ahead: caption, media, channels, options, due time; each delivery's revision goes up.
   * The same edit sent twice is one. @throws InputError, ConflictError, NotFoundError
   */
  revise(member: Member, revision: PostRevision): Promise<void>;
  /** @throws NotFoundError */
  find(teamId: number, postId: number): Promise<Post>;
  /** Posts of the team by id, with their files; ids that are not the team's are left out. */
  findMany(teamId: number, postIds: readonly number[]): Promise<readonly Post[]>;
  /** @throws NotFoundError, ConflictError once any of it has begun */
  findForEditing(teamId: number, postId: number): Promise<Post>;
  /** Deletes a post that is nothing but a draft. @throws ConflictError */
  deleteDraft(member: Member, postId: number): Promise<void>;
  /** Cancels every delivery that still can be. @throws ConflictError when none can */
  cancel(member: Member, postId: number): Promise<{ readonly cancelled: number; readonly tooLate: number }>;
  page(place: PostPlace): Promise<PostPage>;
  /** What is kept while a person writes. */
  readonly drafts: DraftKeeper;
  /**
   * The same rules for many posts at once: each channel's network is asked one time, and its answer holds for all.
   * @param known what is read already, instead of reading it for each post: for posts that are looked at, not changed
   */
  forMany(known?: KnownOfMany): PostService;
}

/** The form has made a post already, and now says something else. */
export class FormUsedError extends ConflictError {
  override readonly name = 'FormUsedError';
  readonly postId: number;

  constructor(postId: number, message: string) {
    super(message, { code: 'form_used' });
    this.postId = postId;
  }
}

export function createPostService(parts: PostServiceParts): PostService {
  const { store, desk } = parts;
  const findStored = async (teamId: number, postId: number): Promise<StoredPost> => {
    const post = await store.find(teamId, postId);
    if (post === undefined) throw new NotFoundError(parts.t('posts:absent'));
    return post;
  };
  const withMedia = async ({ mediaIds, ...post }: StoredPost): Promise<Post> => ({
    ...post,
    media: await parts.media.findMany(post.teamId, mediaIds),
  });
  return {
    schedule: (member, draft, form) => schedulePost(parts, { member, draft, form }),
    findMadeBy: (teamId, form) => findMadeBy(parts, teamId, form),
    findProblems: (member, draft, present = new Set()) =>
      findProblems(parts, { teamId: member.teamId, draft, present }),
    revise: async (member, revision) =>
      revisePost(parts, { member, revision, post: await findStored(member.teamId, revision.postId) }),
    find: async (teamId, postId) => withMedia(await findStored(teamId, postId)),
    findMany: (teamId, postIds) => findMany(parts, teamId, postIds),
    async findForEditing(teamId, postId) {
      const post = await findStored(teamId, postId);
      canBeEdited(parts.t, await desk.ofPost(teamId, postId));
      return withMedia(post);
    },
    deleteDraft: async (member, postId) => deleteDraft(parts, member, await findStored(member.teamId, postId)),
    async cancel(member, postId) {
      await findStored(member.teamId, postId);
      return cancelPost(parts, member, postId);
    },
    page: (place) => store.page(place),
    drafts: createDraftKeeper(parts, (member, draft, form) => schedulePost(parts, { member, draft, form })),
    forMany: (known = {}) => createPostService({ ...parts, checkerOf: askOnce(parts), ...partsOf(parts, known) }),
  };
}

async function findMany(
  { store, media }: PostServiceParts,
  teamId: number,
  postIds: readonly number[],
): Promise<readonly Post[]> {
  const posts = await store.findMany(teamId, postIds);
  const ids = [...new Set(posts.flatMap(({ mediaIds }) => mediaIds))];
  const files = new Map((await media.findMany(teamId, ids)).map((file) => [file.id, file]));
  return posts.map(({ mediaIds, ...post }) => ({ ...post, media: mediaIds.flatMap((id) => files.get(id) ?? []) }));
}

interface Scheduling {
  readonly member: Member;
  readonly draft: PostDraft;
  readonly form: FormIdentity;
}

async function schedulePost(parts: PostServiceParts, scheduling: Scheduling): Promise<number> {
  const { member, draft, form } = scheduling;
  const made = await findMadeBy(parts, member.teamId, form);
  if (made !== undefined) return made;
  const checked = await checkDraft(parts, { teamId: member.teamId, draft, present: new Set() });
  try {
    return await parts.db.transaction((sql) => writePost(parts, { ...scheduling, checked, sql }));
  } catch (error) {
    // The same form came twice at once, or the connection was lost at COMMIT: what is stored decides.
    const madeMeanwhile = await findMadeBy(parts, member.teamId, form);
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    throw error;
  }
}

async function findProblems(parts: PostServiceParts, question: DraftQuestion): Promise<readonly FieldProblem[]> {
  try {
    await checkDraft(parts, question);
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
}

async function findMadeBy(parts: PostServiceParts, teamId: number, form: FormIdentity): Promise<number | undefined> {
  const post = await parts.store.findByNonce(teamId, form.nonce);
  if (post === undefined) return undefined;
  if (post.nonceBody !== form.bodyHash) throw new FormUsedError(post.id, parts.t('posts:formUsed.sentence'));
  return post.id;
}

async function writePost(
  parts: PostServiceParts,
  { member, draft, form, checked, sql }: Scheduling & { readonly checked: readonly CheckedPart[]; readonly sql: Sql },
): Promise<number> {
  const now = parts.clock.now();
  const { teamId } = member;
  const postId = await parts.store.insert(
    {
      teamId,
      caption: draft.caption,
      nonce: form.nonce,
      nonceBody: form.bodyHash,
      createdBy: member.id,
      state: draft.due === null ? 'draft' : 'scheduled',
      dueAt: draft.due?.at ?? null,
      planned: plannedOf(draft),
      cover: draft.cover,
      batch: draft.batch ?? null,
      now,
    },
    sql,
  );
  if (!(await parts.store.setMedia(postId, draft.mediaIds, sql))) throw mediaGone(parts.t);
  for (const { channel, caption, options, declaration } of checked) {
    const consent =
      declaration === null ? null : { by: member.id, byName: member.name, at: now, text: declaration, options };
    const { id: channelId, plugin } = channel;
    await parts.desk.create({ postId, teamId, channelId, plugin, caption, options, due: draft.due, consent }, sql);
  }
  const kind = draft.due === null ? 'post.drafted' : 'post.scheduled';
  const facts = { channels: checked.map(({ channel }) => channel.id), dueAt: draft.due?.at ?? null };
  await parts.events.record({ teamId, actorId: member.id, subject: 'post', subjectId: postId, kind, facts }, sql);
  return postId;
}

async function deleteDraft(parts: PostServiceParts, member: Member, post: StoredPost): Promise<void> {
  const { teamId, id, version } = post;
  const deliveries = await parts.desk.ofPost(teamId, id);
  if (deliveries.some(({ state }) => state !== 'draft'))
    throw new ConflictError(parts.t('posts:notDraft.sentence'), { help: parts.t('posts:notDraft.help') });
  await parts.db.transaction(async (sql) => {
    for (const delivery of deliveries) await parts.desk.remove(teamId, delivery.id, sql);
    if (!(await parts.store.delete({ teamId, id, version }, sql)))
      throw new ConflictError(parts.t('posts:changed.sentence'), { help: parts.t('posts:changed.help') });
    const facts = { caption: post.caption.slice(0, 200) };
    const event = { teamId, actorId: member.id, subject: 'post' as const, subjectId: id, kind: 'post.deleted', facts };
    await parts.events.record(event, sql);
  });
}

async function cancelPost(parts: PostServiceParts, member: Member, postId: number) {
  const deliveries = await parts.desk.ofPost(member.teamId, postId);
  const open = deliveries.filter(({ state }) => state === 'scheduled' || state === 'publishing');
  let cancelled = 0;
  let tooLate = deliveries.filter(({ state }) => state === 'processing').length;
  for (const delivery of open) {
    try {
      await parts.desk.cancel({ id: member.id, name: member.name }, member.teamId, delivery.id);
      cancelled += 1;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      tooLate += 1;
    }
  }
  if (cancelled === 0) {
    const reason = tooLate > 0 ? 'underWay' : 'nothingToCancel';
    throw new ConflictError(parts.t(`posts:${reason}.sentence`), { help: parts.t(`posts:${reason}.help`) });
  }
  return { cancelled, tooLate };
}
