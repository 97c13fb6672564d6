import { ConflictError, InputError } from '../errors.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { memberOf, postIdOf, type ComposerRouteParts } from './composer-parts.ts';
import type { Kept } from './keep-draft.ts';
import { hashBody, readPostForm } from './post-form.ts';

/** What keeps a person's words while they write: asked for by the form's script, nothing but a button schedules. */
export function composerKeeping(parts: ComposerRouteParts): readonly Route[] {
  const posts = '/team/:team/posts';
  const send = { permission: 'posts.edit', method: 'post', body: 'composer' } as const;
  return [
    { ...send, path: `${posts}/drafts`, handle: (context: TeamContext) => keep(parts, context, undefined) },
    {
      ...send,
      path: `${posts}/:post/draft`,
      handle: (context: TeamContext) => keep(parts, context, postIdOf(context)),
    },
    { ...send, path: `${posts}/:post/draft/removal`, handle: (context: TeamContext) => discard(parts, context) },
  ];
}

/** 200 with the version that stands now, 409 when it is not the one typed over, 422 for what cannot be kept. */
async function keep(parts: ComposerRouteParts, context: TeamContext, postId: number | undefined): Promise<void> {
  const { nonce, version, ...form } = readPostForm(context);
  const { caption, captions, cover, channelIds, mediaIds, options, date, time, when } = form;
  const typed = { caption, captions, cover, channelIds, mediaIds, typedOptions: options };
  // Nothing is agreed to before a button is pressed, so no declaration is kept.
  const draft = { ...typed, due: null, planned: { date, time, when }, declarations: new Map<string, string>() };
  const words = { nonce, version, draft, form, bodyHash: hashBody(context) };
  try {
    await showKept(parts, context, await parts.posts.drafts.keep(memberOf(context), { postId, ...words }));
  } catch (error) {
    if (error instanceof InputError) {
      const [problem] = error.problems;
      await context.page('posts/composer-unkept', { title: '', problem: problem ?? error }, 422);
    } else if (error instanceof ConflictError) await showConflict(parts, context, { postId, error });
    else throw error;
  }
}

async function showKept(parts: ComposerRouteParts, context: TeamContext, kept: Kept): Promise<void> {
  const action = `/team/${context.team.id}/posts/${kept.postId}`;
  await context.page('posts/composer-kept', { title: '', ...kept, action, at: parts.clock.now() });
}

async function showConflict(
  parts: ComposerRouteParts,
  context: TeamContext,
  { postId, error }: { readonly postId: number | undefined; readonly error: ConflictError },
): Promise<void> {
  if (postId === undefined || error.code !== 'changed_meanwhile') {
    const problem = { message: `${error.message} ${error.help ?? ''}`, code: error.code };
    await context.page('posts/composer-unkept', { title: '', problem }, 409);
    return;
  }
  const post = await parts.posts.find(context.team.id, postId);
  const reviser = await parts.posts.drafts.reviserOf(postId);
  const by = reviser === null ? 'unknown' : reviser.id === context.person.id ? 'self' : 'other';
  const conflict = { by, name: reviser?.name ?? '', at: post.updatedAt, version: post.version };
  const editHref = `/team/${context.team.id}/posts/${postId}/edit`;
  await context.page('posts/composer-conflict', { title: '', conflict, editHref }, 409);
}

async function discard(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const postId = postIdOf(context);
  await parts.posts.find(context.team.id, postId);
  await parts.posts.drafts.discardCopy(memberOf(context), postId);
  context.redirect(`/team/${context.team.id}/posts/${postId}/edit`);
}
