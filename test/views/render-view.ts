import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance } from 'i18next';
import { z } from 'zod';
import { createViews } from '../../core/web/views.ts';

const root = join(import.meta.dirname, '../..');
const views = join(root, 'views');
const rooms = ['auth', 'frame', 'site', 'dashboard', 'insights', 'web'] as const;
const readRoom = (room: string) =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(join(root, `core/locales/en/${room}.json`), 'utf8')));

/** Renders a view as the web core does, and remembers every text key that has no text. */
export async function makeViewRenderer() {
  const missing: string[] = [];
  const texts = createInstance();
  await texts.init({
    lng: 'en',
    resources: { en: Object.fromEntries(rooms.map((room) => [room, readRoom(room)])) },
    interpolation: { escapeValue: false },
    saveMissing: true,
    missingKeyHandler: (_languages, namespace, key) => missing.push(`${namespace}:${key}`),
  });
  const write = (at: number) => new Date(at).toISOString();
  const words = {
    site: { name: 'Castdeck', accentUrl: '/accent.css' },
    csrfToken: 'token',
    lang: 'en',
    theme: 'auto',
    t: (key: string, values: Record<string, unknown> = {}) => texts.t(key, values),
    time: { short: write, long: write, day: write, clock: write, ago: write, zone: 'Europe/Copenhagen' },
    num: (value: number) => value.toLocaleString('en'),
    icon: (name: string) => `/assets/icons.svg#${name}`,
    asset: (path: string) => `/assets/${path}?v=1`,
    path: '/',
    requestId: 'r-1',
  };
  const base = {
    title: 'A page',
    person: { id: 1, name: 'Maja', email: 'maja@example.org', isAdmin: true, initials: 'ML' },
    team: { id: 7, name: 'Hazel', zone: 'Europe/Copenhagen', initials: 'HR', role: 'editor', channelCount: 2 },
    teams: [{ id: 7, name: 'Hazel', initials: 'HR' }],
    nav: { current: 'posts', items: [] },
    flash: [],
    scripts: [],
  };
  const drawing = createViews({ root: views, plugins: new Map(), cache: true });
  const render = (view: string, locals: object) =>
    drawing.render(view, { words, model: { ...base, ...locals } }, (text) => text);
  return { render, missing, views };
}
