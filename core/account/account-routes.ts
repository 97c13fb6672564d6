import { z } from 'zod';
import type { AddressService } from '../auth/address-service.ts';
import type { AccountService } from '../auth/account-service.ts';
import type { OwnSessions } from '../auth/own-sessions.ts';
import type { SecondFactorService } from '../auth/second-factor-service.ts';
import { InputError } from '../errors.ts';
import { languageNames, languages, readLanguage } from '../language/languages.ts';
import { notificationKinds } from '../notifications/notification.ts';
import type { MailChoices } from '../notifications/notification-service.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route, Theme } from '../web/route.ts';
import type { WeeklyChoices } from '../weekly/weekly-choices.ts';
import { weeklyRoutes } from '../weekly/weekly-routes.ts';
import { addressRoutes } from './address-routes.ts';
import { factorRoutes } from './factor-routes.ts';
import { sessionRoutes, sessionsModel } from './session-routes.ts';

interface AccountRouteParts {
  readonly ownSessions: OwnSessions;
  readonly secondFactors: SecondFactorService;
  readonly accounts: AccountService;
  readonly addresses: AddressService;
  readonly themeOf: (personId: number) => Promise<Theme>;
  readonly mailChoices: MailChoices;
  readonly weekly: WeeklyChoices;
}

const theme = z.enum(['auto', 'light', 'dark']).catch('auto');

/** A person's own name, password, look, language and mails. */
export function accountRoutes(parts: AccountRouteParts): readonly Route[] {
  const { accounts } = parts;
  return [
    { method: 'get', path: '/account', permission: 'signed-in', handle: (context) => showAccount(parts, context) },
    {
      method: 'post',
      path: '/account/name',
      permission: 'signed-in',
      handle: (context) =>
        save(parts, context, async () => {
          await accounts.rename(context.person.id, context.body['name']);
          return 'account:saved.name';
        }),
    },
    {
      method: 'post',
      path: '/account/theme',
      permission: 'signed-in',
      handle: (context) =>
        save(parts, context, async () => {
          await accounts.setTheme(context.person.id, theme.parse(context.body['theme']));
          return 'account:saved.theme';
        }),
    },
    ...[languageRoute(parts), mailRoute(parts), emailRoute(parts), ...roomRoutes(parts)],
    {
      method: 'post',
      path: '/account/password',
      permission: 'signed-in',
      handle: (context) =>
        save(parts, context, async () => {
          const { body, person, sessionHash } = context;
          const change = { current: body['current'], password: body['password'], keepSession: sessionHash };
          await accounts.changePassword(person.id, change);
          await context.rotateSession();
          return 'account:saved.password';
        }),
    },
  ];
}

function roomRoutes(parts: AccountRouteParts): readonly Route[] {
  return [...addressRoutes(parts), ...sessionRoutes(parts), ...factorRoutes(parts), ...weeklyRoutes(parts)];
}

/** Said in the language that was chosen: the page that follows is. */
function languageRoute({ accounts }: AccountRouteParts): Route {
  return {
    method: 'post',
    path: '/account/language',
    permission: 'signed-in',
    handle: async ({ person, body, flash, redirect, deferring }) => {
      await accounts.setLanguage(person.id, readLanguage(body['language']) ?? null);
      flash('ok', deferring('account:saved.language'));
      redirect('/account');
    },
  };
}

/** It is the way back into the account, so it asks for the password. */
function emailRoute({ addresses, ...parts }: AccountRouteParts): Route {
  return {
    method: 'post',
    path: '/account/email',
    permission: 'signed-in',
    confirms: () => true,
    spends: () => 'invitation',
    handle: async (context) => {
      const { person, body, flash, redirect, t } = context;
      try {
        const email = await addresses.ask(person.id, body['email']);
        flash('info', t('account:email.asked', { email }));
        redirect('/account');
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        await showAccount({ addresses, ...parts }, context, problemsByField(error));
      }
    },
  };
}

function mailRoute(parts: AccountRouteParts): Route {
  return {
    method: 'post',
    path: '/account/mail',
    permission: 'signed-in',
    handle: (context) =>
      save(parts, context, async () => {
        await parts.mailChoices.save(context.person.id, context.all('mail'));
        return 'notifications:choice.saved';
      }),
  };
}

/** Does it and says so, or shows the form again with the problem at its field. */
async function save(parts: AccountRouteParts, context: PersonContext, work: () => Promise<string>): Promise<void> {
  try {
    const said = await work();
    context.flash('ok', context.t(said));
    context.redirect(said === 'account:saved.theme' ? '/account?look=saved' : '/account');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showAccount(parts, context, problemsByField(error));
  }
}

async function showAccount(
  parts: AccountRouteParts,
  context: PersonContext,
  errors?: Readonly<Record<string, string>>,
): Promise<void> {
  const { page, person, body, query, language, t } = context;
  const mails = await parts.mailChoices.of(person.id);
  const model = {
    title: t('account:title'),
    current: 'account',
    values: { name: body['name'] ?? person.name, email: body['email'] ?? '' },
    email: person.email,
    provesByMail: parts.addresses.provesByMail,
    chosenTheme: await parts.themeOf(person.id),
    chosenLanguage: language,
    languageChoices: languages.map((value) => ({ value, label: languageNames[value], lang: value })),
    mails: mails === undefined ? null : notificationKinds.map((kind) => ({ kind, isWanted: mails.has(kind) })),
    weekly: { isOn: parts.weekly.isOn, teams: await parts.weekly.of(person.id) },
    factor: (await parts.secondFactors.stateOf(person.id)) ?? null,
    sessions: await sessionsModel(parts.ownSessions, context),
    // The account's choice replaces what this device remembered.
    scripts: query['look'] === 'saved' ? ['js/forget-theme.js'] : [],
    errors: errors ?? {},
  };
  await page('account/account', model, errors === undefined ? 200 : 422);
}
