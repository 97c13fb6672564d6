import { inEnglish } from '../language/deferred-text.ts';
import type { PersonContext, Route } from '../web/route.ts';
import { groupsOf, rowOf, sectionOf } from './error-model.ts';
import type { ErrorLibrary, LibraryEntry } from './error-library.ts';
import { searchErrors } from './error-search.ts';

interface HelpRouteParts {
  readonly errorLibrary: ErrorLibrary;
  /** Networks that are set up here, for the way to their settings. */
  readonly adminPath: string;
}

const address = '/help/errors';
/** A pasted page or answer is longer than a search, and no longer than this counts. */
const longestSearch = 4000;

/** The error book: every code that people may meet, what it means, and who can put it right. */
export function helpRoutes(parts: HelpRouteParts): readonly Route[] {
  const read = { method: 'get', permission: 'signed-in' } as const;
  return [
    { ...read, path: address, handle: (context: PersonContext) => showBook(parts, context) },
    { ...read, path: `${address}/:code`, handle: (context: PersonContext) => showCode(parts, context) },
  ];
}

/** The book stands in the sidebar of admins; everybody else reads it beside their team. */
function placeOf({ person }: PersonContext) {
  return { current: 'error-book', pageStyles: ['help'], ...(person.isAdmin ? { frame: 'admin' as const } : {}) };
}

function showBook(parts: HelpRouteParts, context: PersonContext): Promise<void> {
  return showSearch(parts, context, { asked: (context.query['q'] ?? '').trim().slice(0, longestSearch), status: 200 });
}

async function showSearch(
  { errorLibrary }: HelpRouteParts,
  context: PersonContext,
  { asked, status }: { readonly asked: string; readonly status: number },
): Promise<void> {
  const { t, say } = context;
  const all = errorLibrary.all();
  const found = asked === '' ? null : searchErrors(asked, searchable(all, context));
  const model = {
    ...placeOf(context),
    title: t('errors:title'),
    asked,
    found: found && { isExact: found.isExact, rows: found.entries.map((entry) => rowOf(entry, say)) },
    groups: asked === '' ? groupsOf(all, say) : [],
    count: all.length,
    portals: context.person.isAdmin ? errorLibrary.portals() : [],
  };
  await context.page('help/errors', model, status);
}

function searchable(all: readonly LibraryEntry[], { say }: PersonContext) {
  return all.map((entry) => ({
    entry,
    // What somebody pastes may be of a log, or of a colleague who reads English.
    texts: entry.sections.flatMap(({ told, about, where }) => [say(told), inEnglish(told), say(about), say(where)]),
  }));
}

async function showCode(parts: HelpRouteParts, context: PersonContext): Promise<void> {
  const { errorLibrary, adminPath } = parts;
  const { params, person } = context;
  const code = params['code'] ?? '';
  const entry = errorLibrary.find(code);
  // Typed by hand, or of a version with other codes: perhaps a word of it is known.
  if (entry === undefined) return showSearch(parts, context, { asked: code.slice(0, longestSearch), status: 404 });
  await context.page('help/error', {
    ...placeOf(context),
    title: code,
    sections: entry.sections.map((section) => sectionOf(section, context)),
    bookHref: address,
    settingsHref: person.isAdmin ? adminPath : null,
    portals: person.isAdmin ? errorLibrary.portals() : [],
  });
}
