import { createHash } from 'node:crypto';
import type { Clock } from '#plugin-api';
import type { EventLog } from '../events/event-log.ts';
import { readCookie } from '../web/cookies.ts';
import type { PublicContext, Standing } from '../web/route.ts';
import { safePath } from '../web/safe-path.ts';
import { cookieName } from '../web/session.ts';
import { startPath } from '../web/start-path.ts';
import type { DeviceStore } from './device-store.ts';
import type { PersonStore } from './person-store.ts';
import type { SecondFactorService } from './second-factor-service.ts';

export interface LetInParts {
  readonly secondFactors: SecondFactorService;
  readonly devices: DeviceStore;
  readonly people: PersonStore;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly isSecure: boolean;
  readonly adminPath: string;
}

/** Somebody whose password was right and whose code is awaited. */
export interface HalfSignedIn {
  readonly personId: number;
  readonly next: string;
}

/** So long a code is awaited. */
const patienceMs = 10 * 60_000;
const yearMs = 365 * 24 * 3_600_000;
export const codePath = '/sign-in/code';

/** After a right password: in, or to the page that asks for the second factor. */
export async function afterPassword(
  parts: LetInParts,
  context: PublicContext,
  { standing, said }: { readonly standing: Standing; readonly said?: string },
): Promise<void> {
  const next = safePath(context.body['next']);
  const { id } = standing.person;
  if (!(await parts.secondFactors.has(id))) return letIn(parts, context, { standing, next, said, factor: 'none' });
  const pending = {
    userId: id,
    until: parts.clock.now() + patienceMs,
    stamp: await stampOf(parts, id),
    next: next ?? '',
  };
  await context.awaitCode(pending);
  if (said !== undefined) context.flash('ok', said);
  context.redirect(codePath);
}

/** Undefined when nobody is awaited here any more: it took too long, or the password was changed meanwhile. */
export async function awaitedIn(parts: LetInParts, { req }: PublicContext): Promise<HalfSignedIn | undefined> {
  const { pending } = req.session;
  if (pending === undefined || pending.until <= parts.clock.now()) return undefined;
  if (pending.stamp !== (await stampOf(parts, pending.userId))) return undefined;
  return { personId: pending.userId, next: pending.next };
}

interface Entry {
  readonly standing: Standing;
  readonly next: string | undefined;
  /** What has just been done, for the page that follows. */
  readonly said?: string | undefined;
  readonly factor: 'none' | 'app' | 'recovery';
}

/** Signs the person in, remembers the browser, and goes on to where the person wanted. */
export async function letIn(parts: LetInParts, context: PublicContext, entry: Entry): Promise<void> {
  const { standing, next, said, factor } = entry;
  const { req, res } = context;
  const { id } = standing.person;
  await context.startSession(standing);
  if (said !== undefined) context.flash('ok', said);
  const token = await parts.devices.remember(id, deviceOf(parts, context));
  const options = { httpOnly: true, secure: parts.isSecure, sameSite: 'lax', path: '/', maxAge: yearMs } as const;
  res.cookie(cookieName('device', parts.isSecure), token, options);
  const about = { teamId: null, actorId: id, subject: 'user', subjectId: id } as const;
  await parts.events.record({ ...about, kind: 'user.signed-in', facts: { factor } });
  context.redirect(next ?? startPath(req, standing, parts));
}

/** What the browser says it was given when somebody signed in with it; empty for none. */
export function deviceOf({ isSecure }: Pick<LetInParts, 'isSecure'>, { req }: Pick<PublicContext, 'req'>): string {
  return readCookie(req, cookieName('device', isSecure)) ?? '';
}

/** Changes with the password. */
async function stampOf({ people }: LetInParts, personId: number): Promise<string> {
  const account = await people.find(personId);
  const password = account?.disabledAt === null ? (account.passwordHash ?? '') : '';
  return createHash('sha256').update(`half signed in/${personId}/${password}`).digest('hex');
}
