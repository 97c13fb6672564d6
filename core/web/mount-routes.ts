import type { Express, Request, Response } from 'express';
import type { Clock } from '#plugin-api';
import { roleMay, type RoutePermission } from '../auth/permissions.ts';
import { NotAllowedError, NotFoundError } from '../errors.ts';
import { askedFrom, currentAddress } from '../events/asked-from.ts';
import { onePage } from '../limits/page-patience.ts';
import { type Allowances, spendFirst } from './allowances.ts';
import { type Confirmations, confirmFirst } from './confirm-first.ts';
import { readBody, parsedFields, everyValue, refuseUnreadBody } from './bodies.ts';
import { createContext } from './context.ts';
import { checkToken, refuseForeignOrigin } from './csrf.ts';
import type { Hosts } from './hosts.ts';
import type { Pages } from './pages.ts';
import { settleLanguage, type SiteLanguage } from './reader-language.ts';
import type { Route, Standing, TeamContext, TeamOfMember } from './route.ts';
import { endSession, renewSession, rightsOf, takeStanding } from './session.ts';
import type { Texts } from './texts.ts';

export interface MountParts {
  readonly pages: Pages;
  readonly hosts: Hosts;
  readonly isSecure: boolean;
  readonly texts: Texts;
  readonly siteLanguage: SiteLanguage;
  readonly confirmations: Confirmations;
  readonly allowances: Allowances;
  readonly clock: Clock;
  /** Undefined for a person who is gone or disabled. */
  readonly findStanding: (userId: number) => Promise<Standing | undefined>;
}

/** Registers every route of the list. Nothing else in the app answers with content of the installation. */
export function mountRoutes(app: Express, routes: readonly Route[], parts: MountParts): void {
  const seen = new Set<string>();
  for (const route of routes) {
    checkDeclaration(route, seen);
    app[route.method](route.path, (req, res) =>
      askedFrom(req.ip, () => onePage(() => answer(route, parts, { req, res }))),
    );
  }
}

/** @throws Error: a team's address without a team's permission would let everybody in */
function checkDeclaration(route: Route, seen: Set<string>): void {
  const { method, path, permission, body = 'form' } = route;
  const name = `${method.toUpperCase()} ${path}`;
  const confirms = route.permission !== 'public' && route.confirms !== undefined;
  if (confirms && (method !== 'post' || body !== 'form'))
    throw new Error(`The route ${name} is no form that can be kept.`);
  if (isOfScript(method) && body !== 'stream') throw new Error(`The route ${name} must read its body as a stream.`);
  if (seen.has(name)) throw new Error(`The route ${name} is declared twice.`);
  seen.add(name);
  const isOfTeam = path.startsWith('/team/:team/');
  if (isOfTeam !== isTeamPermission(permission)) {
    throw new Error(
      `The route ${name} asks for "${permission}": addresses below /team/:team/ ask for a team's permission.`,
    );
  }
  const isOfAdmin = path === '/admin' || path.startsWith('/admin/');
  if (isOfAdmin !== (permission === 'admin')) {
    throw new Error(
      `The route ${name} asks for "${permission}": addresses below /admin ask for "admin", and no others do.`,
    );
  }
}

/** Methods that no form has. */
function isOfScript(method: Route['method']): boolean {
  return method !== 'get' && method !== 'post';
}

function isTeamPermission(permission: RoutePermission): boolean {
  return permission !== 'public' && permission !== 'signed-in' && permission !== 'admin';
}

interface Exchange {
  readonly req: Request;
  readonly res: Response;
}

/** Lets the person in, reads the body, and hands both to the route. */
export async function answer(route: Route, parts: MountParts, { req, res }: Exchange): Promise<void> {
  res.set('Cache-Control', 'no-store');
  const standing = await findStanding(req, parts);
  const speech = parts.texts.speech(settleLanguage(req, standing, parts.siteLanguage));
  if (route.permission !== 'public' && standing === null) {
    askToSignIn(req, res);
    return;
  }
  const team = admit(route.permission, standing, req);
  if (route.method !== 'get') await readForm(route, parts, { req, res });
  else if (standing !== null) await renewAfterNewRights(req, standing);
  const isAdminPage = route.permission === 'admin';
  const { deferring } = parts.texts;
  const context = createContext({ ...parts, deferring }, req, { res, standing, team, isAdminPage, speech });
  if (route.permission === 'public') return route.handle(context);
  const person = required(context.person);
  if (route.permission === 'signed-in' || route.permission === 'admin') {
    const confirmed = await confirmFirst(route, parts, { ...context, person });
    if (confirmed === undefined) return;
    await spendFirst(route, parts.allowances, confirmed);
    return route.handle(confirmed);
  }
  const teamContext: TeamContext = { ...context, person, team: required(team) };
  const confirmed = await confirmFirst<TeamContext>(route, parts, teamContext);
  if (confirmed === undefined) return;
  await spendFirst<TeamContext>(route, parts.allowances, confirmed);
  return route.handle(confirmed);
}

/** Who is asking, read anew at each request. A person disabled meanwhile is signed out here. */
export async function findStanding(
  req: Request,
  { findStanding: find }: Pick<MountParts, 'findStanding'>,
): Promise<Standing | null> {
  const { userId } = req.session;
  if (userId === undefined) return null;
  const standing = takeStanding(req, userId) ?? (await find(userId));
  if (standing !== undefined) {
    const address = currentAddress();
    if (address !== null && req.session.address !== address) req.session.address = address;
    return standing;
  }
  await endSession(req);
  return null;
}

/** Anonymous people learn nothing: the answer is the same for every address that needs a person. */
export function askToSignIn(req: Request, res: Response): void {
  const next = req.method === 'GET' ? `?next=${encodeURIComponent(req.originalUrl)}` : '';
  res.set('Cache-Control', 'no-store').redirect(303, `/sign-in${next}`);
}

/**
 * Lets the person in or not, and finds the team of the address.
 * @throws NotFoundError for a team the person is not in, existing or not; NotAllowedError for too small a role
 */
function admit(permission: RoutePermission, standing: Standing | null, req: Request): TeamOfMember | null {
  if (permission === 'public' || permission === 'signed-in') return null;
  if (permission === 'admin') {
    if (standing?.person.isAdmin === true) return null;
    throw new NotAllowedError('This page is for admins of the installation.', {
      code: 'admin_only',
      help: 'Go on from the start, or ask an admin to open it for you.',
    });
  }
  const team = memberTeam(standing, req.params['team']);
  if (team === undefined) throw new NotFoundError('There is no such team.');
  if (roleMay(team.role, permission)) return team;
  throw new NotAllowedError('Your role in this team does not allow this.', {
    help: 'Ask an owner or a manager of the team for another role.',
    code: 'role_too_small',
  });
}

/** The team of an address, if the person is in it. Ids are plain numbers: `1e0`, ` 1` and `01` name none. */
export function memberTeam(standing: Standing | null, id: unknown): TeamOfMember | undefined {
  return standing?.teams.find((team) => String(team.id) === id);
}

/** Reads the body and refuses what was not sent from our own page, before any handler sees it. */
async function readForm(route: Route, { hosts }: MountParts, { req, res }: Exchange): Promise<void> {
  const limit = route.body ?? 'form';
  if (route.csrf !== false) refuseForeignOrigin(req, hosts);
  const header = req.get('x-csrf-token');
  if (route.csrf !== false && (header !== undefined || isOfScript(route.method))) checkToken(req, header);
  await readBody(req, res, limit);
  if (route.csrf === false || limit === 'stream') return;
  if (header === undefined) checkToken(req, everyValue(parsedFields(req.body), '_csrf').at(-1));
  refuseUnreadBody(req, limit);
}

/** A changed role gives the session a new id, at the next page (not at a fragment: those come in parallel). */
async function renewAfterNewRights(req: Request, standing: Standing): Promise<void> {
  const rights = rightsOf(standing);
  const destination = req.get('sec-fetch-dest');
  const isPage = destination === undefined || destination === 'document';
  if (req.session.rights === rights || !isPage || req.method !== 'GET') return;
  req.session.rights = rights;
  await renewSession(req);
}

function required<T>(value: T | null): T {
  if (value === null) throw new Error('The route was let through without its person or team.');
  return value;
}
