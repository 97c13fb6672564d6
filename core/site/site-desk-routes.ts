import { rm } from 'node:fs/promises';
import { InputError } from '../errors.ts';
import { languageNames, languages } from '../language/languages.ts';
import type { MediaService } from '../media/media-service.ts';
import { type LogoKind, logoKinds } from '../web/brand.ts';
import { receiveUpload } from '../web/receive-upload.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { Config } from '../config.ts';
import type { Identity } from './identity.ts';
import type { IdentityForm, SiteDesk } from './site-desk.ts';
import { siteTabs } from './site-tabs.ts';

export interface SiteDeskRouteParts {
  readonly siteDesk: SiteDesk;
  readonly identity: Identity;
  readonly media: Pick<MediaService, 'folders'>;
  readonly config: Pick<Config, 'mail'>;
}

const at = '/admin/site';
const mostLogoBytes = 5_000_000;

/** Settings → Site: name, colour, logo, words of the home page, mail sender, language. */
export function siteDeskRoutes(parts: SiteDeskRouteParts): readonly Route[] {
  const admin = { permission: 'admin' } as const;
  const logo = (kind: LogoKind): readonly Route[] => [
    {
      ...admin,
      method: 'post',
      path: `${at}/logo/${kind}`,
      body: 'stream',
      handle: (one: PersonContext) => saveLogo(parts, one, kind),
    },
    {
      ...admin,
      method: 'post',
      path: `${at}/logo/${kind}/removal`,
      handle: (one: PersonContext) => removeLogo(parts, one, kind),
    },
  ];
  return [
    { ...admin, method: 'get', path: at, handle: (context: PersonContext) => draw(parts, context, {}) },
    { ...admin, method: 'post', path: at, handle: (context: PersonContext) => save(parts, context) },
    ...logoKinds.flatMap(logo),
  ];
}

interface Drawing {
  readonly typed?: IdentityForm;
  readonly problems?: InputError['problems'];
  readonly logoProblem?: { readonly kind: LogoKind; readonly text: string };
}

async function draw(parts: SiteDeskRouteParts, context: PersonContext, drawing: Drawing): Promise<void> {
  const { siteDesk, identity, config } = parts;
  const isRefused = drawing.problems !== undefined || drawing.logoProblem !== undefined;
  const model = {
    ...({
      title: context.t('identity:title'),
      frame: 'admin',
      current: 'site',
      tabs: siteTabs(context.t, at),
    } as const),
    ...{ values: Object.fromEntries(drawing.typed ?? siteDesk.form()), setBy: Object.fromEntries(siteDesk.setBy) },
    errors: Object.fromEntries((drawing.problems ?? []).map(({ field, message }) => [field, message])),
    languageChoices: languages.map((language) => ({ value: language, label: languageNames[language] })),
    ...{ sendsMail: config.mail !== undefined, standardSender: identity.sender().address },
    logos: logoKinds.map((kind) => ({ kind, isThere: identity.logo(kind) !== undefined })),
    logoProblem: drawing.logoProblem ?? null,
  };
  await context.page('site/desk', model, isRefused ? 422 : 200);
}

async function save(parts: SiteDeskRouteParts, context: PersonContext): Promise<void> {
  const typed = new Map(Object.entries(context.body));
  try {
    await parts.siteDesk.save(typed, context.person.id);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await draw(parts, context, { typed: new Map([...parts.siteDesk.form(), ...typed]), problems: error.problems });
    return;
  }
  context.flash('ok', context.deferring('identity:saved'));
  context.redirect(at);
}

async function saveLogo(parts: SiteDeskRouteParts, context: PersonContext, kind: LogoKind): Promise<void> {
  const { req, res, checkCsrf, t, person } = context;
  const checkToken = (token: string | undefined): void => {
    if (req.get('x-csrf-token') === undefined) checkCsrf(token);
  };
  const order = { req, res, folder: parts.media.folders.incoming, maxBytes: mostLogoBytes, checkToken };
  const received = await receiveUpload({ ...order, onNearlyThere: () => undefined });
  if (received.kind !== 'received') {
    await draw(parts, context, { logoProblem: { kind, text: t(`identity:logo.fault.${received.kind}`) } });
    return;
  }
  try {
    await parts.siteDesk.saveLogo(kind, received.file.path, person.id);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await draw(parts, context, { logoProblem: { kind, text: error.message } });
    return;
  } finally {
    await rm(received.file.path, { force: true });
  }
  context.flash('ok', context.deferring('identity:logo.saved'));
  context.redirect(at);
}

async function removeLogo(parts: SiteDeskRouteParts, context: PersonContext, kind: LogoKind): Promise<void> {
  await parts.siteDesk.removeLogo(kind, context.person.id);
  context.flash('ok', context.deferring('identity:logo.removed'));
  context.redirect(at);
}
