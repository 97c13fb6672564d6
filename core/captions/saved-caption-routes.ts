import type { Clock } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import { InputError } from '../errors.ts';
import { readId, readPostForm } from '../posts/post-form.ts';
import { plannedAt } from '../posts/planned-time.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { captionKinds } from './saved-caption.ts';
import type { CaptionActor, SavedCaption, SavedCaptionService } from './saved-caption-service.ts';

export interface SavedCaptionRouteParts {
  readonly savedCaptions: SavedCaptionService;
  readonly channels: Pick<ChannelService, 'findMany'>;
  readonly clock: Clock;
}

/**
 * Saved captions and groups of hashtags: the page, the menu for the composer, and the warning about a text that goes out
 * twice. To be mounted before `/posts/:post`.
 */
export function savedCaptionRoutes(parts: SavedCaptionRouteParts): readonly Route[] {
  const path = '/team/:team/captions';
  const see = { method: 'get', permission: 'team.see' } as const;
  const edit = { method: 'post', permission: 'posts.edit' } as const;
  const sameText = { ...edit, path: '/team/:team/posts/same-text', body: 'composer' } as const;
  return [
    { ...see, path, handle: (context: TeamContext) => show(parts, context, {}) },
    {
      ...see,
      path: `${path}/menu`,
      permission: 'posts.edit',
      handle: (context: TeamContext) => showMenu(parts, context),
    },
    { ...edit, path, handle: (context: TeamContext) => add(parts, context) },
    { ...edit, path: `${path}/:caption`, handle: (context: TeamContext) => change(parts, context) },
    { ...edit, path: `${path}/:caption/deletion`, handle: (context: TeamContext) => remove(parts, context) },
    { ...sameText, handle: (context: TeamContext) => showSameText(parts, context) },
  ];
}

function actorOf({ person, team }: TeamContext): CaptionActor {
  return { id: person.id, name: person.name, teamId: team.id };
}

function idOf({ params }: TeamContext): number {
  return readId(params['caption']) ?? 0;
}

async function add(parts: SavedCaptionRouteParts, context: TeamContext): Promise<void> {
  try {
    const { name } = await parts.savedCaptions.add(actorOf(context), context.body);
    done(context, context.t('captions:added', { name }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await show(parts, context, { errors: problemsByField(error) });
  }
}

async function change(parts: SavedCaptionRouteParts, context: TeamContext): Promise<void> {
  const id = idOf(context);
  try {
    const { name } = await parts.savedCaptions.change(actorOf(context), id, context.body);
    done(context, context.t('captions:changed', { name }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await show(parts, context, {
      errors: problemsByField(error),
      editing: await parts.savedCaptions.find(context.team.id, id),
    });
  }
}

async function remove(parts: SavedCaptionRouteParts, context: TeamContext): Promise<void> {
  const { name } = await parts.savedCaptions.remove(actorOf(context), idOf(context));
  done(context, context.t('captions:removed', { name }));
}

function done(context: TeamContext, text: string): void {
  context.flash('ok', text);
  context.redirect(`/team/${context.team.id}/captions`);
}

interface Shown {
  /** Of what was typed and could not be used. */
  readonly errors?: Readonly<Record<string, string>>;
  readonly editing?: SavedCaption;
}

async function show(parts: SavedCaptionRouteParts, context: TeamContext, { errors, editing }: Shown): Promise<void> {
  const { team, t, query, body } = context;
  const mayEdit = roleMay(team.role, 'posts.edit');
  const saved = await parts.savedCaptions.list(team.id);
  const edited = editing ?? saved.find(({ id }) => mayEdit && String(id) === query['edit']);
  const kind = captionKinds.find((known) => known === query['add']) ?? 'caption';
  const values = errors === undefined ? (edited ?? { kind, name: '', text: '' }) : body;
  const groups = captionKinds.map((of) => ({ kind: of, items: saved.filter((one) => one.kind === of) }));
  const model = {
    title: t('captions:title'),
    current: 'captions',
    pageStyles: ['captions'],
    groups,
    mayEdit,
    editedId: edited?.id ?? null,
    isOpen: mayEdit && (errors !== undefined || edited !== undefined || query['add'] !== undefined),
    values,
    errors: errors ?? {},
  };
  await context.page('captions/list', model, errors === undefined ? 200 : 422);
}

/** A fragment: what may be put into the caption's field. */
async function showMenu(parts: SavedCaptionRouteParts, { team, query, t, page }: TeamContext): Promise<void> {
  const kind = captionKinds.find((known) => known === query['kind']) ?? 'caption';
  const items = (await parts.savedCaptions.list(team.id)).filter((one) => one.kind === kind);
  await page('captions/menu', { title: t('captions:title'), items, kind });
}

/** A fragment about the composer's form as it is typed: nothing where no text goes out twice within a week. */
async function showSameText(parts: SavedCaptionRouteParts, context: TeamContext): Promise<void> {
  const { team, body, query, t } = context;
  const typed = readPostForm(context);
  const channels = await parts.channels.findMany(team.id, typed.channelIds);
  const planned = channels.map(({ id }) => {
    const own = body[`captions.${id}`]?.replaceAll('\r\n', '\n') ?? '';
    return { channelId: id, text: own.trim() === '' ? typed.caption : own };
  });
  const at = (typed.when === 'immediately' ? null : plannedAt(typed, team.zone)) ?? parts.clock.now();
  const exceptPostId = readId(query['post']);
  const question = { teamId: team.id, planned, at, ...(exceptPostId === undefined ? {} : { exceptPostId }) };
  const found = await parts.savedCaptions.findSameText(question);
  const names = new Map(channels.map(({ id, nickname }) => [id, nickname]));
  const rows = found.map((one) => ({
    channel: names.get(one.channelId) ?? '',
    at: one.at,
    href: `/team/${team.id}/posts/${one.postId}`,
  }));
  await context.page('captions/same-text', { title: t('captions:sameText.title'), rows });
}
