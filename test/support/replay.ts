import { expect } from 'chai';
import type { Response } from 'supertest';
import type { Route } from '../../core/web/route.ts';
import type { Database } from '../../core/db/database.ts';
import type { TestApp, TestBrowser } from './app.ts';

const allMethods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Paths of the app with their parameters filled in; a route whose parameters are not all given is left out. */
export function pathsOf(
  routes: readonly Route[],
  values: Readonly<Record<string, string | number>>,
): readonly string[] {
  const filled = routes.map(({ path }) =>
    path.replaceAll(/:(\w+)/g, (whole, name: string) => String(values[name] ?? whole)),
  );
  return [...new Set(filled)].filter((path) => !path.includes(':') && !path.includes('*'));
}

/** What an answer shows to whoever asked, without what differs from request to request. */
function shownBy(answer: Response): string {
  const id = String(answer.headers['x-request-id']);
  const { location = '', 'content-type': type = '' } = answer.headers;
  return [answer.status, location, type, answer.text].map(String).join('\n').replaceAll(id, '•');
}

interface Replay {
  readonly web: TestApp;
  /** Addresses that exist in somebody else's team. */
  readonly paths: readonly string[];
  /** The same address with a number nobody has, to compare with. */
  readonly absent: (path: string) => string;
  readonly browsers: Readonly<Record<string, TestBrowser>>;
}

/**
 * S1: asks for everything of a team by every method as somebody who is not in it. Each answer must be 404 and equal
 * to that for a number nobody has; for a stranger 303 to the sign-in page.
 */
export async function expectAbsentForOthers({ web, paths, absent, browsers }: Replay): Promise<void> {
  for (const path of paths) {
    for (const method of allMethods) {
      for (const [who, browser] of Object.entries(browsers)) {
        const what = `${method} ${path} as ${who}`;
        const answer = await ask(browser, method, path);
        expect(answer.status, what).to.equal(404);
        expect(shownBy(answer), what).to.equal(shownBy(await ask(browser, method, absent(path))));
      }
      const stranger = await ask(web.stranger(), method, path);
      expect(stranger.status, `${method} ${path} as a stranger`).to.equal(303);
      expect(stranger.headers['location']).to.match(/^\/sign-in/);
    }
  }
}

/** With Origin and the form token, so that nothing but the missing membership can be the reason. */
function ask(browser: TestBrowser, method: (typeof allMethods)[number], path: string) {
  if (method === 'get') return browser.get(path);
  if (method === 'post') return browser.post(path);
  return browser.send(method, path).set('x-csrf-token', browser.csrfToken);
}

/** Every row of every table but those that any request touches; to compare before and after. */
export async function dump(db: Database, except: readonly string[] = ['sessions', 'attempt_counts']): Promise<string> {
  const tables = ['users', 'teams', 'members', 'one_time_links', 'sessions', 'oauth_states', 'key_checks'];
  const more = ['plugin_settings', 'credentials', 'channels', 'media', 'posts', 'post_media', 'deliveries'];
  const rest = ['attempts', 'jobs', 'events', 'webhook_events', 'attempt_counts'];
  const telling = ['notifications', 'notification_recipients', 'mail_refusals', 'weekly_mails'];
  const planning = ['saved_captions', 'posting_slots', 'batches', 'uploads', 'working_copies', 'csv_imports'];
  const setup = ['doctor_findings'];
  const rows: Record<string, unknown> = {};
  for (const table of [...tables, ...more, ...rest, ...telling, ...planning, ...setup]) {
    if (!except.includes(table)) rows[table] = await db.knex(table).select();
  }
  return JSON.stringify(rows);
}
