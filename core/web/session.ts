import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import session, { type Store } from 'express-session';
import { issueToken } from './csrf.ts';
import type { PendingSignIn, Standing } from './route.ts';
import { toError } from './to-error.ts';

interface SessionOptions {
  readonly store: Store;
  /** Sign the cookie; the first signs, all are accepted. The id alone is 256 random bits already. Another list, other secrets. */
  readonly secrets: () => readonly string[];
  readonly isSecure: boolean;
}

/**
 * Reads the session of a request, and writes one only once there is something to keep.
 * On https the cookie is bound to this very host; on plain http (loopback only) browsers would drop such a cookie,
 * so it has another name and never mixes with the real one.
 */
export function sessionReader({ store, secrets, isSecure }: SessionOptions): RequestHandler {
  const readerWith = (secret: readonly string[]): RequestHandler =>
    session({
      store,
      secret: [...secret],
      name: cookieName('session', isSecure),
      genid: () => randomBytes(32).toString('base64url'),
      resave: false,
      saveUninitialized: false,
      cookie: { secure: isSecure, httpOnly: true, sameSite: 'lax', path: '/' },
    });
  let known = secrets();
  let reader = readerWith(known);
  return (req, res, next) => {
    const now = secrets();
    if (now !== known) [known, reader] = [now, readerWith(now)];
    reader(req, res, next);
  };
}

export function cookieName(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : `local-${name}`;
}

/** Whether the request got as far as its session: one refused earlier (a foreign host) did not. */
export function hasSession(req: Request): boolean {
  return Reflect.has(req, 'session');
}

const standings = new WeakMap<object, Standing>();

/** Of the person whose session the request has, read along with it. */
export function keepStanding(req: object, standing: Standing): void {
  standings.set(req, standing);
}

/** What was read along with the session of this person, once: whoever asks again during the request asks anew. */
export function takeStanding(req: object, personId: number): Standing | undefined {
  const standing = standings.get(req);
  standings.delete(req);
  return standing?.person.id === personId ? standing : undefined;
}

/** Signs the person in: a new session id, a new form token; whatever the browser brought along is over. */
export async function startSession(req: Request, standing: Standing, now: number): Promise<void> {
  await regenerate(req);
  req.session.userId = standing.person.id;
  req.session.rights = rightsOf(standing);
  req.session.signedInAt = now;
  req.session.confirmedAt = now;
  req.session.agent = agentOf(req);
  issueToken(req);
  await save(req);
}

/** A new session for the second step: whatever the browser brought along is over, and nobody is signed in. */
export async function startPending(req: Request, pending: PendingSignIn): Promise<void> {
  await regenerate(req);
  req.session.pending = pending;
  issueToken(req);
  await save(req);
}

const longestAgent = 300;

/** What the browser calls itself, without what would move a terminal. */
function agentOf(req: Request): string {
  return (req.get('user-agent') ?? '').replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, longestAgent);
}

/** Signs the person out here; the empty session that follows holds no one. */
export async function endSession(req: Request): Promise<void> {
  await regenerate(req);
}

/** Same person, same form token (other open pages go on working), new id; the old id is dead at once. */
export async function renewSession(req: Request): Promise<void> {
  const { userId, rights, csrfToken, flash, signedInAt, confirmedAt, address, agent, recording } = req.session;
  await regenerate(req);
  const kept = { userId, rights, csrfToken, flash, signedInAt, confirmedAt, address, agent };
  Object.assign(req.session, kept, recording === undefined ? {} : { recording });
  await save(req);
}

/** Changes whenever the person's place in the installation or in a team changes. */
export function rightsOf({ person, teams }: Standing): string {
  const places = teams.map((team) => `${team.id}:${team.role}`).sort();
  return [person.isAdmin ? 'admin' : 'person', ...places].join(' ');
}

// express-session 1.19 does not do this by itself after a sign-in: a planted id would become authenticated.
function regenerate(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.regenerate((error: unknown) => (error ? reject(toError(error)) : resolve()));
  });
}

function save(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.save((error: unknown) => (error ? reject(toError(error)) : resolve()));
  });
}
