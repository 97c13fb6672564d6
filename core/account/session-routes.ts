import type { OwnSessions } from '../auth/own-sessions.ts';
import type { PersonContext, Route } from '../web/route.ts';
import { deviceWords } from './device-words.ts';

/** Where a person is signed in, and ending it. */
export function sessionRoutes({ ownSessions }: { readonly ownSessions: OwnSessions }): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/account/sessions/ending',
      permission: 'signed-in',
      handle: async ({ person, sessionHash, flash, redirect, t }) => {
        const count = await ownSessions.endOthers(person.id, sessionHash);
        flash('ok', t('account:sessions.endedOthers', { count }));
        redirect('/account#sessions');
      },
    },
    {
      method: 'post',
      path: '/account/sessions/:session/ending',
      permission: 'signed-in',
      handle: async ({ person, params, flash, redirect, t }) => {
        await ownSessions.end(person.id, params['session'] ?? '');
        flash('ok', t('account:sessions.ended'));
        redirect('/account#sessions');
      },
    },
  ];
}

/** The sessions of the page, this one first. */
export async function sessionsModel(ownSessions: OwnSessions, { person, sessionHash, t }: PersonContext) {
  const sessions = await ownSessions.list(person.id, sessionHash);
  return sessions.map(({ agent, ...session }) => ({ ...session, device: deviceWords(agent, t) }));
}
