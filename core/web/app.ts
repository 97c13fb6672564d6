import path from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import type { Store } from 'express-session';
import createError from 'http-errors';
import type { Logger } from 'pino';
import type { Clock } from '#plugin-api';
import type { Config } from '../config.ts';
import { NotFoundError } from '../errors.ts';
import { projectRoot } from '../project-root.ts';
import { accentStylesheet, defaultAccent } from './accent.ts';
import { createAssets, type Assets } from './assets.ts';
import type { Brand } from './brand.ts';
import { brandFiles } from './brand-files.ts';
import { errorAnswer } from './error-answer.ts';
import type { Allowances } from './allowances.ts';
import type { Confirmations } from './confirm-first.ts';
import { securityHeaders } from './headers.ts';
import { hostsOf, type Hosts } from './hosts.ts';
import { iconNames } from './icon-names.ts';
import { buildIconSprite } from './icons.ts';
import { answer, askToSignIn, findStanding, memberTeam, mountRoutes, type MountParts } from './mount-routes.ts';
import { createNavigation } from './nav.ts';
import { createPages, type PageParts, type Pages } from './pages.ts';
import { settleLanguage, type SiteLanguage } from './reader-language.ts';
import { requestLog } from './request-log.ts';
import type { Route, Standing } from './route.ts';
import { sessionReader } from './session.ts';
import type { Texts } from './texts.ts';
import { createViews } from './views.ts';

/** What the web needs of a plugin; core knows no more of it here. */
export interface Network {
  readonly id: string;
  readonly name: string;
  /** Name of a Bootstrap icon. */
  readonly icon: string;
  /** Folder of its views, `<id>/<view>` on pages. */
  readonly views?: string;
  /** Folder of its public files, under /assets/<id>/. */
  readonly publicFiles?: string;
  readonly origins?: { readonly formAction?: readonly string[] };
}

export interface AppParts {
  readonly config: Pick<Config, 'publicUrl' | 'isSecure' | 'trustProxy'>;
  readonly routes: readonly Route[];
  /** Asked for a GET that no route answers: a public route whose path is a setting (an overridden callback). */
  readonly findRoute?: (path: string) => Promise<Route | undefined>;
  readonly networks: readonly Network[];
  readonly sessionStore: Store;
  readonly sessionSecrets: () => readonly string[];
  /** Undefined for a person who is gone or disabled. */
  readonly findStanding: (userId: number) => Promise<Standing | undefined>;
  readonly confirmations: Confirmations;
  readonly allowances: Allowances;
  readonly teamFacts: PageParts['teamFacts'];
  readonly errorHref?: PageParts['errorHref'];
  readonly adminCounts?: PageParts['adminCounts'];
  readonly recordStrip?: PageParts['recordStrip'] | undefined;
  readonly texts: Texts;
  readonly siteLanguage: SiteLanguage;
  readonly brand: Brand;
  /** A file for strangers at a path where no page is: answered before anybody is asked who they are. */
  readonly findFile?: (path: string) => Promise<Buffer | undefined>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Keep compiled templates and hashes of files; off in development. */
  readonly cache: boolean;
}

/** Puts the web together: what every request passes, in order, then the routes, then the one place for errors. */
export function createApp(parts: AppParts): Express {
  const { config, log } = parts;
  const app = express();
  configure(app, config);
  const hosts = hostsOf(config.publicUrl);
  const assets = makeAssets(parts);
  const pages = makePages(parts, assets);
  const { texts, siteLanguage, findStanding, confirmations, allowances, clock } = parts;
  const isSecure = config.isSecure;
  const mount: MountParts = {
    pages,
    hosts,
    texts,
    siteLanguage,
    isSecure,
    findStanding,
    confirmations,
    allowances,
    clock,
  };

  app.use(requestLog(log), securityHeaders(config.isSecure, foreignOrigins(parts)));
  app.use(refuseOddMethods, refuseForeignHosts(hosts), settleScheme(config.isSecure));
  app.use('/assets', brandFiles(parts.brand), assets.router, absent);
  if (parts.findFile !== undefined) app.use(plainFiles(parts.findFile));
  app.use(freshen(parts.brand));
  app.use(sessionReader({ store: parts.sessionStore, secrets: parts.sessionSecrets, isSecure: config.isSecure }));
  mountRoutes(app, parts.routes, mount);
  app.use(answerUnknown(mount, parts.findRoute));
  app.use(errorAnswer({ pages, texts, siteLanguage, log, brand: parts.brand, publicUrl: config.publicUrl }));
  return app;
}

function configure(app: Express, { trustProxy }: AppParts['config']): void {
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');
  // An explicit list, or nobody: what a stranger writes into X-Forwarded-For counts for nothing.
  app.set('trust proxy', trustProxy.length > 0 ? [...trustProxy] : false);
}

function foreignOrigins({ networks }: AppParts) {
  return { formAction: networks.flatMap((network) => network.origins?.formAction ?? []) };
}

function makeAssets({ networks, cache }: AppParts): Assets {
  const modules = path.join(projectRoot, 'node_modules');
  const folders = new Map([
    ['tabler', path.join(modules, '@tabler/core/dist/css')],
    ['geist', path.join(modules, '@fontsource-variable/geist/files')],
    ['geist-mono', path.join(modules, '@fontsource-variable/geist-mono/files')],
    ['noto-sans-thai', path.join(modules, '@fontsource-variable/noto-sans-thai/files')],
    ['htmx', path.join(modules, 'htmx.org/dist')],
    ['tus', path.join(modules, 'tus-js-client/dist')],
    ['chart', path.join(modules, 'chart.js/dist')],
    ['event-calendar', path.join(modules, '@event-calendar/build/dist')],
  ]);
  for (const { id, publicFiles } of networks) if (publicFiles !== undefined) folders.set(id, publicFiles);
  folders.set('', path.join(projectRoot, 'core/public'));
  const icons = [...iconNames, ...networks.map((network) => network.icon)];
  const sprite = buildIconSprite(icons, path.join(modules, 'bootstrap-icons/icons'));
  const made = new Map([
    ['accent.css', { type: 'text/css', text: accentStylesheet(defaultAccent) }],
    ['icons.svg', { type: 'image/svg+xml', text: sprite }],
  ]);
  return createAssets({ folders, made, cache });
}

function makePages(parts: AppParts, assets: Assets): Pages {
  const { networks, routes, clock, brand, recordStrip, cache } = parts;
  const { teamFacts, errorHref = () => undefined, adminCounts = () => Promise.resolve({}) } = parts;
  const plugins = new Map(networks.flatMap(({ id, views }) => (views === undefined ? [] : [[id, views] as const])));
  const views = createViews({ root: path.join(projectRoot, 'views'), plugins, cache });
  const navigation = createNavigation(routes, networks);
  const { isSecure } = parts.config;
  const told = { teamFacts, errorHref, adminCounts };
  return createPages({ views, assets, navigation, ...told, recordStrip, brand, clock, isSecure });
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const usedMethods = 'GET, HEAD, POST';

const refuseOddMethods: RequestHandler = (req, _res, next) => {
  if (!methods.has(req.method)) throw createError(405, { headers: { Allow: usedMethods } });
  next();
};

/** Also for operators' probes, which ask by the machine's own address. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

function refuseForeignHosts(hosts: Hosts): RequestHandler {
  return (req, _res, next) => {
    if (!req.url.startsWith('/') || (req.headersDistinct['host']?.length ?? 0) > 1) throw createError(400);
    if (!probes.has(req.path) && !hosts.isOwn(req.get('host'))) throw createError(421);
    next();
  };
}

/**
 * Whether people use https is decided by PUBLIC_URL, not by a header: the session's cookie is then Secure always,
 * whatever a proxy in between forgets to say.
 */
function settleScheme(isSecure: boolean): RequestHandler {
  return (req, _res, next) => {
    Object.defineProperty(req, 'secure', { value: isSecure });
    next();
  };
}

/** Probes ask for no page, and must be answered while the database is away. */
function freshen(brand: Brand): RequestHandler {
  return async (req, _res, next) => {
    if (!probes.has(req.path)) await brand.freshen();
    next();
  };
}

/** As they were saved, to the byte: no session, no redirect, no type but text. */
function plainFiles(find: NonNullable<AppParts['findFile']>): RequestHandler {
  return async (req, res, next) => {
    const isAsked = req.method === 'GET' || req.method === 'HEAD';
    const bytes = isAsked ? await find(req.path) : undefined;
    if (bytes === undefined) next();
    else res.set('Cache-Control', 'no-cache').type('text/plain').send(bytes);
  };
}

const absent: RequestHandler = () => {
  throw new NotFoundError('There is no such file.');
};

/** Addresses without a route. Below /team and /admin strangers learn no more than for those with one. */
function answerUnknown(parts: MountParts, findRoute: AppParts['findRoute']): RequestHandler {
  return async (req, res) => {
    const route = req.method === 'GET' ? await findRoute?.(req.path) : undefined;
    if (route !== undefined) return answer(route, parts, { req, res });
    const standing = await findStanding(req, parts);
    settleLanguage(req, standing, parts.siteLanguage);
    const [, area = '', team] = req.path.split('/');
    if (standing === null && ['team', 'admin', 'account'].includes(area)) {
      askToSignIn(req, res);
      return;
    }
    const isKnownPlace = area !== 'team' || memberTeam(standing, team) !== undefined;
    if (['PUT', 'PATCH', 'DELETE'].includes(req.method) && isKnownPlace) {
      throw createError(405, { headers: { Allow: usedMethods } });
    }
    throw new NotFoundError('There is no such page.');
  };
}
