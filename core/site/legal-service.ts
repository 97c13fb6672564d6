import type { Clock, Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { type Language, languages } from '../language/languages.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Texts } from '../web/texts.ts';
import { LegalStore, type LegalVersion } from './legal-store.ts';
import { drawMarkdown, type SafeHtml } from './markdown.ts';

export const legalPages = ['privacy', 'terms'] as const;
export type LegalPage = (typeof legalPages)[number];

/** For whom a text is: readers of one language, or all. */
export const legalAudiences = ['all', ...languages] as const;
export type LegalAudience = (typeof legalAudiences)[number];

/** Where each is read. */
export const legalPaths = { privacy: '/privacy-policy', terms: '/terms-of-service' } as const;

/** What a reader gets. */
interface LegalText extends SafeHtml {
  /** Nobody has made it the installation's own yet, or there are places left to fill in. */
  readonly isPlaceholder: boolean;
  /** UTC milliseconds; null for the starting text. */
  readonly savedAt: number | null;
  /** Of the text, which may differ from the reader's where nobody wrote one in that. Null: of every reader. */
  readonly language: Language | null;
}

/** How a page stands: for the list, the setup check and the way to going live. */
interface LegalState {
  readonly page: LegalPage;
  readonly path: string;
  /** True as soon as readers of any language get a placeholder. */
  readonly isPlaceholder: boolean;
  readonly savedAt: number | null;
  readonly savedBy: string | null;
}

interface NewLegalText {
  readonly page: LegalPage;
  readonly audience: LegalAudience;
  readonly content: string;
  readonly by: number;
}

export interface LegalService {
  read(page: LegalPage, language: Language): Promise<LegalText>;
  states(): Promise<readonly LegalState[]>;
  /**
   * What the admin goes on writing: the newest of this audience, else the starting text.
   * @param writer the admin's language, for a text that is for all
   */
  draft(page: LegalPage, audience: LegalAudience, writer: Language): Promise<string>;
  /** @throws InputError at `content` */
  save(text: NewLegalText): Promise<void>;
  /** Newest first, of every audience. */
  versions(page: LegalPage): Promise<readonly LegalVersion[]>;
  /** @throws NotFoundError */
  version(page: LegalPage, id: number): Promise<LegalVersion>;
  preview(content: string): Promise<SafeHtml & { readonly isPlaceholder: boolean }>;
}

interface LegalDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly texts: Pick<Texts, 'speech'>;
  readonly siteName: () => string;
  readonly config: { readonly publicUrl: string };
  readonly registry: Pick<PluginRegistry, 'all'>;
  readonly t: Translate;
}

const longestLegalText = 60_000;
const mostVersions = 100;
// Stands in the starting texts where only the operator knows what to write.
// In Thai กรอก, written so: one letter of its kind in an expression, and Node holds the whole shared file, which is put
// together from all sources, with two bytes for each of its letters.
const gap = /\[(?:FILL IN|\u0e01\u0e23\u0e2d\u0e01):/;

export function createLegalService(deps: LegalDeps): LegalService {
  const store = new LegalStore(deps.db);
  const read = async (page: LegalPage, language: Language): Promise<LegalText> => {
    const found = chooseFor(language, await store.newest(page));
    const content = found?.content ?? startingText(deps, page, language);
    return {
      ...(await drawMarkdown(content)),
      isPlaceholder: found === undefined || isUnfinished(content),
      savedAt: found?.savedAt ?? null,
      language: found === undefined ? language : (languages.find((one) => one === found.language) ?? null),
    };
  };
  return {
    read,
    states: () => Promise.all(legalPages.map((page) => stateOf(store, page))),
    draft: async (page, audience, writer) => {
      const own = (await store.newest(page)).find((version) => version.language === audience);
      return own?.content ?? startingText(deps, page, audience === 'all' ? writer : audience);
    },
    save: (text) => save(deps, store, text),
    versions: (page) => store.latest(page, mostVersions),
    version: async (page, id) => {
      const found = await store.find(page, id);
      if (found === undefined) throw new NotFoundError('There is no such version.');
      return found;
    },
    preview: async (content) => ({ ...(await drawMarkdown(content)), isPlaceholder: isUnfinished(content) }),
  };
}

function isUnfinished(content: string): boolean {
  return gap.test(content);
}

/** The newest that is meant for readers of this language; where there is none, one of another is better than a sample. */
function chooseFor(language: Language, newestFirst: readonly LegalVersion[]): LegalVersion | undefined {
  return newestFirst.find((one) => one.language === language || one.language === 'all') ?? newestFirst[0];
}

async function stateOf(store: LegalStore, page: LegalPage): Promise<LegalState> {
  const newest = await store.newest(page);
  const shown = languages.map((language) => chooseFor(language, newest));
  const [last] = newest;
  return {
    ...{ page, path: legalPaths[page] },
    isPlaceholder: shown.some((version) => version === undefined || isUnfinished(version.content)),
    savedAt: last?.savedAt ?? null,
    savedBy: last?.savedBy ?? null,
  };
}

/** The facts of each network stand in it, so that it is true before anybody has edited it. */
function startingText({ texts, siteName, config, registry }: LegalDeps, page: LegalPage, language: Language): string {
  const { t, say } = texts.speech(language);
  const site = siteName();
  const plugins = registry.all();
  const facts = plugins.flatMap(({ parts }) => parts.privacyFacts ?? []);
  return t(`legal:start.${page}`, {
    ...{ site, url: config.publicUrl },
    networks: plugins.map(({ plugin }) => plugin.name).join(', ') || t('legal:start.network'),
    stored: facts.map((one) => say(one.stored(site))).join('\n\n'),
    revoke: facts.map((one) => say(one.revoke(site))).join('\n\n'),
  });
}

async function save({ db, clock, events, t }: LegalDeps, store: LegalStore, text: NewLegalText): Promise<void> {
  const content = text.content.replaceAll('\r\n', '\n').trim();
  const refuse = (reason: string): InputError =>
    new InputError([{ field: 'content', message: t(`legal:fault.${reason}`) }]);
  if (content === '') throw refuse('empty');
  if (content.length > longestLegalText) throw refuse('long');
  const { page, audience, by } = text;
  const event = { teamId: null, actorId: by, subject: 'site', subjectId: page, kind: 'site.legal-saved' } as const;
  await db.transaction(async (sql) => {
    await store.add({ page, language: audience, content, by, at: clock.now() }, sql);
    await events.record({ ...event, facts: { page, audience } }, sql);
  });
}
