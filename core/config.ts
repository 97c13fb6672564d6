import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Complaints, createComplaints } from './config/complaints.ts';
import { readDatabaseTarget } from './config/database-target.ts';
import type { PluginEnvironment, Reader } from './config/environment.ts';
import { type HourlyLimits, readHourlyLimits } from './config/hourly-limits.ts';
import { type MailSettings, readMailSettings } from './config/mail-settings.ts';
import { type PluginToConfigure, readPluginEnvironment } from './config/plugin-environment.ts';
import { readPublicUrl } from './config/public-url.ts';
import { readTrustProxy } from './config/trust-proxy.ts';
import type { DatabaseTarget } from './db/database.ts';
import { readKeys } from './keys/key-ring.ts';
import { type Language, languageOfEnvironment, languages } from './language/languages.ts';

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
type LogLevel = (typeof logLevels)[number];

export type { PluginEnvironment };

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
  /** What people read who have not chosen a language. */
  readonly language: Language;
  /** Whether the environment names a language that is spoken here: then it is no setting. */
  readonly isLanguageSet: boolean;
  readonly firstAdmin?: { readonly email: string; readonly password: string };
  /** Absent: this installation sends no mail. */
  readonly mail?: MailSettings;
  readonly hourlyLimits: HourlyLimits;
  /** What /metrics asks for; absent: it answers this machine alone. */
  readonly metricsToken?: string;
  readonly plugins: ReadonlyMap<string, PluginEnvironment>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process, with what `.env` in the working directory adds to it. The only door to it. */
export function loadEnvironment(): Environment {
  const file = path.resolve('.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
}

/**
 * Reads and checks everything that the environment decides.
 * @throws StartError that names every missing or wrong value at once, and repeats no secret
 */
export function readConfig(environment: Environment, plugins: readonly PluginToConfigure[]): Config {
  const complaints = createComplaints();
  const read: Reader = (name) => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };
  const config = { ...readServer(read, complaints), ...readStorage(read, complaints) };
  const firstAdmin = readFirstAdmin(read, complaints);
  const mail = readMailSettings(read, complaints);
  const metricsToken = readMetricsToken(read, complaints);
  const hourlyLimits = readHourlyLimits(read, complaints);
  const environments = plugins.map((one) => [one.plugin.id, readPluginEnvironment(one, read, complaints)] as const);
  complaints.throwIfAny();
  return {
    ...config,
    hourlyLimits,
    ...(firstAdmin === undefined ? {} : { firstAdmin }),
    ...(mail === undefined ? {} : { mail }),
    ...(metricsToken === undefined ? {} : { metricsToken }),
    plugins: new Map(environments),
  };
}

type Server = Pick<
  Config,
  'publicUrl' | 'isSecure' | 'host' | 'port' | 'trustProxy' | 'logLevel' | 'language' | 'isLanguageSet'
>;

function readServer(read: Reader, complaints: Complaints): Server {
  const host = read('HOST') ?? '127.0.0.1';
  const port = readPort(read('PORT'), complaints);
  const publicUrl = readPublicUrl({ typed: read('PUBLIC_URL'), host, port }, complaints);
  return {
    publicUrl,
    isSecure: publicUrl.startsWith('https:'),
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port,
    trustProxy: readTrustProxy(read('TRUST_PROXY'), complaints),
    logLevel: readLogLevel(read('LOG_LEVEL'), complaints),
    language: languageOfEnvironment(read('LANGUAGE')) ?? languages[0],
    isLanguageSet: languageOfEnvironment(read('LANGUAGE')) !== undefined,
  };
}

function readPort(typed: string | undefined, complaints: Complaints): number {
  if (typed === undefined) return 3000;
  const port = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  if (port < 1 || port > 65_535) complaints.add('PORT', `"${typed}" is not a port. Use a number from 1 to 65535.`);
  return port;
}

function readLogLevel(typed: string | undefined, complaints: Complaints): LogLevel {
  const level = logLevels.find((known) => known === (typed ?? 'info').toLowerCase());
  if (level === undefined) complaints.add('LOG_LEVEL', `"${typed ?? ''}" is not one of ${logLevels.join(', ')}.`);
  return level ?? 'info';
}

type Storage = Pick<Config, 'database' | 'dataDir' | 'appKey'>;

function readStorage(read: Reader, complaints: Complaints): Storage {
  const dataDir = path.resolve(read('DATA_DIR') ?? 'data');
  const appKey = read('APP_KEY');
  const keys = appKey === undefined ? undefined : readKeys(appKey);
  if (keys !== undefined && 'problem' in keys) complaints.add('APP_KEY', keys.problem);
  return {
    dataDir,
    database: readDatabaseTarget(read('DATABASE_URL'), dataDir, complaints),
    ...(appKey === undefined ? {} : { appKey }),
  };
}

function readFirstAdmin(read: Reader, complaints: Complaints): Config['firstAdmin'] {
  const email = read('ADMIN_EMAIL');
  const password = read('ADMIN_PASSWORD');
  if (email === undefined && password === undefined) return undefined;
  if (email === undefined) complaints.add('ADMIN_EMAIL', 'is missing: ADMIN_PASSWORD is set. Set both or none.');
  if (password === undefined) complaints.add('ADMIN_PASSWORD', 'is missing: ADMIN_EMAIL is set. Set both or none.');
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    complaints.add('ADMIN_EMAIL', `"${email}" is not an e-mail address.`);
  }
  if (password !== undefined && (password.length < 8 || password.length > 128)) {
    complaints.add('ADMIN_PASSWORD', 'must have 8 to 128 characters.');
  }
  return email === undefined || password === undefined ? undefined : { email, password };
}

function readMetricsToken(read: Reader, complaints: Complaints): string | undefined {
  const token = read('METRICS_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]{16,}$/.test(token)) {
    complaints.add('METRICS_TOKEN', 'must have at least 16 characters, without spaces. Use: openssl rand -hex 24');
  }
  return token;
}
