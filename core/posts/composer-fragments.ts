import { NotFoundError } from '../errors.ts';
import type { Media } from '../media/media.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { chosenModel, findChosen, viewsOf } from './composer-media.ts';
import type { ComposerRouteParts } from './composer-parts.ts';
import { noteOnDue } from './due-note.ts';
import { readFileProblems } from './loaded-options.ts';
import { declarations, loadOptionGroup } from './option-groups.ts';
import { readId, readPostForm, type TypedPost } from './post-form.ts';

/** Parts of the form that its script asks for one at a time, with what is typed so far. They save nothing. */
export function composerFragments(parts: ComposerRouteParts): readonly Route[] {
  const posts = '/team/:team/posts';
  const edit = { permission: 'posts.edit' } as const;
  const send = { ...edit, method: 'post', body: 'composer' } as const;
  return [
    { ...edit, method: 'get', path: `${posts}/options`, handle: (context: TeamContext) => showOptions(parts, context) },
    { ...send, path: `${posts}/options`, handle: (context: TeamContext) => showOptions(parts, context) },
    { ...edit, method: 'get', path: `${posts}/due`, handle: (context: TeamContext) => showDue(parts, context) },
    { ...send, path: `${posts}/declaration`, handle: (context: TeamContext) => showDeclaration(parts, context) },
    { ...send, path: `${posts}/chosen-media`, handle: (context: TeamContext) => showChosen(parts, context) },
  ];
}

/**
 * What one channel allows now: `?channel=4`, with `?media=9` for a file, or with the whole form for what is typed;
 * `?post=7` where that post is being edited.
 */
async function showOptions(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const { team, query, t } = context;
  const id = readId(query['channel']);
  const [channel] = id === undefined ? [] : await parts.channels.findMany(team.id, [id]);
  if (channel === undefined) throw new NotFoundError(t('posts:problem.channelGone'));
  const form = readPostForm(context);
  const inAddress = [readId(query['media']) ?? []].flat();
  const files = await findChosen(parts, team.id, [...form.mediaIds, ...inAddress]);
  const postId = readId(query['post']);
  const deliveries = postId === undefined ? [] : await parts.desk.ofPost(team.id, postId);
  const isPresent = deliveries.some(({ channelId, state }) => channelId === channel.id && state !== 'cancelled');
  const typed = form.options.get(channel.id) ?? {};
  const media = viewsOf(parts, files);
  const group = await loadOptionGroup(parts, { channel, typed, media, problems: [], isPresent });
  await context.page('posts/option-group', { title: channel.nickname, group, askedAt: parts.clock.now() });
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

async function showChosen(parts: ComposerRouteParts, context: TeamContext): Promise<void> {
  const typed = readPostForm(context);
  const files = await findChosen(parts, context.team.id, typed.mediaIds);
  const chosen = chosenModel(context, files, typed);
  const problems = await fileProblems(parts, context, { typed, files });
  await context.page('posts/composer-chosen', { title: context.t('posts:media.name'), chosen, problems });
}

interface ChosenFiles {
  readonly typed: TypedPost;
  readonly files: readonly Media[];
}

/**
 * What each chosen channel has against files that were chosen after its network was asked: by what it said then, which
 * the page sends along as `longest.<channel>`. A channel whose network does not know without being asked, or whose plugin
 * answered in a shape that cannot be read, is left out.
 */
async function fileProblems(parts: ComposerRouteParts, { team, body }: TeamContext, { typed, files }: ChosenFiles) {
  const channels = await parts.channels.findMany(team.id, typed.channelIds);
  const media = viewsOf(parts, files);
  return channels.flatMap(({ id, plugin }) => {
    const composer = parts.plugins.find(plugin)?.parts.composer;
    if (composer?.fileProblems === undefined) return [];
    const told = composer.fileProblems(media, body[`longest.${id}`] ?? null);
    const found = readFileProblems({ log: parts.log, plugin, told });
    return found === undefined ? [] : [{ channelId: id, found }];
  });
}
