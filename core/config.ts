import type { DatabaseTarget } from './db/database.ts';

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** What the environment says about one plugin, checked by the plugin's own settings shape. */
export interface PluginEnvironment {
  /** The credential set that the fields' variables fill. */
  readonly mode: string;
  /** Field id to value; only fields that the environment sets. */
  readonly values: ReadonlyMap<string, string>;
  /** Base addresses by id, the default where the environment sets none; no trailing slash. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** Everything the environment decides, read once. */
export interface Config {
  /** What members type: scheme and host, no trailing slash. */
  readonly publicUrl: string;
  /** Whether `publicUrl` is https. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseTarget;
  /** Absolute. */
  readonly dataDir: string;
  /** `id:base64(32 bytes)`, comma-separated; absent = a key file in `dataDir`. */
  readonly appKey?: string;
  readonly trustProxy: readonly string[];
  readonly logLevel: LogLevel;
  readonly firstAdmin?: { readonly email: string; readonly password: string };
  readonly plugins: ReadonlyMap<string, PluginEnvironment>;
}
