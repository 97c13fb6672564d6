import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type {
  ChannelPlugin,
  Clock,
  Log,
  PluginChannels,
  PluginDeliveries,
  PluginHost,
  PluginHttp,
  PluginJobs,
  PluginMediaLinks,
  PluginSettings,
  PluginTable,
  Translate,
} from '#plugin-api';
import { isLoopbackHost } from '../config/public-url.ts';
import type { Database, Sql } from '../db/database.ts';
import { type CallParts, createCallWatch } from '../limits/call-watch.ts';
import { createPluginHttp } from './http.ts';

/** What the rooms offer to plugins; each door is already narrowed to the one plugin. */
export interface HostServices {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly t: Translate;
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly settings: PluginSettings;
  readonly channels: PluginChannels;
  readonly deliveries: PluginDeliveries;
  readonly jobs: PluginJobs;
  readonly mediaLinks: PluginMediaLinks;
  /** What stands around its calls; absent: nothing. */
  readonly calls?: CallParts;
}

/** The one way out that a plugin is handed: its own tables, folder, jobs and settings, and nobody else's. */
export function createPluginHost(plugin: ChannelPlugin, services: HostServices): PluginHost {
  const { publicUrl, db } = services;
  return {
    log: services.log,
    clock: services.clock,
    t: services.t,
    http: pluginHttp(plugin, services),
    urls: {
      publicUrl,
      callbackUrl: `${publicUrl}/app/${plugin.id}/profile`,
      webhookUrl: `${publicUrl}/webhooks/${plugin.id}`,
    },
    settings: services.settings,
    channels: services.channels,
    deliveries: services.deliveries,
    jobs: services.jobs,
    mediaLinks: services.mediaLinks,
    table: (name, by) => ownTable(plugin.id, db, { name, ...by }),
    transaction: (work) =>
      db.transaction((sql) => work((name) => ownTable(plugin.id, { knex: sql, kind: db.kind }, { name }))),
    folder: ownFolder(plugin.id, services.dataDir),
    channelFolder: (channelId) => channelFolder(services.dataDir, { id: channelId, plugin: plugin.id }),
  };
}

/** Where a plugin keeps files about one channel. */
export function channelFolder(
  dataDir: string,
  { id, plugin }: { readonly id: number; readonly plugin: string },
): string {
  return path.join(dataDir, 'plugins', plugin, 'channels', String(id));
}

function pluginHttp(plugin: ChannelPlugin, { settings, calls }: HostServices): PluginHttp {
  const mayCallLoopback = isOnLoopback(plugin, settings);
  if (calls === undefined) return createPluginHttp({ mayCallLoopback });
  const apiHosts = plugin.settings.addresses.map(({ id }) => new URL(settings.address(id)).host);
  return createPluginHttp({ mayCallLoopback, watch: createCallWatch({ plugin: plugin.id, apiHosts, ...calls }) });
}

/** The first address of the shape is that of the network's API: on this machine it is a simulator. */
function isOnLoopback({ settings: shape }: ChannelPlugin, settings: PluginSettings): boolean {
  const [api] = shape.addresses;
  return api !== undefined && isLoopbackHost(new URL(settings.address(api.id)).hostname);
}

interface OwnTable {
  readonly name: string;
  readonly index?: string;
}

/** A plugin's own table, read by one of its indexes where it says which. */
export function ownTable(
  pluginId: string,
  { knex, kind }: { readonly knex: Sql; readonly kind: Database['kind'] },
  { name, index }: OwnTable,
): PluginTable {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`"${name}" is not the name of a table.`);
  const table = `${pluginId}_${name}`;
  const isTold = index !== undefined && kind === 'mysql';
  const read = isTold ? knex.raw('?? force index (??)', [table, index]) : table;
  return knex<Record<string, unknown>, Record<string, unknown>[]>(read);
}

function ownFolder(pluginId: string, dataDir: string): string {
  const folder = path.join(dataDir, 'plugins', pluginId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
