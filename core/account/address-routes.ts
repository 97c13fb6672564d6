import type { AddressService } from '../auth/address-service.ts';
import type { PersonContext, Route } from '../web/route.ts';

const path = '/account/email/:token';

/** Where the link to a new address leads: whoever follows it must be signed in as the person who asked. */
export function addressRoutes({ addresses }: { readonly addresses: AddressService }): readonly Route[] {
  return [
    { method: 'get', path, permission: 'signed-in', handle: (context) => show(addresses, context) },
    {
      method: 'post',
      path,
      permission: 'signed-in',
      handle: async ({ params, person, sessionHash, rotateSession, flash, redirect, t }) => {
        await addresses.follow(params['token'] ?? '', { personId: person.id, keepSession: sessionHash });
        await rotateSession();
        flash('ok', t('account:email.changed'));
        redirect('/account');
      },
    },
  ];
}

async function show(addresses: AddressService, { params, person, page, t }: PersonContext): Promise<void> {
  const token = params['token'] ?? '';
  const email = await addresses.read(token, person.id);
  const model = { title: t('account:email.confirm'), current: 'account', email, old: person.email };
  await page('account/address', { ...model, action: `/account/email/${token}` });
}
