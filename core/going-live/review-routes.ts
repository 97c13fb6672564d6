import type { Clock } from '#plugin-api';
import type { PersonContext, Route } from '../web/route.ts';
import { address, headOf, type Part, refusalModel, scenesModel, textsModel } from './going-live-model.ts';
import { type GoingLiveRouteParts, liveOf } from './going-live-routes.ts';
import type { GoingLive } from './going-live-service.ts';
import { matchComment } from './match-comment.ts';
import { packMarkdown } from './pack-markdown.ts';
import { packModel } from './pack-model.ts';
import { hrefOf, isFilmedBefore, recordingMs, type Stage } from './record-mode.ts';

export interface ReviewRouteParts extends Pick<GoingLiveRouteParts, 'goingLive' | 'isPage'> {
  readonly clock: Clock;
  readonly stageOf: (person: { readonly id: number }, pluginId: string) => Promise<Stage>;
}

/** A reviewer's comment is a few sentences; of more only the beginning is read. */
const mostCommentLength = 5_000;

/** What reviewers read and see: explanations, the film, what they answer, and all of it to take along. */
export function reviewRoutes(parts: ReviewRouteParts): readonly Route[] {
  const admin = { permission: 'admin' } as const;
  const at = `${address}/:plugin`;
  return [
    { ...admin, method: 'get', path: `${at}/texts`, handle: (context: PersonContext) => showTexts(parts, context) },
    { ...admin, method: 'get', path: `${at}/film`, handle: (context: PersonContext) => showFilm(parts, context) },
    {
      ...admin,
      method: 'post',
      path: `${at}/recording`,
      handle: (context: PersonContext) => startRecording(parts, context),
    },
    {
      ...admin,
      method: 'post',
      path: `${at}/recording/end`,
      handle: (context: PersonContext) => stopRecording(context),
    },
    {
      ...admin,
      method: 'get',
      path: `${at}/comment`,
      handle: (context: PersonContext) => showComment(parts, context, ''),
    },
    {
      ...{ ...admin, method: 'post', path: `${at}/comment` },
      handle: (context: PersonContext) => showComment(parts, context, context.body['comment'] ?? ''),
    },
    { ...admin, method: 'get', path: `${at}/pack`, handle: (context: PersonContext) => showPack(parts, context) },
    { ...admin, method: 'get', path: `${at}/pack.md`, handle: (context: PersonContext) => sendPack(parts, context) },
  ];
}

function common(
  { goingLive }: ReviewRouteParts,
  context: PersonContext,
  { live, part }: { live: GoingLive; part: Part },
) {
  return {
    title: `${context.t(`going-live:tabs.${part}`)} · ${context.t('going-live:title')}`,
    heading: context.t(`going-live:tabs.${part}`),
    ...({ frame: 'admin', current: 'going-live', pageStyles: ['going-live'] } as const),
    ...headOf(live, goingLive.networks(), part),
  };
}

async function showTexts(parts: ReviewRouteParts, context: PersonContext): Promise<void> {
  const live = await liveOf(parts, context);
  const groups = textsModel(live, live.facts, context);
  await context.page('going-live/texts', { ...common(parts, context, { live, part: 'texts' }), groups });
}

async function showFilm(parts: ReviewRouteParts, context: PersonContext): Promise<void> {
  const live = await liveOf(parts, context);
  const { plugin, part, facts } = live;
  const stage = await parts.stageOf(context.person, plugin.id);
  const { recording } = context.req.session;
  const isOn = recording?.plugin === plugin.id && recording.until > parts.clock.now();
  const scenes = scenesModel(live, facts, context);
  const first = scenes.find((scene) => !isFilmedBefore(scene));
  await context.page('going-live/film', {
    ...common(parts, context, { live, part: 'film' }),
    scenes,
    rules: part.filmRules,
    before: scenes.filter(({ place }) => place === 'home' || place === 'sign-in').map(({ title }) => title),
    recordingUntil: isOn ? recording.until : null,
    begin: first === undefined ? null : { title: first.title, href: hrefOf(first.place, stage) ?? null },
    hasTeam: stage.teamId !== undefined,
  });
}

/** In the session of whoever asks, and nowhere else. */
async function startRecording(parts: ReviewRouteParts, context: PersonContext): Promise<void> {
  const { plugin } = await liveOf(parts, context);
  context.req.session.recording = { plugin: plugin.id, until: parts.clock.now() + recordingMs };
  context.flash('ok', context.t('going-live:film.started'));
  context.redirect(`${address}/${plugin.id}/film`);
}

function stopRecording(context: PersonContext): void {
  delete context.req.session.recording;
  context.flash('ok', context.t('going-live:film.stopped'));
  context.redirect(`${address}/${context.params['plugin'] ?? ''}/film`);
}

async function showComment(parts: ReviewRouteParts, context: PersonContext, typed: string): Promise<void> {
  const live = await liveOf(parts, context);
  const { refusals } = live.part;
  const comment = Array.from(typed).slice(0, mostCommentLength).join('');
  const found = matchComment(comment, refusals);
  await context.page('going-live/comment', {
    ...common(parts, context, { live, part: 'comment' }),
    comment,
    isCut: comment.length < typed.length,
    mostLength: mostCommentLength,
    isAsked: comment.trim() !== '',
    found: found.map((one) => refusalModel(one, context)),
    all: refusals.filter((one) => !found.includes(one)).map((one) => refusalModel(one, context)),
  });
}

async function showPack(parts: ReviewRouteParts, context: PersonContext): Promise<void> {
  const live = await liveOf(parts, context);
  await context.page('going-live/pack', {
    ...{ ...headOf(live, [], 'pack'), title: context.t('going-live:pack.title', { site: live.facts.siteName }) },
    ...{ frame: 'plain', pageStyles: ['going-live', 'pack'], pack: packModel(live, context, parts.clock.now()) },
  });
}

async function sendPack(parts: ReviewRouteParts, context: PersonContext): Promise<void> {
  const live = await liveOf(parts, context);
  const text = packMarkdown(packModel(live, context, parts.clock.now()), context);
  const { res } = context;
  res.attachment(`review-pack-${live.plugin.id}.md`).type('text/markdown; charset=utf-8').send(text);
}
