import { rm } from 'node:fs/promises';
import type { IconFacts, IconRule } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import type { MediaService } from '../media/media-service.ts';
import { receiveUpload } from '../web/receive-upload.ts';
import type { PersonContext, Route } from '../web/route.ts';
import { address, headOf, stepsModel } from './going-live-model.ts';
import type { GoingLive, GoingLiveService } from './going-live-service.ts';
import type { IconFault } from './read-icon.ts';

export interface GoingLiveRouteParts {
  readonly goingLive: GoingLiveService;
  readonly media: Pick<MediaService, 'folders'>;
  readonly isPage: (href: string) => boolean;
}

/** Going live: the steps of a network's portal, what is seen of them, and what an admin says was done. */
export function goingLiveRoutes(parts: GoingLiveRouteParts): readonly Route[] {
  const admin = { permission: 'admin' } as const;
  const at = `${address}/:plugin`;
  return [
    { ...admin, method: 'get', path: address, handle: (context: PersonContext) => showFirst(parts, context) },
    {
      ...admin,
      method: 'get',
      path: at,
      handle: async (context: PersonContext) => showSteps(parts, context, { live: await liveOf(parts, context) }),
    },
    {
      ...admin,
      method: 'post',
      path: `${at}/steps/:step`,
      handle: (context: PersonContext) => markStep(parts, context),
    },
    {
      ...admin,
      method: 'post',
      path: `${at}/icon`,
      body: 'stream',
      handle: (context: PersonContext) => checkIcon(parts, context),
    },
  ];
}

/** @throws NotFoundError */
export function liveOf(
  { goingLive }: Pick<GoingLiveRouteParts, 'goingLive'>,
  context: PersonContext,
): Promise<GoingLive> {
  return goingLive.of(context.params['plugin'] ?? '');
}

async function showFirst(parts: GoingLiveRouteParts, context: PersonContext): Promise<void> {
  const [first] = parts.goingLive.networks();
  if (first !== undefined) return showSteps(parts, context, { live: await parts.goingLive.of(first.id) });
  const title = context.t('going-live:title');
  await context.page('going-live/none', { title, frame: 'admin', current: 'going-live' });
}

async function showSteps(
  parts: GoingLiveRouteParts,
  context: PersonContext,
  { live, iconProblem = null }: { readonly live: GoingLive; readonly iconProblem?: string | null },
): Promise<void> {
  const { t, say } = context;
  const model = {
    ...({ title: t('going-live:title'), frame: 'admin', current: 'going-live', pageStyles: ['going-live'] } as const),
    ...headOf(live, parts.goingLive.networks(), 'steps'),
    ...stepsModel(live, { t, say, isPage: parts.isPage }),
    iconProblem,
  };
  await context.page('going-live/steps', model, iconProblem === null ? 200 : 422);
}

async function markStep({ goingLive }: GoingLiveRouteParts, context: PersonContext): Promise<void> {
  const { params, person, body, t } = context;
  const { plugin: pluginId = '', step = '' } = params;
  const isDone = body['done'] === '1';
  const { part } = await goingLive.of(pluginId);
  const said = { pluginId, step, by: person.id };
  await (isDone ? goingLive.mark(said) : goingLive.unmark(said));
  const name = part.steps.find(({ id }) => id === step)?.title ?? step;
  context.flash('ok', t(`going-live:saved.${isDone ? 'done' : 'back'}`, { step: name }));
  context.redirect(`${address}/${pluginId}`);
}

async function checkIcon(parts: GoingLiveRouteParts, context: PersonContext): Promise<void> {
  const live = await liveOf(parts, context);
  const { plugin, part } = live;
  if (part.icon === undefined) throw new NotFoundError('This network asks for no icon.');
  const found = await receiveIcon(parts, context, { pluginId: plugin.id, rule: part.icon });
  if (typeof found === 'string') return showSteps(parts, context, { live, iconProblem: found });
  context.flash('ok', context.t('going-live:icon.fits'));
  context.redirect(`${address}/${plugin.id}`);
}

interface IconOrder {
  readonly pluginId: string;
  readonly rule: IconRule;
}

/** @returns what was found, or the sentence that says what is wrong */
async function receiveIcon(
  { goingLive, media }: GoingLiveRouteParts,
  { req, res, person, t, checkCsrf }: PersonContext,
  { pluginId, rule }: IconOrder,
): Promise<IconFacts | string> {
  const checkToken = (token: string | undefined): void => {
    // With the header the host has checked already.
    if (req.get('x-csrf-token') === undefined) checkCsrf(token);
  };
  const order = { req, res, folder: media.folders.incoming, maxBytes: rule.mostBytes, checkToken };
  const upload = await receiveUpload({ ...order, onNearlyThere: () => undefined });
  const most = rule.mostBytes / 1_000_000;
  if (upload.kind !== 'received') return t(`going-live:icon.fault.${upload.kind}`, { most });
  try {
    const found = await goingLive.checkIcon(pluginId, { ...upload.file, by: person.id });
    return 'fault' in found ? t(`going-live:icon.fault.${wordOf(found)}`, { most, ...found }) : found;
  } finally {
    await rm(upload.file.path, { force: true });
  }
}

function wordOf({ fault }: IconFault): string {
  return fault === 'bytes' ? 'too-large' : fault;
}
