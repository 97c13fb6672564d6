import { NotFoundError } from '../errors.ts';
import { languageCookie } from '../web/reader-language.ts';
import type { Route } from '../web/route.ts';
import { safePath } from '../web/safe-path.ts';
import { readLanguage } from './languages.ts';

const aYearMs = 31_536_000_000;

/**
 * How strangers choose a language: a link, for a form would need a session and people who only read get none. All it
 * changes is the language of this device's pages.
 */
export function languageRoutes({ isSecure }: { readonly isSecure: boolean }): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/language/:language',
      permission: 'public',
      handle: ({ params, query, res, redirect }) => {
        const language = readLanguage(params['language']);
        if (language === undefined) throw new NotFoundError('There is no such language.');
        res.cookie(languageCookie, language, {
          ...{ httpOnly: true, secure: isSecure, sameSite: 'lax', path: '/', maxAge: aYearMs },
        });
        redirect(safePath(query['next']) ?? '/');
      },
    },
  ];
}
