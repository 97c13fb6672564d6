import type { Request } from 'express';
import type { Clock } from '#plugin-api';
import { type Language, languageNames, languages, locales } from '../language/languages.ts';
import type { Assets } from './assets.ts';
import type { Brand } from './brand.ts';
import { brandUrls } from './brand-files.ts';
import { readCookie } from './cookies.ts';
import { issueToken } from './csrf.ts';
import type { Navigation, NavItem } from './nav.ts';
import type { PageModel, Standing, TeamOfMember } from './route.ts';
import { cookieName, hasSession } from './session.ts';
import type { Speech } from './texts.ts';
import { timeWords } from './times.ts';
import type { Views } from './views.ts';

/** What the frame shows of a team beside its name. */
export interface TeamFacts {
  readonly channelCount: number;
  /** How many things need a person, by sidebar entry: `posts`, `channels`. */
  readonly counts: Readonly<Record<string, number>>;
  /** How much the person was told here and has not read yet; absent for whoever is told nothing. */
  readonly unread?: number;
}

/** For whom the frame of a team is drawn. */
export interface FrameReader {
  readonly personId: number;
  readonly role: TeamOfMember['role'];
}

export interface PageParts {
  readonly views: Views;
  readonly assets: Assets;
  readonly navigation: Navigation;
  readonly teamFacts: (teamId: number, reader: FrameReader) => Promise<TeamFacts>;
  /** How many things an admin has to fix, by sidebar entry. */
  readonly adminCounts: () => Promise<Readonly<Record<string, number>>>;
  /** Where a code in small print is explained; undefined where it is not. */
  readonly errorHref: (code: string) => string | undefined;
  /** The strip of an admin who records a film; undefined on everybody else's pages. */
  readonly recordStrip?: RecordStrips | undefined;
  readonly brand: Brand;
  readonly isSecure: boolean;
  readonly clock: Clock;
}

/** Asked for each page of a session in record mode. */
type RecordStrips = (asked: {
  readonly recording: { readonly plugin: string; readonly until: number };
  readonly personId: number;
  readonly path: string;
}) => Promise<object | undefined>;

/** Whom a page is drawn for. */
export interface PageReader {
  readonly req: Request;
  readonly requestId: string;
  readonly standing: Standing | null;
  /** The team the address is about. */
  readonly team: TeamOfMember | null;
  readonly isAdminPage: boolean;
  readonly speech: Speech;
  /** Whether the languages stand at the foot: for strangers, to whom the account cannot offer them. */
  readonly offersLanguages: boolean;
}

export interface Pages {
  /** The whole page, with everything the frame and the partials read. @throws when the model uses one of their names */
  render(reader: PageReader, view: string, model: PageModel): Promise<string>;
}

type Frame = NonNullable<PageModel['frame']>;

const numbers = new Map(Object.values(locales).map((locale) => [locale, new Intl.NumberFormat(locale)] as const));

export function createPages(parts: PageParts): Pages {
  return {
    render: async (reader, view, { current, startsSession, frame: asked, ...model }) => {
      const { frame, team } = placeOf(parts, reader, asked);
      const facts = await factsOf(parts, reader.standing, team);
      const adminCounts = frame === 'admin' ? await parts.adminCounts() : {};
      const words = {
        ...wordsOf(parts, reader, team),
        frame,
        csrfToken: tokenFor(reader, startsSession === true),
      };
      const own = {
        person: personOf(reader.standing),
        team: team && { ...team, initials: initials(team.name), channelCount: facts?.channelCount ?? 0 },
        teams: (reader.standing?.teams ?? []).map(({ id, name }) => ({ id, name, initials: initials(name) })),
        nav: {
          current: current ?? '',
          items: navItems(parts, { ...reader, team, frame }, facts?.counts ?? adminCounts),
        },
        bell: bellOf(team, facts),
        flash: takeFlash(reader.req),
        strip: frame === 'popup' ? null : await stripOf(parts, reader),
      };
      refuseTakenNames(view, { ...words, ...own }, model);
      const drawn = { words, model: { ...model, ...own }, frame: keptFrame(words, own) };
      return parts.views.render(view, drawn, reader.speech.say);
    },
  };
}

type Words = ReturnType<typeof wordsOf> & { readonly frame: Frame; readonly csrfToken: string };

/** All that views/frame/kept is drawn of: whoever shows more there adds it here. */
function keptFrame(
  { t, num, icon, asset, site, lang, theme, frame, csrfToken }: Words,
  { person, team, teams, nav, bell }: Readonly<Record<'person' | 'team' | 'teams' | 'nav' | 'bell', unknown>>,
) {
  return {
    words: { t, num, icon, asset },
    facts: { site, lang, theme, frame, csrfToken, person, team, teams, nav, bell },
  };
}

async function factsOf(
  { teamFacts }: PageParts,
  standing: Standing | null,
  team: TeamOfMember | null,
): Promise<TeamFacts | undefined> {
  if (team === null || standing === null) return undefined;
  return teamFacts(team.id, { personId: standing.person.id, role: team.role });
}

/** Null for whoever is told nothing in this team. */
function bellOf(team: TeamOfMember | null, facts: TeamFacts | undefined) {
  if (team === null || facts?.unread === undefined) return null;
  return { href: `/team/${team.id}/notifications`, unread: facts.unread };
}

/** Pages outside a team (the account) stand in the team visited last, so that the sidebar stays where it was. */
function placeOf(
  parts: PageParts,
  { req, standing, team, isAdminPage }: PageReader,
  asked: Frame | undefined,
): { frame: Frame; team: TeamOfMember | null } {
  if (team !== null) return { frame: asked ?? 'team', team };
  if (asked !== undefined) return { frame: asked, team: null };
  if (standing === null) return { frame: 'plain', team: null };
  if (isAdminPage) return { frame: 'admin', team: null };
  const last = lastTeam(req, standing, parts.isSecure);
  if (last !== undefined) return { frame: 'team', team: last };
  return { frame: standing.person.isAdmin ? 'admin' : 'plain', team: null };
}

/** The team that this browser showed last, or the first. */
export function lastTeam(req: Request, { teams }: Standing, isSecure: boolean): TeamOfMember | undefined {
  const id = Number(readCookie(req, cookieName('team', isSecure)));
  return teams.find((team) => team.id === id) ?? teams[0];
}

function wordsOf(
  parts: PageParts,
  { req, requestId, standing, speech, offersLanguages }: PageReader,
  team: TeamOfMember | null,
) {
  const { t, locale } = speech;
  const zone = team?.zone ?? standing?.teams[0]?.zone ?? 'UTC';
  return {
    site: { name: parts.brand.name(), ...brandUrls(parts.brand) },
    lang: speech.language,
    locale,
    languages: offersLanguages ? languageLinks(req, speech.language) : [],
    theme: themeOf(req, standing),
    t,
    time: timeWords({ zone, locale, now: parts.clock.now(), t }),
    // Strangers cannot read it.
    errorHref: (code: string) => (standing === null ? undefined : parts.errorHref(code)),
    num: (value: number) => numbers.get(locale)?.format(value) ?? String(value),
    icon: (name: string) => `${parts.assets.url('icons.svg')}#${name}`,
    asset: (file: string) => parts.assets.url(file),
    path: req.path,
    requestId,
  };
}

/** For strangers: people who are signed in choose in their account. */
function languageLinks(req: Request, current: Language) {
  const back = encodeURIComponent(req.method === 'GET' ? req.originalUrl : req.path);
  return languages.map((language) => ({
    language,
    name: languageNames[language],
    href: `/language/${language}?next=${back}`,
    isCurrent: language === current,
  }));
}

/** What the device chose (a cookie written by the page's own script) comes before what the account says. */
function themeOf(req: Request, standing: Standing | null): string {
  const device = readCookie(req, 'theme');
  return device === 'light' || device === 'dark' ? device : (standing?.theme ?? 'auto');
}

function personOf(standing: Standing | null) {
  if (standing === null) return null;
  const { id, name, email, isAdmin } = standing.person;
  return { id, name, email, isAdmin, initials: initials(name) };
}

interface FramedReader extends PageReader {
  readonly frame: Frame;
}

function navItems(
  parts: PageParts,
  reader: FramedReader,
  counts: Readonly<Record<string, number>>,
): readonly NavItem[] {
  if (reader.frame === 'admin') return parts.navigation.admin(counts, reader.speech.t);
  if (reader.frame !== 'team' || reader.team === null) return [];
  return parts.navigation.team(reader.team, counts, reader.speech.t);
}

/** Nothing but the session knows of it, and it counts for admins alone. */
async function stripOf({ recordStrip, clock }: PageParts, { req, standing }: PageReader): Promise<object | null> {
  if (recordStrip === undefined || standing?.person.isAdmin !== true) return null;
  const { recording } = req.session;
  if (recording === undefined || recording.until <= clock.now()) return null;
  return (await recordStrip({ recording, personId: standing.person.id, path: req.path })) ?? null;
}

function takeFlash(req: Request) {
  if (!hasSession(req)) return [];
  const messages = req.session.flash ?? [];
  delete req.session.flash;
  return messages;
}

/** Strangers who only read get no session, and so no cookie. */
function tokenFor({ req, standing }: PageReader, startsSession: boolean): string {
  if (!hasSession(req)) return '';
  return standing !== null || startsSession || req.session.csrfToken ? issueToken(req) : '';
}

function refuseTakenNames(view: string, own: object, model: object): void {
  const taken = Object.keys(model).filter((name) => Object.hasOwn(own, name));
  if (taken.length > 0) throw new Error(`The page ${view} uses names that belong to the frame: ${taken.join(', ')}.`);
}

/** “Maja Lindqvist” → “ML”. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 32).trim())
    .join('')
    .toUpperCase();
}
