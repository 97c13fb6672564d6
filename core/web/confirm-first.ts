import type { Clock } from '#plugin-api';
import { NotAllowedError } from '../errors.ts';
import { everyValue, flatFields, parsedFields } from './bodies.ts';
import type { PersonContext, TeamContext } from './route.ts';

/** How a person's password is asked for again, and what was typed meanwhile is kept. */
export interface Confirmations {
  /** Wrong guesses are limited. */
  check(personId: number, password: string): Promise<'right' | 'wrong' | 'wait'>;
  /** Of what was typed: the browser holds it meanwhile and cannot read it. */
  seal(typed: string, at: KeptFor): string;
  /** Undefined when it was sealed for another session, person or form. */
  open(kept: string, at: KeptFor): string | undefined;
}

/** The one form of the one session that what is kept belongs to. */
export interface KeptFor {
  readonly sessionHash: string;
  readonly path: string;
}

interface ConfirmParts {
  readonly confirmations: Confirmations;
  readonly clock: Clock;
}

type AnyContext = PersonContext | TeamContext;

interface Confirming<C> {
  confirms?(context: C): Promise<boolean> | boolean;
}

/** So long a password counts as just given. */
const freshMs = 10 * 60_000;
const fields = { password: 'confirm.password', kept: 'confirm.kept' } as const;

/**
 * Before a form that asks for it: unless the person gave the password within ten minutes, the answer is a page that
 * asks for it and keeps what was typed; that page posts to the same address.
 * @returns the context to go on with, or undefined when the request is answered
 * @throws NotAllowedError `stale_form` when what was kept is not of this form
 */
export async function confirmFirst<C extends AnyContext>(
  route: Confirming<C>,
  parts: ConfirmParts,
  context: C,
): Promise<C | undefined> {
  if (route.confirms === undefined) return context;
  const kept = context.body[fields.kept];
  const asked = kept === undefined ? context : withTyped(context, openKept(parts, context, kept));
  if (!(await route.confirms(asked))) return asked;
  const password = context.body[fields.password];
  const { session } = context.req;
  const now = parts.clock.now();
  if (password === undefined && now - (session.confirmedAt ?? -Infinity) <= freshMs) return asked;
  if (kept === undefined || password === undefined) return ask(parts, asked, {});
  const verdict = await parts.confirmations.check(context.person.id, password);
  if (verdict !== 'right') return ask(parts, asked, { verdict });
  session.confirmedAt = now;
  return asked;
}

function openKept({ confirmations }: ConfirmParts, context: AnyContext, kept: string): unknown {
  const typed = confirmations.open(kept, placeOf(context));
  if (typed !== undefined) return JSON.parse(typed);
  throw new NotAllowedError('This form does not belong to your session any more.', { code: 'stale_form' });
}

function withTyped<C extends AnyContext>(context: C, typed: unknown): C {
  const parsed = parsedFields(typed);
  return { ...context, body: flatFields(parsed), all: (field: string) => everyValue(parsed, field) };
}

function placeOf({ req, sessionHash }: AnyContext): KeptFor {
  return { sessionHash, path: req.originalUrl };
}

async function ask(
  { confirmations }: ConfirmParts,
  context: AnyContext,
  { verdict }: { readonly verdict?: 'wrong' | 'wait' },
): Promise<undefined> {
  const { req, res, t, page, body, all } = context;
  if (req.accepts(['html', 'json']) === 'json') {
    throw new NotAllowedError(t('account:confirm.text'), { code: 'confirm_first' });
  }
  const names = Object.keys(body).filter((name) => name !== '_csrf');
  const typed = JSON.stringify(Object.fromEntries(names.map((name) => [name, all(name)])));
  const model = {
    title: t('account:confirm.title'),
    action: req.originalUrl,
    email: context.person.email,
    fields,
    kept: confirmations.seal(typed, placeOf(context)),
    problem: verdict === undefined ? '' : t(`account:current.${verdict}`),
  };
  if (verdict === 'wait') res.set('Retry-After', '900');
  await page('account/confirm', model, verdict === undefined ? 403 : statusOf[verdict]);
  return undefined;
}

const statusOf = { wrong: 422, wait: 429 } as const;
