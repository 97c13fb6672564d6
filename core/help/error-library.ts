import type { ErrorBookEntry, ErrorBookPart, ErrorBookSection } from '#plugin-api';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

/** Whose book a section comes from; null of ours. */
interface BookNetwork {
  readonly id: string;
  readonly name: string;
  readonly icon: string;
}

export interface LibrarySection extends ErrorBookSection {
  readonly network: BookNetwork | null;
}

/** Everything that one code means in this installation. */
export interface LibraryEntry {
  readonly code: string;
  readonly phrases: readonly string[];
  readonly sections: readonly LibrarySection[];
}

export interface ErrorLibrary {
  /** By code. */
  all(): readonly LibraryEntry[];
  find(code: string): LibraryEntry | undefined;
  /**
   * The address of a code's page, for small print.
   * @param pluginId whose code it is; null of ours
   * @returns undefined for a code that neither the plugin nor we explain
   */
  errorHref(pluginId: string | null, code: string): string | undefined;
  /** The same where nobody knows whose code it is: codes have one address. */
  href(code: string): string | undefined;
  portals(): readonly NonNullable<ErrorBookPart['portal']>[];
}

interface LibraryDeps {
  readonly registry: PluginRegistry;
  /** Codes of the installation itself. */
  readonly own: readonly ErrorBookEntry[];
}

const home = '/help/errors';

export function errorPath(code: string): string {
  return `${home}/${encodeURIComponent(code)}`;
}

/** All error books together: one page for a code, with a section for each place of each network. */
export function createErrorLibrary({ registry, own }: LibraryDeps): ErrorLibrary {
  const mine = new Set(own.map(({ code }) => code));
  // Books never change, but plugins wake after this is made.
  let bound: { readonly plugins: number; readonly entries: ReadonlyMap<string, LibraryEntry> } | undefined;
  const entries = () => {
    const plugins = registry.all().length;
    if (bound?.plugins !== plugins) bound = { plugins, entries: bind(registry, own) };
    return bound.entries;
  };
  const isOf = (pluginId: string | null, code: string) =>
    mine.has(code) ||
    (pluginId !== null && registry.find(pluginId)?.parts.errorBook?.entries.some((one) => one.code === code) === true);
  return {
    all: () => [...entries().values()],
    find: (code) => entries().get(code),
    errorHref: (pluginId, code) => (isOf(pluginId, code) ? errorPath(code) : undefined),
    href: (code) => (entries().has(code) ? errorPath(code) : undefined),
    portals: () => registry.all().flatMap(({ parts }) => parts.errorBook?.portal ?? []),
  };
}

function bind(registry: PluginRegistry, own: readonly ErrorBookEntry[]): ReadonlyMap<string, LibraryEntry> {
  const bound = new Map<string, LibraryEntry>();
  const add = (network: BookNetwork | null, { code, phrases, sections }: ErrorBookEntry) => {
    const before = bound.get(code) ?? { code, phrases: [], sections: [] };
    bound.set(code, {
      code,
      phrases: [...before.phrases, ...phrases],
      sections: [...before.sections, ...sections.map((section) => ({ ...section, network }))],
    });
  };
  for (const { plugin, parts } of registry.all()) {
    const { id, name, icon } = plugin;
    for (const entry of parts.errorBook?.entries ?? []) add({ id, name, icon }, entry);
  }
  for (const entry of own) add(null, entry);
  return new Map([...bound].sort(([a], [b]) => (a < b ? -1 : 1)));
}
