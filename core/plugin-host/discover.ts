import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChannelPlugin } from '#plugin-api';
import { StartError } from '../errors.ts';
import { codeRoot, projectRoot } from '../project-root.ts';
import { complaintsAboutAll, complaintsAboutPlugin, isPlugin } from './check-plugin.ts';
import type { FoundPlugin } from './found-plugin.ts';
import { readOwnTexts } from './own-texts.ts';

/** Where the plugins of this installation are. */
export const ownPlugins: string = path.join(codeRoot, 'plugins');

/**
 * Finds `<folder>/<id>/index` in these folders, loads and checks each.
 * @throws StartError with every complaint about every plugin at once
 */
export async function discoverPlugins(folders: readonly string[]): Promise<readonly FoundPlugin[]> {
  const complaints: string[] = [];
  const found: FoundPlugin[] = [];
  for (const entry of folders.flatMap(listEntries)) {
    const plugin = await load(entry, complaints);
    if (plugin !== undefined) found.push(plugin);
  }
  complaints.push(...complaintsAboutAll(found.map(({ plugin }) => plugin)));
  if (complaints.length > 0) throw brokenPlugins(complaints);
  return found;
}

export function brokenPlugins(complaints: readonly string[]): StartError {
  return new StartError(['Plugins cannot be used:', ...complaints.map((complaint) => `  ${complaint}`)].join('\n'));
}

interface Entry {
  /** The name of the plugin's folder, which must be its id. */
  readonly name: string;
  readonly index: string;
}

function listEntries(folder: string): readonly Entry[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const index = ['index.ts', 'index.js']
        .map((file) => path.join(folder, name, file))
        .find((file) => existsSync(file));
      return index === undefined ? [] : [{ name, index }];
    });
}

async function load(entry: Entry, complaints: string[]): Promise<FoundPlugin | undefined> {
  const loaded = await importModule(entry, complaints);
  if (loaded === undefined) return undefined;
  const value: unknown = Reflect.get(loaded, 'plugin');
  const wrong = complaintsAboutPlugin(value, entry.name);
  complaints.push(...wrong.map((complaint) => `${entry.name}: ${complaint}`));
  return wrong.length === 0 && isPlugin(value) ? withFolders(value, entry, complaints) : undefined;
}

/** Keeps a plugin whose texts are wrong: what it does to others is found out in the same start. */
function withFolders(plugin: ChannelPlugin, entry: Entry, complaints: string[]): FoundPlugin | undefined {
  const folders = foldersOf(entry);
  try {
    const { t, complaints: wrong } = readOwnTexts(plugin.settings, folders.locales);
    complaints.push(...wrong.map((complaint) => `${entry.name}: ${complaint}`));
    return { plugin, t, ...folders };
  } catch (error) {
    complaints.push(`${entry.name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function importModule({ name, index }: Entry, complaints: string[]): Promise<object | undefined> {
  try {
    const loaded: unknown = await import(pathToFileURL(index).href);
    return typeof loaded === 'object' && loaded !== null ? loaded : undefined;
  } catch (error) {
    complaints.push(`${name}: it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Compiled code is in `dist`; what is not code stays where it was written. */
function foldersOf({ index }: Entry): Omit<FoundPlugin, 'plugin' | 't'> {
  const code = path.dirname(index);
  const fromRoot = path.relative(codeRoot, code);
  const written = fromRoot.startsWith('..') ? code : path.join(projectRoot, fromRoot);
  return {
    ...ifThere('migrations', path.join(code, 'migrations')),
    ...ifThere('views', path.join(written, 'views')),
    ...ifThere('locales', path.join(written, 'locales')),
    ...ifThere('publicFiles', path.join(written, 'public')),
  };
}

function ifThere(
  name: 'migrations' | 'views' | 'locales' | 'publicFiles',
  folder: string,
): Omit<FoundPlugin, 'plugin' | 't'> {
  return existsSync(folder) ? { [name]: folder } : {};
}
