import { InputError } from '../errors.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { AddressService } from './address-service.ts';
import type { PeopleService } from './people-service.ts';

interface UserAddressParts {
  readonly people: Pick<PeopleService, 'find'>;
  readonly addresses: AddressService;
}

/** The e-mail address of a person, as an admin changes it: for who cannot prove a new one, or where no mail is sent. */
export function userAddressRoutes(parts: UserAddressParts): readonly Route[] {
  const path = '/admin/users/:user/email';
  return [
    { method: 'get', path, permission: 'admin', handle: (context) => show(parts, context, {}) },
    { method: 'post', path, permission: 'admin', confirms: () => true, handle: (context) => change(parts, context) },
  ];
}

function idOf({ params }: PersonContext): number {
  const { user = '' } = params;
  return /^[1-9]\d{0,14}$/.test(user) ? Number(user) : 0;
}

async function change(parts: UserAddressParts, context: PersonContext): Promise<void> {
  const { body, person, sessionHash, flash, redirect, t } = context;
  try {
    const whose = { actorId: person.id, personId: idOf(context), keepSession: sessionHash };
    const { name } = await parts.addresses.change(whose, body['email']);
    flash('ok', t('admin:users.emailChanged', { name }));
    redirect('/admin/users');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await show(parts, context, problemsByField(error));
  }
}

async function show(
  { people, addresses }: UserAddressParts,
  context: PersonContext,
  errors: Readonly<Record<string, string>>,
): Promise<void> {
  const { page, body, t } = context;
  const { id, name, email } = await people.find(idOf(context));
  const model = {
    title: t('admin:users.emailTitle', { name }),
    current: 'users',
    email,
    tellsOld: addresses.provesByMail,
    action: `/admin/users/${id}/email`,
    values: { email: body['email'] ?? '' },
    errors,
  };
  await page('admin/user-email', model, Object.keys(errors).length > 0 ? 422 : 200);
}
