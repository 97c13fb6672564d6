import { createHmac, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import type { Express } from 'express';
import { Cookie } from 'express-session';
import { pino } from 'pino';
import supertest, { type Test } from 'supertest';
import type { Translate } from '#plugin-api';
import { AttemptStore } from '../../core/auth/attempt-store.ts';
import { createAllowances } from '../../core/auth/allowances.ts';
import { standardHourlyLimits } from '../../core/config/hourly-limits.ts';
import { createConfirmations } from '../../core/auth/confirmations.ts';
import { DeviceStore } from '../../core/auth/device-store.ts';
import { createEventLog } from '../../core/events/event-log.ts';
import { createPasswords } from '../../core/auth/passwords.ts';
import { PersonStore } from '../../core/auth/person-store.ts';
import { createSignInService } from '../../core/auth/sign-in-service.ts';
import { findStanding } from '../../core/auth/standing.ts';
import type { Database } from '../../core/db/database.ts';
import { makeKey, readKeys } from '../../core/keys/key-ring.ts';
import { createVault, type Vault } from '../../core/keys/vault.ts';
import { projectRoot } from '../../core/project-root.ts';
import { createApp, type Network } from '../../core/web/app.ts';
import { type Brand, standingBrand } from '../../core/web/brand.ts';
import type { PageParts } from '../../core/web/pages.ts';
import type { Route } from '../../core/web/route.ts';
import { rightsOf } from '../../core/web/session.ts';
import { SessionStore } from '../../core/web/session-store.ts';
import { toError } from '../../core/web/to-error.ts';
import { loadTexts } from '../../core/web/texts.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { openTestDatabase } from './database.ts';
import { silentLog } from './silent-log.ts';

export interface TestBase {
  readonly vault: Vault;
  readonly db: Database;
  readonly clock: TestClock;
  readonly t: Translate;
  readonly sessionStore: SessionStore;
}

interface TestAppOptions {
  /** The routes under test, made on this database and clock. */
  readonly routes?: (base: TestBase) => readonly Route[];
  readonly db?: Database;
  readonly clock?: TestClock;
  readonly networks?: readonly Network[];
  /** A folder of texts beside those of the installation, e.g. of a made-up network. */
  readonly moreTexts?: string;
  readonly findRoute?: (path: string) => Promise<Route | undefined>;
  readonly findFile?: (path: string) => Promise<Buffer | undefined>;
  readonly brand?: Brand;
  readonly teamFacts?: PageParts['teamFacts'];
  readonly errorHref?: PageParts['errorHref'];
  readonly recordStrip?: PageParts['recordStrip'];
  readonly publicUrl?: string;
  readonly trustProxy?: readonly string[];
  /** Receives every log line, as JSON. */
  readonly onLog?: (line: string) => void;
}

/** A browser of one person (or of nobody): keeps cookies, sends what browsers send. */
export interface TestBrowser {
  get(path: string): Test;
  /** A form of ours: with Origin and the session's token. An array is a repeated field. */
  post(path: string, fields?: Readonly<Record<string, string | readonly string[]>>): Test;
  /** Any method, with the cookies and the Host header only: for tests of what is refused. */
  send(method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options' | 'trace', path: string): Test;
  /** The form token of this session; empty for nobody. */
  readonly csrfToken: string;
  /** `name=value` of the session, for another client of the same person. */
  readonly cookie: string;
}

export interface TestApp extends TestBase {
  readonly app: Express;
  /** Signs the person in without a password. */
  signIn(person: { readonly id: number }): Promise<TestBrowser>;
  stranger(): TestBrowser;
  readonly publicUrl: string;
  close(): Promise<void>;
}

const secrets = ['only for tests'];

/** The real app on a database of its own, with the given routes. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const db = options.db ?? (await openTestDatabase());
  const clock = options.clock ?? createTestClock();
  const publicUrl = options.publicUrl ?? 'http://localhost:3000';
  const texts = loadTexts({ folders: textFolders(options.moreTexts), onMissing: refuseMissingText });
  const { t } = texts.speech('en');
  const people = new PersonStore(db.knex);
  const sessionStore = new SessionStore(db, clock);
  const base: TestBase = { db, clock, t, vault: testVault(), sessionStore };
  const log = options.onLog === undefined ? pino({ level: 'silent' }) : pino({}, { write: options.onLog });
  const app = createApp({
    config: { publicUrl, isSecure: publicUrl.startsWith('https:'), trustProxy: options.trustProxy ?? [] },
    routes: options.routes?.(base) ?? [],
    ...(options.findRoute === undefined ? {} : { findRoute: options.findRoute }),
    networks: options.networks ?? [],
    sessionStore,
    sessionSecrets: () => secrets,
    findStanding: (userId) => findStanding(people, userId),
    confirmations: confirmationsOf(base, people),
    allowances: createAllowances(new AttemptStore(db, clock), standardHourlyLimits),
    teamFacts: options.teamFacts ?? (() => Promise.resolve({ channelCount: 0, counts: {} })),
    errorHref: options.errorHref ?? (() => undefined),
    recordStrip: options.recordStrip,
    texts,
    siteLanguage: () => 'en',
    brand: options.brand ?? standingBrand('Castdeck'),
    ...(options.findFile === undefined ? {} : { findFile: options.findFile }),
    clock,
    log,
    cache: true,
  });
  // One server for all requests; it keeps no test run from ending.
  const server = app.listen(0, '127.0.0.1').unref();
  const signIn = async ({ id }: { readonly id: number }): Promise<TestBrowser> => {
    const csrfToken = randomBytes(16).toString('hex');
    const cookie = await plantSession(base, people, { userId: id, csrfToken });
    return openBrowser(server, { publicUrl, csrfToken, cookie });
  };
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await db.close();
  };
  const stranger = () => openBrowser(server, { publicUrl, csrfToken: '', cookie: '' });
  return { ...base, app, publicUrl, signIn, stranger, close };
}

/** With a key of its own. */
function testVault(): Vault {
  const keys = readKeys(makeKey('test'));
  if ('problem' in keys) throw new Error(keys.problem);
  return createVault(() => keys.ring);
}

/** As the panel makes them. */
function confirmationsOf({ db, clock, vault, sessionStore: sessions }: TestBase, people: PersonStore) {
  const attempts = new AttemptStore(db, clock);
  const devices = new DeviceStore(db, clock);
  const events = createEventLog({ db, clock });
  const signIns = createSignInService({
    people,
    passwords: createPasswords(),
    sessions,
    attempts,
    devices,
    events,
    log: silentLog,
  });
  return createConfirmations({ signIns, vault });
}

function refuseMissingText(key: string): void {
  throw new Error(`There is no text for ${key}.`);
}

/** The host's texts and those of every plugin. */
function textFolders(more: string | undefined): readonly string[] {
  const plugins = path.join(projectRoot, 'plugins');
  const own = readdirSync(plugins).map((name) => path.join(plugins, name, 'locales'));
  const hasFiles = (folder: string): boolean => {
    try {
      return readdirSync(folder).length > 0;
    } catch {
      return false;
    }
  };
  return [path.join(projectRoot, 'core/locales'), ...own.filter(hasFiles), ...(more === undefined ? [] : [more])];
}

/** A session as sign-in leaves it. @returns the Cookie header */
async function plantSession(
  { sessionStore, clock }: TestBase,
  people: PersonStore,
  { userId, csrfToken }: { userId: number; csrfToken: string },
): Promise<string> {
  const standing = await findStanding(people, userId);
  if (standing === undefined) throw new Error(`There is no person ${userId} to sign in.`);
  const id = randomBytes(32).toString('base64url');
  const now = { signedInAt: clock.now(), confirmedAt: clock.now() };
  const session = { cookie: new Cookie(), userId, csrfToken, rights: rightsOf(standing), ...now };
  await new Promise<void>((resolve, reject) => {
    sessionStore.set(id, session, (error) => (error ? reject(toError(error)) : resolve()));
  });
  const signature = createHmac('sha256', secrets[0] ?? '')
    .update(id)
    .digest('base64')
    .replace(/=+$/, '');
  return `local-session=${encodeURIComponent(`s:${id}.${signature}`)}`;
}

interface BrowserState {
  readonly publicUrl: string;
  readonly csrfToken: string;
  readonly cookie: string;
}

function openBrowser(server: Server, { publicUrl, csrfToken, cookie }: BrowserState): TestBrowser {
  const { host } = new URL(publicUrl);
  const agent = supertest.agent(server);
  if (cookie !== '') agent.jar.setCookie(cookie, '127.0.0.1', '/');
  const send: TestBrowser['send'] = (method, address) => agent[method](address).set('Host', host);
  return {
    csrfToken,
    cookie,
    send,
    get: (address) => send('get', address),
    post: (address, fields = {}) => {
      const form = new URLSearchParams(csrfToken === '' ? {} : { _csrf: csrfToken });
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one);
      return send('post', address).set('Origin', publicUrl).type('form').send(form.toString());
    },
  };
}
