import { Strategy as LocalStrategy } from 'passport-local';
import { z } from 'zod';
import { runStrategy } from './run-strategy.ts';
import type { PublicContext, Route, Standing } from '../web/route.ts';
import { safePath } from '../web/safe-path.ts';
import { endSession } from '../web/session.ts';
import { startPath } from '../web/start-path.ts';
import { toError } from '../web/to-error.ts';
import type { SignInResult, SignInService } from './sign-in-service.ts';

interface SignInRouteParts {
  readonly signIns: SignInService;
  readonly findStanding: (personId: number) => Promise<Standing | undefined>;
  readonly isSecure: boolean;
  readonly adminPath: string;
}

export function signInRoutes(parts: SignInRouteParts): readonly Route[] {
  return [
    { method: 'get', path: '/sign-in', permission: 'public', handle: (context) => showForm(parts, context) },
    {
      method: 'post',
      path: '/sign-in',
      permission: 'public',
      handle: async (context) => {
        const result = await authenticate(parts.signIns, context);
        if (result.kind !== 'in') return refuse(context, result);
        return welcome(parts, context, result.standing);
      },
    },
    {
      method: 'post',
      path: '/sign-out',
      permission: 'signed-in',
      handle: async ({ req, redirect, flash, t }) => {
        await endSession(req);
        flash('ok', t('auth:signIn.out'));
        redirect('/sign-in');
      },
    },
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
  res.set('Retry-After', String(Math.ceil(refusal.ms / 1_000)));
  const minutes = Math.ceil(refusal.ms / 60_000);
  await drawForm(context, { ...typed, problem: t('auth:signIn.wait', { count: minutes }), status: 429 });
}

async function welcome(parts: SignInRouteParts, context: PublicContext, standing: Standing): Promise<void> {
  const { req, body, redirect } = context;
  const next = safePath(body['next']);
  await context.startSession(standing);
  redirect(next ?? startPath(req, standing, parts));
}

/**
 * passport-local reads the two fields, once per request. The session is ours alone, so that its id changes at every
 * sign-in.
 */
async function authenticate(signIns: SignInService, { req }: PublicContext): Promise<SignInResult> {
  const strategy = new LocalStrategy({ usernameField: 'email' }, (email: unknown, password: unknown, done) => {
    if (typeof email !== 'string' || typeof password !== 'string') {
      done(null, false);
      return;
    }
    signIns.signIn({ email, password, address: req.ip ?? '' }).then(
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
