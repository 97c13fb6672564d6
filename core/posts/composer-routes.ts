import type { Clock } from '#plugin-api';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import { ConflictError, InputError, NotFoundError, type FieldProblem } from '../errors.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { composerModel, type ComposerModelParts } from './composer-model.ts';
import { blankPost, copyOf, stateOf, typedFrom, type ComposerState } from './composer-state.ts';
import { noteOnDue } from './due-note.ts';
import { readDue } from './due-time.ts';
import { declarations, loadOptionGroup } from './option-groups.ts';
import { hashBody, newNonce, readId, readPostForm, whenOfAct, type TypedPost, type When } from './post-form.ts';
import { refuseWithPage } from './refusal.ts';
import { FormUsedError, type Member, type PostDraft, type PostService } from './post-service.ts';

export interface ComposerRouteParts extends ComposerModelParts {
  readonly posts: PostService;
  readonly desk: Pick<DeliveryDesk, 'ofPost'>;
  readonly clock: Clock;
}

export function composerRoutes(parts: ComposerRouteParts): readonly Route[] {
  const posts = '/team/:team/posts';
  const edit = { permission: 'posts.edit' } as const;
  const send = { ...edit, method: 'post', body: 'composer' } as const;
  return [
    { ...edit, method: 'get', path: `${posts}/new`, handle: (context: TeamContext) => showBlank(parts, context) },
    { ...edit, method: 'get', path: `${posts}/options`, handle: (context: TeamContext) => showOptions(parts, context) },
    { ...edit, method: 'get', path: `${posts}/due`, handle: (context: TeamContext) => showDue(parts, context) },
    { ...send, path: `${posts}/declaration`, handle: (context: TeamContext) => showDeclaration(parts, context) },
    { ...send, path: posts, handle: (context: TeamContext) => create(parts, context) },
    { ...edit, method: 'get', path: `${posts}/:post/edit`, handle: (context: TeamContext) => showPost(parts, context) },
    { ...send, path: `${posts}/:post`, handle: (context: TeamContext) => change(parts, context) },
  ];
}

/** The id in the address; what is no id is no post either. @throws NotFoundError */
export function postIdOf({ params, t }: TeamContext): number {
  const id = readId(params['post']);
  if (id === undefined) throw new NotFoundError(t('posts:absent'));
  return id;
}

export function memberOf({ person, team }: TeamContext): Member {
  return { id: person.id, name: person.name, teamId: team.id, zone: team.zone };
}

/** Links may name what to begin with: `?channel=4&media=9`, or `?from=7` for caption and file of the team's own post. */
async function showBlank(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const { team, query } = context;
  const channel = readId(query['channel']);
  const channelIds = channel === undefined ? [] : [channel];
  const from = readId(query['from']);
  const typed =
    from === undefined
      ? blankPost({ channelIds, mediaIds: [readId(query['media']) ?? []].flat() })
      : copyOf(await parts.posts.find(team.id, from), channelIds);
  await draw(parts, context, stateOf(typed));
}

async function showPost(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  try {
    const editing = await findEditing(parts, context, postId);
    await draw(parts, context, stateOf(typedFrom(editing.post, editing.deliveries, parts.plugins), { editing }));
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
  const place = { team: context.team, now: parts.clock.now(), t: context.t };
  const model = await composerModel(parts, place, state);
  const title = context.t(model.isEditing ? 'posts:composer.editTitle' : 'posts:composer.title');
  const page = {
    title,
    current: model.isEditing ? 'posts' : 'new-post',
    scripts: ['js/composer.js', 'js/caption-helpers.js'],
  };
  await context.page('posts/composer', { ...model, ...page, pageStyles: ['composer-acts', 'captions'] }, state.status);
}

async function create(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const typed = readPostForm(context);
  if (isRedraw(typed)) {
    await redraw(parts, context, stateOf(typed));
    return;
  }
  try {
    const form = { nonce: typed.nonce, bodyHash: hashBody(context) };
    // Asked first: a form that comes again later may name a time that has passed since.
    const made = await parts.posts.findMadeBy(context.team.id, form);
    if (made !== undefined) {
      context.redirect(`/team/${context.team.id}/posts/${made}`);
      return;
    }
    const draft = await readDraft(parts, context, stateOf(typed));
    const postId = await parts.posts.schedule(memberOf(context), draft, form);
    finish(context, postId, { draft, when: typed.when });
  } catch (error) {
    if (error instanceof InputError) {
      await draw(parts, context, { ...stateOf(typed, { problems: error.problems }), status: 422 });
      return;
    }
    if (!(error instanceof FormUsedError)) throw error;
    // A fresh number lets the member make it a post of its own.
    const fresh = { ...typed, nonce: newNonce() };
    await draw(parts, context, { ...stateOf(fresh, { usedFor: error.postId }), status: 409 });
  }
}

async function change(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  const typed = readPostForm(context);
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
    finish(context, target.postId, { draft, when: typed.when });
  } catch (error) {
    if (error instanceof InputError) {
      await draw(parts, context, { ...state, problems: error.problems, status: 422 });
      return;
    }
    if (!(error instanceof ConflictError) || error.code !== 'changed_meanwhile') throw error;
    // Nothing typed is lost: saving once more replaces the other person's version, and the page says so.
    const current = await parts.posts.find(context.team.id, target.postId);
    const renewed = { ...typed, version: String(current.version) };
    const problems = [{ field: 'form', message: `${error.message} ${error.help ?? ''}` }];
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
    planned: { date: typed.date, time: typed.time },
  };
  if (reading.ok && disagreement.length === 0) return { ...draft, due: reading.due };
  const dueProblems = reading.ok ? disagreement : [...disagreement, reading.problem];
  const present = new Set(editing?.deliveries.map(({ channelId }) => channelId) ?? []);
  const sample = { wall: '', zone: team.zone, at: parts.clock.now() };
  const others = await parts.posts.findProblems(memberOf(context), { ...draft, due: sample }, present);
  throw new InputError([...others, ...dueProblems]);
}

function finish(context: TeamContext, postId: number, { draft, when }: { draft: PostDraft; when: When }): void {
  const word = draft.due === null ? 'draft' : when === 'immediately' ? 'now' : 'due';
  context.flash('ok', context.t(`posts:saved.${word}`));
  context.redirect(`/team/${context.team.id}/posts/${postId}`);
}

function isRedraw({ act }: TypedPost): boolean {
  return act !== undefined && !(act in whenOfAct);
}

/** Pressed without script: the same form with the chosen channels' options, or with the list of files. */
async function redraw(parts: ComposerRouteParts, context: TeamContext, state: ComposerState): Promise<void> {
  const { act } = state.typed;
  await draw(parts, context, { ...state, isMediaOpen: act === 'choose-media' || act === 'older-media' });
}

async function showOptions(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const id = readId(context.query['channel']);
  const [channel] = id === undefined ? [] : await parts.channels.findMany(context.team.id, [id]);
  if (channel === undefined) throw new NotFoundError(context.t('posts:problem.channelGone'));
  const group = await loadOptionGroup(parts, { channel, typed: {}, problems: [], isPresent: false });
  await context.page('posts/option-group', { title: channel.nickname, group });
}

async function showDue(parts: ComposerRouteParts, { team, query, t, page }: TeamContext): Promise<void> {
  const typed = { date: query['date'] ?? '', time: query['time'] ?? '' };
  const due = noteOnDue({ ...typed, zone: team.zone, now: parts.clock.now(), t });
  await page('posts/due-note', { title: t('posts:when.name'), due });
}

async function showDeclaration(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const typed = readPostForm(context);
  const channels = await parts.channels.findMany(context.team.id, typed.channelIds);
  const model = { declarations: declarations(parts.plugins, channels, typed.options), errors: {} };
  await context.page('posts/declaration', { title: context.t('posts:declaration.name'), ...model });
}
