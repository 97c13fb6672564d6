import type { Clock, Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { InputError, StartError } from '../errors.ts';
import type { Passwords } from './passwords.ts';
import { checkEmail, checkName, checkPassword, valuesOf } from './person-form.ts';
import type { PersonStore } from './person-store.ts';

export interface AdminParts {
  readonly db: Database;
  readonly people: PersonStore;
  readonly passwords: Passwords;
  readonly siteName: () => string;
  readonly clock: Clock;
  readonly t: Translate;
}

interface NewAdmin {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** @returns the new admin's id @throws InputError at email, name or password */
export async function createAdmin(parts: AdminParts, admin: NewAdmin): Promise<number> {
  const account = await prepareAdmin(parts, admin);
  return parts.db.transaction(async (sql) => {
    if ((await parts.people.findByEmail(account.email, sql)) !== undefined) {
      throw new InputError([{ field: 'email', message: parts.t('admin:users.emailTaken', { email: account.email }) }]);
    }
    return parts.people.add(account, sql);
  });
}

/**
 * At the first start: makes the admin that ADMIN_EMAIL and ADMIN_PASSWORD name, unless the installation has people.
 * Two starts at once make one: the e-mail address is unique, and the one that comes second finds it taken.
 * @returns whether an admin was made @throws StartError when the values cannot be used
 */
export async function ensureFirstAdmin(
  parts: AdminParts,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<boolean> {
  if ((await parts.people.countAdmins()) > 0) return false;
  const account = await prepareAdmin(parts, { email, password, name: nameFrom(email) }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new StartError(`ADMIN_EMAIL or ADMIN_PASSWORD cannot be used: ${error.message}`);
  });
  try {
    return await parts.db.transaction(async (sql) => {
      if ((await parts.people.countAdmins(sql)) > 0) return false;
      await parts.people.add(account, sql);
      return true;
    });
  } catch (error) {
    if ((await parts.people.countAdmins()) > 0) return false;
    if ((await parts.people.findByEmail(account.email)) === undefined) throw error;
    throw new StartError(`ADMIN_EMAIL: ${account.email} is a person here already, but no admin. Use another address.`);
  }
}

async function prepareAdmin({ passwords, siteName, clock, t }: AdminParts, admin: NewAdmin) {
  const { email, name } = valuesOf({ email: checkEmail(admin.email, t), name: checkName(admin.name, t) });
  const { password } = valuesOf({
    password: checkPassword({ password: admin.password, email, name, siteName: siteName() }, t),
  });
  return { email, name, passwordHash: await passwords.hash(password), isAdmin: true, at: clock.now() };
}

function nameFrom(email: string): string {
  const [name = ''] = email.split('@');
  return name === '' ? 'Admin' : name.charAt(0).toUpperCase() + name.slice(1);
}
