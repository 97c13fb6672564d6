import { InputError, NotFoundError } from '../errors.ts';
import { languageNames, readLanguage } from '../language/languages.ts';
import { readId } from '../posts/post-form.ts';
import type { PersonContext, PublicContext, Route } from '../web/route.ts';
import {
  type LegalAudience,
  legalAudiences,
  type LegalPage,
  legalPages,
  legalPaths,
  type LegalService,
} from './legal-service.ts';
import { siteTabs } from './site-tabs.ts';

export interface LegalRouteParts {
  readonly legal: LegalService;
}

const at = '/admin/site/legal';

/** The two legal pages that anybody reads, and where admins write them. */
export function legalRoutes({ legal }: LegalRouteParts): readonly Route[] {
  const admin = { permission: 'admin' } as const;
  const pages = legalPages.map((page): Route => {
    return {
      method: 'get',
      path: legalPaths[page],
      permission: 'public',
      handle: (context) => show(legal, context, page),
    };
  });
  return [
    ...pages,
    { ...admin, method: 'get', path: at, handle: (context: PersonContext) => list(legal, context) },
    { ...admin, method: 'get', path: `${at}/:page`, handle: (context: PersonContext) => edit(legal, context) },
    {
      ...admin,
      method: 'post',
      path: `${at}/:page`,
      body: 'composer',
      handle: (context: PersonContext) => write(legal, context),
    },
    {
      ...admin,
      method: 'get',
      path: `${at}/:page/versions/:version`,
      handle: (context: PersonContext) => look(legal, context),
    },
    {
      ...admin,
      method: 'post',
      path: `${at}/:page/versions/:version/restoration`,
      handle: (context: PersonContext) => restore(legal, context),
    },
  ];
}

async function show(legal: LegalService, context: PublicContext, page: LegalPage): Promise<void> {
  const text = await legal.read(page, context.language);
  const isForeign = text.language !== null && text.language !== context.language;
  await context.page('site/legal', {
    ...{ title: context.t(`frame:legal.${page}`), frame: 'plain', page, pageStyles: ['written'] },
    ...{ written: text.html, isPlaceholder: text.isPlaceholder, savedAt: text.savedAt },
    writtenIn: text.language,
    otherLanguage: isForeign ? languageNames[text.language] : null,
  });
}

async function list(legal: LegalService, context: PersonContext): Promise<void> {
  await context.page('site/legal-pages', {
    ...{ title: context.t('legal:title'), frame: 'admin', current: 'site', tabs: siteTabs(context.t, at) },
    ...{ at, states: await legal.states() },
  });
}

interface Writing {
  readonly page: LegalPage;
  readonly audience: LegalAudience;
  readonly content: string;
  readonly isPreview?: boolean;
  readonly problem?: string;
}

async function edit(legal: LegalService, context: PersonContext): Promise<void> {
  const page = pageOf(context);
  const audience = audienceOf(context.query['for']);
  await draw(legal, context, { page, audience, content: await legal.draft(page, audience, context.language) });
}

async function draw(legal: LegalService, context: PersonContext, writing: Writing): Promise<void> {
  const { page, audience, content, isPreview = false, problem = null } = writing;
  const audiences = legalAudiences.map((one) => ({
    ...{ label: audienceName(context, one), href: `${at}/${page}?for=${one}`, isCurrent: one === audience },
  }));
  const model = {
    ...({
      title: context.t(`frame:legal.${page}`),
      frame: 'admin',
      current: 'site',
      tabs: siteTabs(context.t, at),
    } as const),
    ...{
      pageStyles: ['written'],
      base: `${at}/${page}`,
      publicPath: legalPaths[page],
      audience,
      audiences,
      content,
      problem,
    },
    audienceName: audienceName(context, audience),
    preview: isPreview ? await legal.preview(content) : null,
    versions: (await legal.versions(page)).map((one) => ({
      ...one,
      for: audienceName(context, audienceOf(one.language)),
    })),
  };
  await context.page('site/legal-edit', model, problem === null ? 200 : 422);
}

async function write(legal: LegalService, context: PersonContext): Promise<void> {
  const page = pageOf(context);
  const audience = audienceOf(context.body['for']);
  const content = context.body['content'] ?? '';
  if (context.body['act'] === 'preview') return draw(legal, context, { page, audience, content, isPreview: true });
  try {
    await legal.save({ page, audience, content, by: context.person.id });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return draw(legal, context, { page, audience, content, problem: error.message });
  }
  const { isPlaceholder } = await legal.preview(content);
  context.flash(isPlaceholder ? 'warn' : 'ok', context.t(isPlaceholder ? 'legal:savedUnfinished' : 'legal:saved'));
  context.redirect(`${at}/${page}?for=${audience}`);
}

async function look(legal: LegalService, context: PersonContext): Promise<void> {
  const page = pageOf(context);
  const version = await legal.version(page, readId(context.params['version']) ?? 0);
  await context.page('site/legal-version', {
    ...{ title: context.t(`frame:legal.${page}`), frame: 'admin', current: 'site', tabs: siteTabs(context.t, at) },
    ...{
      pageStyles: ['written'],
      base: `${at}/${page}`,
      version,
      written: (await legal.preview(version.content)).html,
    },
    for: audienceName(context, audienceOf(version.language)),
  });
}

async function restore(legal: LegalService, context: PersonContext): Promise<void> {
  const page = pageOf(context);
  const version = await legal.version(page, readId(context.params['version']) ?? 0);
  const audience = audienceOf(version.language);
  await legal.save({ page, audience, content: version.content, by: context.person.id });
  const when = new Intl.DateTimeFormat(context.locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  context.flash('ok', context.t('legal:restored', { at: when.format(version.savedAt) }));
  context.redirect(`${at}/${page}?for=${audience}`);
}

function pageOf({ params }: PersonContext): LegalPage {
  const page = legalPages.find((one) => one === params['page']);
  if (page === undefined) throw new NotFoundError('There is no such legal page.');
  return page;
}

function audienceOf(typed: string | undefined): LegalAudience {
  return legalAudiences.find((one) => one === typed) ?? 'all';
}

function audienceName({ t }: PersonContext, audience: LegalAudience): string {
  const language = readLanguage(audience);
  return language === undefined ? t('legal:form.all') : languageNames[language];
}
