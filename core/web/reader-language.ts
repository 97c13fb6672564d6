import type { Request } from 'express';
import { acceptedLanguage, type Language, readLanguage } from '../language/languages.ts';
import { readCookie } from './cookies.ts';
import type { Standing } from './route.ts';

/** The language of the installation: what people see who have not chosen, and mails to them. */
export type SiteLanguage = () => Language;

/** Holds what a device chose on a page for strangers. */
export const languageCookie = 'language';

const settled = new WeakMap<Request, Language>();

/** Who is signed in reads in the language of the account; a stranger in what the device chose, or else would rather have. */
export function settleLanguage(req: Request, standing: Standing | null, siteLanguage: SiteLanguage): Language {
  const language = standing === null ? languageOfDevice(req, siteLanguage) : (standing.language ?? siteLanguage());
  settled.set(req, language);
  return language;
}

/** What was settled for this request; one that came to an error before that is answered as a stranger's. */
export function languageOf(req: Request, siteLanguage: SiteLanguage): Language {
  return settled.get(req) ?? languageOfDevice(req, siteLanguage);
}

function languageOfDevice(req: Request, siteLanguage: SiteLanguage): Language {
  return (
    readLanguage(readCookie(req, languageCookie)) ?? acceptedLanguage(req.get('accept-language')) ?? siteLanguage()
  );
}
