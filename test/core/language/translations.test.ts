import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../../core/project-root.ts';

/** Every room of texts: a key that is added to their English without Thai fails here. */
const done = [
  'account',
  'activity',
  'admin',
  'approvals',
  'attention',
  'auth',
  'batches',
  'calendar',
  'captions',
  'channel-check',
  'connect-link',
  'channels',
  'composer',
  'credentials',
  'connections',
  'dashboard',
  'deliveries',
  'doctor',
  'errors',
  'forecast',
  'frame',
  'going-live',
  'identity',
  'insights',
  'jobs',
  'legal',
  'letters',
  'limits',
  'media',
  'notifications',
  'posts',
  'settings',
  'site',
  'slots',
  'team-settings',
  'teams',
  'tiktok',
  'tiktok-check',
  'tiktok-columns',
  'tiktok-errors',
  'tiktok-doctor',
  'tiktok-going-live',
  'tiktok-insights',
  'tiktok-numbers',
  'tiktok-options',
  'tiktok-overview',
  'tiktok-review',
  'tiktok-sets',
  'tiktok-site',
  'tiktok-video',
  'tiktok-videos',
  'tiktok-when',
  'uploads',
  'verification',
  'web',
  'weekly',
] as const;

/** Read the same in both languages: names, and terms of networks that their portals show in English only. */
const sameInBoth: ReadonlySet<string> = new Set([
  'API Integration',
  'App ID',
  'App Secret',
  'Callback URL',
  'Duet',
  'Live',
  'Sandbox',
  'Scopes',
  'Stitch',
]);

/** Text by key, groups joined by dots. */
type Room = ReadonlyMap<string, string>;

const plural = /_(zero|one|two|few|many|other)$/;
const folders = [
  'core/locales',
  ...readdirSync(path.join(projectRoot, 'plugins')).map((id) => `plugins/${id}/locales`),
];

/** Each room's file in a language, by the room's name; absent where nobody has written it. */
function fileOf(room: string, language: string): string | undefined {
  const files = folders.map((folder) => path.join(projectRoot, folder, language, `${room}.json`));
  return files.find((file) => existsSync(file));
}

function roomsOf(language: string): readonly string[] {
  const present = folders.map((folder) => path.join(projectRoot, folder, language)).filter(existsSync);
  return present.flatMap((folder) => readdirSync(folder).map((file) => path.parse(file).name));
}

function readRoom(room: string, language: string): Room {
  const file = fileOf(room, language);
  if (file === undefined) return new Map();
  const texts = new Map<string, string>();
  const walk = (value: unknown, key: string): void => {
    if (typeof value === 'string') texts.set(key, value);
    else if (typeof value === 'object' && value !== null)
      for (const [name, part] of Object.entries(value)) walk(part, key === '' ? name : `${key}.${name}`);
  };
  walk(JSON.parse(readFileSync(file, 'utf8')), '');
  return texts;
}

/** Thai has one form for every number; `_zero` is a text of its own for none. */
function keysInThai(english: Room): readonly string[] {
  return [...new Set([...english.keys()].map((key) => key.replace(/_(one|two|few|many)$/, '_other')))].sort();
}

function valuesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name = '']) => name))].sort();
}

/** What an English text of this key may name: a plural's `_one` may say the number in words. */
function englishOf(english: Room, key: string): string {
  return english.get(key) ?? english.get(key.replace(plural, '_one')) ?? '';
}

function hasLetters(text: string): boolean {
  return /\p{L}/u.test(text.replaceAll(/\{\{.*?\}\}/g, ''));
}

describe('Thai', () => {
  for (const room of done) {
    it(`says everything that English says, with the same values: ${room}`, () => {
      const english = readRoom(room, 'en');
      const thai = readRoom(room, 'th');
      expect([...thai.keys()].sort(), 'keys').to.deep.equal(keysInThai(english));
      for (const [key, text] of thai) {
        expect(valuesIn(text), `values of ${key}`).to.deep.equal(valuesIn(englishOf(english, key)));
        const isTranslated = /[\u0E01-\u0E5B]/.test(text) || !hasLetters(text) || sameInBoth.has(text);
        expect(isTranslated, `${key} is not in Thai: ${text}`).to.equal(true);
      }
    });
  }

  it('has every room of English, and no other', () => {
    expect([...done].sort()).to.deep.equal([...roomsOf('en')].sort());
    expect([...roomsOf('th')].sort()).to.deep.equal([...roomsOf('en')].sort());
  });
});
