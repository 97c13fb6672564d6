import { Strategy as LocalStrategy } from 'passport-local';
import { z } from 'zod';
import { runStrategy } from './run-strategy.ts';
import type { PublicContext, Route } from '../web/route.ts';
import { safePath } from '../web/safe-path.ts';
import { endSession } from '../web/session.ts';
import { startPath } from '../web/start-path.ts';
import { toError } from '../web/to-error.ts';
import { type CodeRouteParts, codeRoutes } from './code-routes.ts';
import { afterPassword, deviceOf } from './let-in.ts';
import type { SignInResult, SignInService } from './sign-in-service.ts';
import { retryAfter } from './wait-words.ts';

interface SignInRouteParts extends CodeRouteParts {
  readonly signIns: SignInService;
}

export function signInRoutes(parts: SignInRouteParts): readonly Route[] {
  return [
    { method: 'get', path: '/sign-in', permission: 'public', handle: (context) => showForm(parts, context) },
    {
      method: 'post',
      path: '/sign-in',
      permission: 'public',
      handle: async (context) => {
        const result = await authenticate(parts, context);
        if (result.kind !== 'in') return refuse(context, result);
        return afterPassword(parts, context, { standing: result.standing });
      },
    },
    {
      method: 'post',
      path: '/sign-out',
      permission: 'signed-in',
      handle: async ({ req, person, redirect, flash, t }) => {
        await endSession(req);
        const about = { teamId: null, actorId: person.id, subject: 'user', subjectId: person.id } as const;
        await parts.events.record({ ...about, kind: 'user.signed-out', facts: {} });
        flash('ok', t('auth:signIn.out'));
        redirect('/sign-in');
      },
    },
    ...codeRoutes(parts),
  ];
}

async function showForm(parts: SignInRouteParts, context: PublicContext): Promise<void> {
  const { person, req, query, redirect } = context;
  const standing = person === null ? undefined : await parts.findStanding(person.id);
  if (standing !== undefined) {
    redirect(startPath(req, standing, parts));
    return;
  }
  await drawForm(context, { next: safePath(query['next']) ?? '', email: '', problem: '', status: 200 });
}

interface FormState {
  readonly next: string;
  readonly email: string;
  readonly problem: string;
  readonly status: number;
}

function drawForm({ page, t }: PublicContext, { status, ...model }: FormState): Promise<void> {
  return page('auth/sign-in', { title: t('auth:signIn.title'), frame: 'plain', startsSession: true, ...model }, status);
}

type Refusal = Exclude<SignInResult, { kind: 'in' }>;

async function refuse(context: PublicContext, refusal: Refusal): Promise<void> {
  const { body, res, t } = context;
  const typed = { next: safePath(body['next']) ?? '', email: body['email'] ?? '' };
  if (refusal.kind === 'wrong') {
    await drawForm(context, { ...typed, problem: t('auth:signIn.wrong'), status: 422 });
    return;
  }
  const minutes = retryAfter(res, refusal.ms);
  await drawForm(context, { ...typed, problem: t('auth:signIn.wait', { count: minutes }), status: 429 });
}

/**
 * passport-local reads the two fields, once per request. The session is ours alone, so that its id changes at every
 * sign-in.
 */
async function authenticate(parts: SignInRouteParts, context: PublicContext): Promise<SignInResult> {
  const { req } = context;
  const strategy = new LocalStrategy({ usernameField: 'email' }, (email: unknown, password: unknown, done) => {
    if (typeof email !== 'string' || typeof password !== 'string') {
      done(null, false);
      return;
    }
    parts.signIns.signIn({ email, password, address: req.ip ?? '', device: deviceOf(parts, context) }).then(
      (result) => done(null, result),
      (error: unknown) => done(error),
    );
  });
  const outcome = await runStrategy(strategy, req);
  if (outcome.kind === 'success') return signInResult.parse(outcome.value);
  if (outcome.kind === 'error') throw toError(outcome.error);
  return { kind: 'wrong' };
}

// Our own value, carried through passport.
const signInResult = z.custom<SignInResult>((value) => typeof value === 'object' && value !== null && 'kind' in value);
