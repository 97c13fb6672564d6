import path from 'node:path';
import passport from 'passport';
import type { ChannelPlugin, ConnectContext, ConnectedAccount, PluginParts } from '#plugin-api';
import type { CommandParts } from '../../../core/bin/network-commands.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { findStanding } from '../../../core/auth/standing.ts';
import { createAvatars } from '../../../core/channels/avatars.ts';
import { channelCheckRoutes } from '../../../core/channel-check/channel-check-routes.ts';
import { createChannelCheck } from '../../../core/channel-check/channel-check-service.ts';
import { channelRoutes } from '../../../core/channels/channel-routes.ts';
import { type ChannelService, createChannelService } from '../../../core/channels/channel-service.ts';
import { pluginChannelRoutes } from '../../../core/channels/channel-page-routes.ts';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import { connectLinkRoutes } from '../../../core/channels/connect-link-routes.ts';
import { type ConnectLinkService, createConnectLinks } from '../../../core/channels/connect-link-service.ts';
import { createConnectLinkStore } from '../../../core/channels/connect-link-store.ts';
import { connectRoutes, overriddenCallback } from '../../../core/channels/connect-routes.ts';
import { createConnectService } from '../../../core/channels/connect-service.ts';
import { createAccountKeeper } from '../../../core/channels/keep-account.ts';
import { createOAuthStateStore } from '../../../core/channels/oauth-state-store.ts';
import type { Config } from '../../../core/config.ts';
import { createCredentialService } from '../../../core/credentials/stored-credentials.ts';
import type { CredentialService } from '../../../core/credentials/credential-service.ts';
import { createDeliveryDesk } from '../../../core/deliveries/delivery-desk-service.ts';
import type { DeliveryDesk } from '../../../core/deliveries/delivery-desk.ts';
import { createPluginDeliveries } from '../../../core/deliveries/plugin-deliveries.ts';
import type { SetupCheck } from '../../../core/doctor/doctor-model.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import { createErrorLibrary } from '../../../core/help/error-library.ts';
import { ownErrors } from '../../../core/help/own-errors.ts';
import { createOverviews } from '../../../core/insights/overviews.ts';
import { createPluginHost } from '../../../core/plugin-host/host.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createPostStore, type PostStore } from '../../../core/posts/post-store.ts';
import { titleOf } from '../../../core/posts/post-title.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { createJobQueue } from '../../../core/queue/job-queue.ts';
import { createPluginJobs } from '../../../core/queue/plugin-jobs.ts';
import { settingsRoutes } from '../../../core/settings/settings-routes.ts';
import { TeamStore } from '../../../core/teams/team-store.ts';
import { createSettingsService, type SettingsService } from '../../../core/settings/settings-service.ts';
import { createSettingsStore } from '../../../core/settings/settings-store.ts';
import { standardTimings } from '../../../core/timings.ts';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBase } from '../../support/app.ts';
import { openTestDatabase } from '../../support/database.ts';
import { recordingLog, type RecordingLog } from '../../support/log.ts';
import { draft, exampleNetwork, exampleTexts, exampleVault, networkParts } from '../settings/example-network.ts';

const dayMs = 86_400_000;

/** What the made-up network does: whom a code stands for, what it was asked, and how it fails. */
interface Network {
  readonly accounts: Map<
    string,
    Partial<ConnectedAccount> & { readonly accountId: string; scopes?: readonly string[] }
  >;
  /** Codes that were exchanged, in order. */
  readonly exchanged: string[];
  readonly revoked: string[];
  /** Thrown by the next exchange. */
  failure: Error | undefined;
}

export interface ChannelsWorld extends TestApp {
  readonly network: Network;
  readonly channels: ChannelService;
  readonly settings: SettingsService;
  readonly credentials: CredentialService;
  readonly desk: DeliveryDesk;
  readonly recorded: RecordingLog;
  readonly connectLinks: ConnectLinkService;
  readonly forCommands: CommandParts['services'];
  saveSettings(fields?: Parameters<typeof draft>[0], more?: Parameters<typeof draft>[1]): Promise<void>;
}

export interface WorldOptions {
  readonly dataDir: string;
  readonly parts?: Partial<PluginParts>;
  /** A real plugin instead of the made-up network, with the one address of its (simulated) network. */
  readonly real?: RealNetwork;
}

interface RealNetwork {
  readonly plugin: ChannelPlugin;
  readonly url: string;
}

/** The rooms around channels, real but for the network itself. */
export async function createChannelsWorld({ dataDir, parts = {}, real }: WorldOptions): Promise<ChannelsWorld> {
  const network: Network = { accounts: new Map(), exchanged: [], revoked: [], failure: undefined };
  const recorded = recordingLog();
  let rooms: Rooms | undefined;
  const folder = real === undefined ? '' : path.join(projectRoot, 'plugins', real.plugin.id);
  const migrations = real === undefined ? [] : [{ owner: real.plugin.id, folder: path.join(folder, 'migrations') }];
  const web = await createTestApp({
    db: await openTestDatabase({ folders: migrations }),
    moreTexts: exampleTexts,
    networks:
      real === undefined
        ? []
        : [
            {
              id: real.plugin.id,
              name: real.plugin.name,
              icon: real.plugin.icon,
              views: path.join(folder, 'views'),
              origins: { formAction: [real.url] },
            },
          ],
    findRoute: async (address) => rooms?.findRoute(address),
    routes: (base) => {
      rooms = createRooms(base, { dataDir, network, recorded, parts, real });
      return rooms.routes;
    },
  });
  if (rooms === undefined) throw new Error('The app was made without its routes.');
  const { shown } = rooms;
  const admin = 1;
  const saveSettings: ChannelsWorld['saveSettings'] = async (fields = {}, more = {}) => {
    const whole = { 'live.key': 'awlive1', 'live.secret': 'live-secret-9f3c', 'live.scopes': ['see', 'post'] };
    const typed = draft({ ...whole, ...fields }, more);
    const told = await shown.settings.switches(exampleNetwork);
    const agreedToMode = told.map(({ token }) => token);
    const result = await shown.settings.save(exampleNetwork, { ...typed, agreedToMode }, admin);
    if (result.kind !== 'saved') throw new Error(result.kind);
  };
  return { ...web, ...shown, network, recorded, saveSettings };
}

type Shown = 'channels' | 'settings' | 'credentials' | 'desk' | 'connectLinks' | 'forCommands';

interface Rooms {
  readonly routes: readonly Route[];
  readonly findRoute: (address: string) => Promise<Route | undefined>;
  readonly shown: Pick<ChannelsWorld, Shown>;
}

function createRooms(
  { db, clock, t }: TestBase,
  given: {
    dataDir: string;
    network: Network;
    recorded: RecordingLog;
    parts: Partial<PluginParts>;
    real: RealNetwork | undefined;
  },
): Rooms {
  const { log } = given.recorded;
  const vault = exampleVault();
  const registry = createPluginRegistry();
  const events = createEventLog({ db, clock });
  const queue = createJobQueue({ db, clock });
  const timings = standardTimings;
  const credentials = createCredentialService({ db, clock, timings, vault, registry, t, log, queue });
  const desk = createDeliveryDesk({ db, queue, clock, timings, t });
  const store = createChannelStore(db);
  const avatars = createAvatars({ dataDir: given.dataDir, log });
  const config = { publicUrl: 'http://localhost:3000', plugins: environmentOf(given.real) };
  const settingsStore = createSettingsStore(db);
  const settingsDeps = {
    db,
    store: settingsStore,
    vault,
    clock,
    config,
    events,
    credentials,
    registry,
    appUse: store,
    t,
  };
  const settings = createSettingsService(settingsDeps);
  const channels = createChannelService({ db, store, avatars, settings, credentials, desk, events, clock, t });
  const { plugin } = given.real ?? { plugin: madeUp(given.network, given.parts) };
  const own = settings.forPlugin(plugin);
  const host = createPluginHost(plugin, {
    ...{ db, clock, log, t, publicUrl: config.publicUrl, dataDir: given.dataDir, settings: own },
    channels: channels.ofPlugin(plugin.id),
    deliveries: createPluginDeliveries(plugin.id, { db, queue, clock, t }),
    jobs: createPluginJobs(plugin.id, queue),
    mediaLinks: { prefix: `${config.publicUrl}/m/`, isPublic: false, make: () => `${config.publicUrl}/m/x.jpg` },
  });
  const parts = plugin.activate(host);
  if (parts instanceof Promise) throw new Error('This world cannot wait for a plugin.');
  registry.add({ plugin, parts, settings: own });
  const keeper = createAccountKeeper({ db, store, avatars, credentials, desk, events, clock });
  const people = new PersonStore(db.knex);
  const states = createOAuthStateStore(db);
  const find = (userId: number) => findStanding(people, userId);
  const connect = createConnectService({ states, registry, keeper, findStanding: find, vault, clock, log, t });
  const channelCheck = createChannelCheck({ registry, credentials, events, clock, log, t });
  const errorLibrary = createErrorLibrary({ registry, own: ownErrors(t) });
  const teams = new TeamStore(db.knex);
  const links = createConnectLinkStore(db);
  const membersOf = (teamId: number) => teams.members(teamId);
  const connectLinks = createConnectLinks({ db, events, links, registry, teams, membersOf, clock, t });
  const connectDeps = { connect, channels, registry, settings, errorLibrary };
  const overviews = createOverviews({ registry, log });
  const routes: readonly Route[] = [
    ...[...connectRoutes(connectDeps), ...connectLinkRoutes({ ...connectDeps, connectLinks })],
    ...channelRoutes({ channels, registry, overviews, postTitles: titlesFrom(createPostStore(db)) }),
    ...channelCheckRoutes({ channels, channelCheck, registry }),
    ...pluginChannelRoutes({ channels, registry }),
    ...settingsRoutes({ settings, registry, config, setupCheck: () => Promise.resolve(nothingChecked) }),
  ];
  const findRoute = (address: string) => overriddenCallback(connectDeps, address);
  const forCommands = { registry, channels, channelStore: store, channelCheck, connectLinks, teams };
  const shown = { channels, settings, credentials, desk, connectLinks, forCommands };
  return { routes, findRoute, shown };
}

/** As a network's page shows it before the first setup check. */
const nothingChecked: SetupCheck = {
  action: '/admin/api-integration/example/check',
  ...{ open: [], fine: [], unmade: [], counts: { bad: 0, warn: 0, ok: 0 } },
  ...{ since: null, isOutdated: false },
};

function titlesFrom(posts: Pick<PostStore, 'findMany'>): Parameters<typeof channelRoutes>[0]['postTitles'] {
  return async (teamId, ids, t) =>
    new Map((await posts.findMany(teamId, ids)).map((post) => [post.id, titleOf(t, { ...post, media: [] })]));
}

function madeUp(network: Network, given: Partial<PluginParts>): ChannelPlugin {
  const parts = { ...networkParts({}), connector: connectorOf(network), ...given };
  return { ...exampleNetwork, apiVersion: 1, icon: 'plug', activate: () => parts };
}

function environmentOf(real: RealNetwork | undefined): Config['plugins'] {
  if (real === undefined) return new Map();
  const { settings } = real.plugin;
  const addresses = new Map(settings.addresses.map(({ id }) => [id, real.url]));
  return new Map([[real.plugin.id, { mode: settings.defaultSet, values: new Map(), addresses }]]);
}

class ExampleStrategy extends passport.Strategy {
  override readonly name = 'example';
  readonly #context: ConnectContext;
  readonly #network: Network;

  constructor(context: ConnectContext, network: Network) {
    super();
    this.#context = context;
    this.#network = network;
  }

  override authenticate(request: { query: Record<string, unknown> }): void {
    const { set, state, codeVerifier } = this.#context;
    const { code } = request.query;
    if (typeof code !== 'string') {
      const scope = set.choices('scopes').join(',');
      const query = new URLSearchParams({ key: set.appKey, redirect_uri: set.callbackUrl, scope, state });
      // A test may look at the verifier's length; a real network gets a hash of it.
      query.set('challenge_length', String(codeVerifier.length));
      this.redirect(`https://example.test/authorize?${query.toString()}`);
      return;
    }
    this.#network.exchanged.push(code);
    if (this.#network.failure !== undefined) this.error(this.#network.failure);
    else this.success({ code, secret: set.text('secret') });
  }
}

function connectorOf(network: Network): PluginParts['connector'] {
  return {
    strategy: (context) => new ExampleStrategy(context, network),
    readAccount: (value) => {
      const code: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'code') : undefined;
      const account = network.accounts.get(String(code));
      if (account === undefined) throw new Error(`No account stands behind the code ${String(code)}.`);
      const { scopes = ['see', 'post'], ...rest } = account;
      return {
        nickname: account.accountId,
        ...rest,
        tokens: {
          accessToken: `access-canary-${account.accountId}`,
          accessExpiresAt: Date.UTC(2026, 10, 21, 12) + dayMs,
          refreshToken: `refresh-canary-${account.accountId}`,
          refreshExpiresAt: Date.UTC(2026, 10, 21, 12) + 100 * dayMs,
          scopes,
        },
      };
    },
    refresh: ({ tokens }) => Promise.resolve(tokens),
    revoke: ({ tokens }) => {
      network.revoked.push(tokens.accessToken);
      return Promise.resolve();
    },
    explain: ({ query, error }) => ({
      sentence: error instanceof Error ? error.message : `Example says ${query['error'] ?? 'nothing'}.`,
      who: 'you',
      nextStep: 'Do it again.',
      code: query['error'] ?? 'exchange_failed',
    }),
    missingScopes: (granted, set) =>
      set
        .choices('scopes')
        .filter((scope) => !granted.includes(scope))
        .map((scope) => ({ scope, consequence: `Without ${scope} something is missing.` })),
  };
}
