import { z } from 'zod';
import type { Translate } from '#plugin-api';
import { InputError, type FieldProblem } from '../errors.ts';
import { roles, type Role } from './permissions.ts';
import { passwordFault } from './password-rules.ts';
import { normalEmail } from './person-store.ts';

type Checked<T> = { readonly value: T } | { readonly problem: string };

// Invisible characters would let one name pass for another, or turn the words of a line around.
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const emailShape = /^[^\s@"<>(),;:\\]{1,64}@[a-z0-9.-]+$/;
const domainShape = /^(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*$/;

/** A person's or a team's name, trimmed. */
export function checkName(typed: string | undefined, t: Translate): Checked<string> {
  const value = (typed ?? '').trim().replaceAll(/\s+/g, ' ');
  if (value === '') return { problem: t('auth:form.nameMissing') };
  if (Array.from(value).length > 120) return { problem: t('auth:form.nameTooLong') };
  if (invisible.test(value)) return { problem: t('auth:form.nameInvisible') };
  return { value };
}

export function checkEmail(typed: string | undefined, t: Translate): Checked<string> {
  const value = normalEmail(typed ?? '');
  if (value === '') return { problem: t('auth:form.emailMissing') };
  const [, domain = ''] = value.split('@');
  const isEmail = value.length <= 254 && emailShape.test(value) && domainShape.test(domain) && !invisible.test(value);
  return isEmail ? { value } : { problem: t('auth:form.emailWrong') };
}

export function checkRole(typed: string | undefined, t: Translate): Checked<Role> {
  const role = roles.find((known) => known === typed);
  return role === undefined ? { problem: t('auth:form.roleMissing') } : { value: role };
}

interface PasswordAbout {
  readonly password: string | undefined;
  readonly email: string;
  readonly name: string;
  readonly siteName: string;
}

export function checkPassword({ password = '', ...about }: PasswordAbout, t: Translate): Checked<string> {
  const fault = passwordFault(password, about);
  return fault === undefined ? { value: password } : { problem: t(`auth:password.${fault}`, { site: about.siteName }) };
}

type Values<C extends Readonly<Record<string, Checked<unknown>>>> = {
  readonly [F in keyof C]: C[F] extends Checked<infer T> ? T : never;
};

/** Every field's value. @throws InputError with the problem of each field that has one */
export function valuesOf<C extends Readonly<Record<string, Checked<unknown>>>>(checked: C): Values<C> {
  const problems: FieldProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [field, result] of Object.entries(checked)) {
    if ('problem' in result) problems.push({ field, message: result.problem });
    else values[field] = result.value;
  }
  if (problems.length > 0) throw new InputError(problems);
  // Every field without a problem has its value: the compiler cannot follow the loop.
  return z.custom<Values<C>>().parse(values);
}
