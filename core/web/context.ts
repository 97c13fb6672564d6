import type { Request, Response } from 'express';
import type { Clock, Translate } from '#plugin-api';
import { everyValue, flatFields, parsedFields, rawBody } from './bodies.ts';
import { readCookie } from './cookies.ts';
import { checkToken } from './csrf.ts';
import type { PageReader, Pages } from './pages.ts';
import { requestIdOf } from './request-log.ts';
import type { PageModel, PublicContext, Standing, TeamOfMember } from './route.ts';
import { safePath } from './safe-path.ts';
import { cookieName, renewSession, startPending, startSession } from './session.ts';
import { hashSessionId } from './session-store.ts';
import type { Speech } from './texts.ts';

interface ContextParts {
  readonly pages: Pages;
  readonly deferring: Translate;
  readonly isSecure: boolean;
  readonly clock: Clock;
}

interface Asker {
  readonly speech: Speech;
  readonly standing: Standing | null;
  readonly team: TeamOfMember | null;
  readonly isAdminPage: boolean;
}

const aYearMs = 31_536_000_000;

/** What a route is handed: the request read once, and the few ways to answer. */
export function createContext(parts: ContextParts, req: Request, { res, ...asker }: Asker & { res: Response }) {
  const body = parsedFields(req.body);
  const reader: PageReader = { req, requestId: requestIdOf(req), offersLanguages: asker.standing === null, ...asker };
  const context: PublicContext = {
    req,
    res,
    ...asker.speech,
    deferring: parts.deferring,
    person: asker.standing?.person ?? null,
    params: paramsOf(req),
    query: flatFields(parsedFields(req.query)),
    body: flatFields(body),
    all: (field) => everyValue(body, field),
    raw: rawBody(req),
    sessionHash: hashSessionId(req.sessionID),
    page: (view, model, status) => sendPage(parts, { ...reader, res, status }, [view, model]),
    checkCsrf: (token) => checkToken(req, token),
    redirect: (path) => redirectWithin(res, path),
    startSession: (standing) => startSession(req, standing, parts.clock.now()),
    awaitCode: (pending) => startPending(req, pending),
    rotateSession: () => renewSession(req),
    flash: (tone, text, act) => {
      const message = { tone, text, ...(act === undefined ? {} : { act }) };
      req.session.flash = [...(req.session.flash ?? []), message];
    },
  };
  return context;
}

interface Answering extends PageReader {
  readonly res: Response;
  readonly status: number | undefined;
}

async function sendPage(
  { pages, isSecure }: ContextParts,
  { res, status, ...reader }: Answering,
  [view, model]: readonly [string, PageModel],
): Promise<void> {
  const html = await pages.render(reader, view, model);
  if (reader.team !== null) rememberTeam(reader.req, res, { id: reader.team.id, isSecure });
  res
    .status(status ?? 200)
    .type('html')
    .send(html);
}

/** Where signing in leads the next time, on this device. */
function rememberTeam(
  req: Request,
  res: Response,
  { id, isSecure }: { readonly id: number; readonly isSecure: boolean },
): void {
  const name = cookieName('team', isSecure);
  if (readCookie(req, name) === String(id)) return;
  const options = { httpOnly: true, secure: isSecure, sameSite: 'lax', path: '/', maxAge: aYearMs } as const;
  res.cookie(name, String(id), options);
}

/** 303, so that the answer to a form is read with GET. */
function redirectWithin(res: Response, path: string): void {
  const own = safePath(path);
  if (own === undefined) throw new Error(`A redirect may not lead to ${path}: it is no path of this installation.`);
  res.redirect(303, own);
}

function paramsOf(req: Request): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.params)) params[name] = [value].flat().join('/');
  return params;
}
