import { isDraftOf } from '../deliveries/delivery.ts';
import { ConflictError, InputError, type FieldProblem } from '../errors.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { composerFragments } from './composer-fragments.ts';
import { composerKeeping } from './composer-keeping.ts';
import { composerModel } from './composer-model.ts';
import { memberOf, postIdOf, type ComposerRouteParts } from './composer-parts.ts';
import { blankPost, copyOf, onClocksOf, stateOf, typedFrom, type ComposerState } from './composer-state.ts';
import { readDue } from './due-time.ts';
import { hashBody, newNonce, readId, readPostForm, whenOfAct, type TypedPost } from './post-form.ts';
import type { When } from './post.ts';
import { refuseWithPage } from './refusal.ts';
import { FormUsedError, type PostDraft } from './post-service.ts';

export { memberOf, postIdOf, type ComposerRouteParts } from './composer-parts.ts';

export function composerRoutes(parts: ComposerRouteParts): readonly Route[] {
  const posts = '/team/:team/posts';
  const edit = { permission: 'posts.edit' } as const;
  const send = { ...edit, method: 'post', body: 'composer', spends: publishingNow } as const;
  return [
    ...composerFragments(parts),
    ...composerKeeping(parts),
    { ...edit, method: 'get', path: `${posts}/new`, handle: (context: TeamContext) => showBlank(parts, context) },
    { ...send, path: posts, handle: (context: TeamContext) => create(parts, context) },
    { ...edit, method: 'get', path: `${posts}/:post/edit`, handle: (context: TeamContext) => showPost(parts, context) },
    { ...send, path: `${posts}/:post`, handle: (context: TeamContext) => change(parts, context) },
  ];
}

/** What goes out at once is counted; what has its time is not. */
function publishingNow({ body: { act, when = 'immediately' } }: TeamContext): 'publish' | undefined {
  return act === 'publish' && when === 'immediately' ? 'publish' : undefined;
}

/**
 * Links may name what to begin with: `?channel=4&media=9&date=2026-12-10&time=07:30`, or `?from=7` for caption and files
 * of the team's own post.
 */
async function showBlank(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const { team, query } = context;
  const channel = readId(query['channel']);
  const channelIds = channel === undefined ? [] : [channel];
  const from = readId(query['from']);
  const typed =
    from === undefined
      ? blankPost({ channelIds, mediaIds: [readId(query['media']) ?? []].flat() })
      : copyOf(await parts.posts.find(team.id, from), await parts.desk.ofPost(team.id, from), channel);
  const { date = '', time = '' } = query;
  await draw(parts, context, stateOf({ ...typed, date, time }));
}

async function showPost(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  try {
    const editing = await findEditing(parts, context, postId);
    const stored = typedFrom(editing.post, editing.deliveries, parts.plugins);
    const saved = onClocksOf(stored, editing.deliveries, context.team.zone);
    const copy = await parts.posts.drafts.copyOf(memberOf(context), postId);
    const typed = copy === undefined ? saved : { ...saved, ...copy.form, version: String(copy.version) };
    await draw(parts, context, stateOf(typed, { editing, copy }));
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}

async function findEditing({ posts, desk }: ComposerRouteParts, { team }: TeamContext, postId: number) {
  const post = await posts.findForEditing(team.id, postId);
  return { post, deliveries: await desk.ofPost(team.id, postId) };
}

async function draw(
  parts: ComposerRouteParts,
  context: TeamContext,
  state: ComposerState & { readonly status?: number },
): Promise<void> {
  const { team, t, locale } = context;
  const place = { team, t, locale, now: parts.clock.now() };
  const model = await composerModel(parts, place, state);
  const title = context.t(model.isEditing ? 'posts:composer.editTitle' : 'posts:composer.title');
  const scripts = [...composerScripts.map((name) => `js/${name}.js`), ...model.pluginScripts];
  const returned = await whySentBack(parts, state);
  const page = { title, current: model.isEditing ? 'posts' : 'new-post', scripts, pageStyles, returned };
  await context.page('posts/composer', { ...model, ...page }, state.status);
}

/** What a manager wants changed in this draft, for whoever changes it. */
async function whySentBack({ approvals }: ComposerRouteParts, { editing }: ComposerState) {
  if (editing === undefined || !isDraftOf(editing.deliveries)) return null;
  return approvals.sentBack(editing.post.teamId, editing.post.id);
}

const pageStyles = ['composer-acts', 'composer-media', 'composer-preview', 'captions'];
/** Each does one thing with the form and tells the others by events; the last one begins. */
const composerScripts = [
  ...[
    'composer-options',
    'composer-media',
    'composer-order',
    'composer-cover',
    'composer-captions',
    'caption-helpers',
    'forecast',
    'free-slots',
  ],
  ...['composer-preview', 'composer-copy', 'composer-missing', 'composer-keeping', 'composer'],
];

async function create(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const typed = readPostForm(context);
  if (isRedraw(typed)) {
    await redraw(parts, context, stateOf(typed));
    return;
  }
  try {
    const form = { nonce: typed.nonce, bodyHash: hashBody(context) };
    // Asked first: a form that comes again later may name a time that has passed since.
    const kept = await parts.posts.drafts.findKept(memberOf(context), form);
    if (kept !== undefined && !kept.isPressed) {
      await changeKept(parts, context, { typed, ...kept });
      return;
    }
    const made = kept?.postId ?? (await parts.posts.findMadeBy(context.team.id, form));
    if (made !== undefined) {
      context.redirect(`/team/${context.team.id}/posts/${made}`);
      return;
    }
    const draft = await readDraft(parts, context, stateOf(typed));
    const postId = await parts.posts.schedule(memberOf(context), draft, form);
    await finish(parts, context, { postId, draft, when: typed.when });
  } catch (error) {
    if (error instanceof InputError) {
      await draw(parts, context, { ...stateOf(typed, { problems: error.problems, isAsked: true }), status: 422 });
      return;
    }
    if (!(error instanceof FormUsedError)) throw error;
    // A fresh number lets the member make it a post of its own.
    const fresh = { ...typed, nonce: newNonce() };
    await draw(parts, context, { ...stateOf(fresh, { usedFor: error.postId }), status: 409 });
  }
}

async function change(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const typed = readPostForm(context);
  await changeKept(parts, context, { typed, postId: postIdOf(context), version: typed.version });
}

interface Change {
  readonly typed: TypedPost;
  readonly postId: number;
  readonly version: string;
}

async function changeKept(parts: ComposerRouteParts, context: TeamContext, change: Change): Promise<void> {
  const { postId, version } = change;
  const typed = { ...change.typed, version };
  const bodyHash = hashBody(context);
  try {
    const editing = await findEditing(parts, context, postId);
    const state = stateOf(typed, { editing });
    if (isRedraw(typed)) await redraw(parts, context, state);
    else await save({ parts, context, state }, { postId, bodyHash });
  } catch (error) {
    await refuseWithPage(context, postId, error);
  }
}

interface Saving {
  readonly parts: ComposerRouteParts;
  readonly context: TeamContext;
  readonly state: ComposerState;
}

async function save({ parts, context, state }: Saving, target: { postId: number; bodyHash: string }): Promise<void> {
  const { typed, editing } = state;
  try {
    const draft = await readDraft(parts, context, state);
    await parts.posts.revise(memberOf(context), { ...target, version: typed.version, draft });
    await finish(parts, context, { postId: target.postId, draft, when: typed.when });
  } catch (error) {
    if (error instanceof InputError) {
      await draw(parts, context, { ...state, problems: error.problems, isAsked: true, status: 422 });
      return;
    }
    if (!(error instanceof ConflictError) || error.code !== 'changed_meanwhile') throw error;
    // Nothing typed is lost: saving once more replaces the other person's version, and the page says so.
    const current = await parts.posts.find(context.team.id, target.postId);
    const renewed = { ...typed, version: String(current.version) };
    const problems = [{ field: 'form', message: `${error.message} ${error.help ?? ''}`, code: error.code }];
    await draw(parts, context, { ...state, editing, typed: renewed, problems, status: 409 });
  }
}

/** @throws InputError with every problem, those of the due time included */
async function readDraft(
  parts: ComposerRouteParts,
  context: TeamContext,
  { typed, editing }: ComposerState,
): Promise<PostDraft> {
  const { t, team } = context;
  // “Save draft” needs no choice; the other two buttons must agree with what is chosen.
  const when = typed.act === 'draft' ? 'draft' : typed.when;
  const asked = typed.act === undefined ? when : (whenOfAct[typed.act] ?? when);
  const disagreement: readonly FieldProblem[] =
    asked === when ? [] : [{ field: 'when', message: t(`posts:problem.when.${asked}`) }];
  const reading = readDue({ typed: { ...typed, when }, zone: team.zone, now: parts.clock.now(), t });
  const draft = {
    caption: typed.caption,
    captions: typed.captions,
    cover: typed.cover,
    channelIds: typed.channelIds,
    mediaIds: typed.mediaIds,
    typedOptions: typed.options,
    declarations: typed.declarations,
    planned: { date: typed.date, time: typed.time, when: typed.when },
  };
  if (reading.ok && disagreement.length === 0) return { ...draft, due: reading.due };
  const dueProblems = reading.ok ? disagreement : [...disagreement, reading.problem];
  const present = new Set(editing?.deliveries.map(({ channelId }) => channelId) ?? []);
  const sample = { wall: '', zone: team.zone, at: parts.clock.now() };
  const others = await parts.posts.findProblems(memberOf(context), { ...draft, due: sample }, present);
  throw new InputError([...others, ...dueProblems]);
}

interface Saved {
  readonly postId: number;
  readonly draft: PostDraft;
  readonly when: When;
}

async function finish(parts: ComposerRouteParts, context: TeamContext, { postId, draft, when }: Saved): Promise<void> {
  const { team, t } = context;
  const waits = (await parts.desk.ofPost(team.id, postId)).some(({ needsApproval }) => needsApproval);
  const word = draft.due === null ? 'draft' : waits ? 'submitted' : when === 'immediately' ? 'now' : 'due';
  context.flash('ok', t(`posts:saved.${word}`));
  context.redirect(`/team/${team.id}/posts/${postId}`);
}

function isRedraw({ act }: TypedPost): boolean {
  return act !== undefined && !(act in whenOfAct);
}

/** Pressed without script: the same form with the chosen channels' options, or with the list of files. */
async function redraw(parts: ComposerRouteParts, context: TeamContext, state: ComposerState): Promise<void> {
  const { act } = state.typed;
  await draw(parts, context, { ...state, isAsked: true, isMediaOpen: act === 'choose-media' || act === 'older-media' });
}
