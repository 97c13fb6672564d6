import { accessSync, constants } from 'node:fs';
import type pino from 'pino';
import type { Clock, Translate } from '#plugin-api';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { connectDatabase } from '../db/connect.ts';
import { createDatabaseClock, type DatabaseClock } from '../db/database-clock.ts';
import type { Database } from '../db/database.ts';
import {
  coreMigrations,
  isEmptyDatabase,
  type MigrationFolder,
  migrateToLatest,
  pendingMigrations,
} from '../db/migrate.ts';
import { StartError } from '../errors.ts';
import { derivedSecrets } from '../keys/derived-secrets.ts';
import { openVault } from '../keys/key-check-store.ts';
import { type KeySource, keySource } from '../keys/key-file.ts';
import type { Vault } from '../keys/vault.ts';
import { createPino, type PanelLog, panelLog } from '../log/logger.ts';
import { createBreakers, type Breakers } from '../limits/breakers.ts';
import { type CallCounts, createCallCounts } from '../limits/call-counts.ts';
import { createProbeTurns } from '../limits/probe-turns.ts';
import { makeFolder } from '../make-folder.ts';
import type { FoundPlugin } from '../plugin-host/found-plugin.ts';
import { projectRoot } from '../project-root.ts';
import { systemRandom } from '../queue/backoff.ts';
import { type Identity, openIdentity } from '../site/identity.ts';
import { standardTimings, type Timings } from '../timings.ts';
import type { SiteLanguage } from '../web/reader-language.ts';
import { loadTexts, type Texts } from '../web/texts.ts';

/** What a start may hand in instead of the standard: tests and the demo do, nothing in the environment can. */
export interface PanelOptions {
  /** As `discoverPlugins` found them. */
  readonly plugins: readonly FoundPlugin[];
  /** Where log lines go; standard output unless said. */
  readonly log?: pino.Logger;
  /** This host's clock. */
  readonly clock?: Clock;
  readonly timings?: Timings;
  /** Migrate a database that is behind instead of refusing to start. */
  readonly migrates?: boolean;
  /** Jobs that one worker runs at once. */
  readonly slots?: number;
  /** Read views and hash public files anew each time, as development wants it. */
  readonly readsAnew?: boolean;
}

/** What every room stands on. */
export interface Foundation {
  readonly config: Config;
  readonly plugins: readonly FoundPlugin[];
  /** How the installation calls itself now; an admin may change it while the panel runs. */
  readonly siteName: () => string;
  /** Name, colour, logo, language, sender: what an admin made of this installation. */
  readonly identity: Identity;
  readonly pino: pino.Logger;
  readonly log: PanelLog;
  readonly timings: Timings;
  readonly db: Database;
  readonly clock: DatabaseClock;
  readonly keys: KeySource;
  readonly vault: Vault;
  readonly sessionSecrets: () => readonly string[];
  readonly migrations: readonly MigrationFolder[];
  readonly texts: Texts;
  /** For rooms and plugins, which do not know who will read: texts that become words where they are shown. */
  readonly t: Translate;
  /** Asked each time: a setting may change it while the panel runs. */
  readonly siteLanguage: SiteLanguage;
  /** What stands around the calls of all plugins of this process. */
  readonly calls: { readonly breakers: Breakers; readonly counts: CallCounts };
}

/** @throws StartError for a database that cannot be reached or is behind, and for a wrong key */
export async function layFoundation(config: Config, options: PanelOptions): Promise<Foundation> {
  const logger = options.log ?? createPino({ level: config.logLevel });
  const log = panelLog(logger);
  const migrations = migrationFolders(options.plugins);
  settleDataDir(config.dataDir);
  const db = await connectDatabase(config.database, log);
  try {
    await settleMigrations(db, migrations, options.migrates === true);
    const clock = createDatabaseClock(db, options.clock ?? systemClock);
    await clock.measure();
    const keys = keySource({ appKey: config.appKey, dataDir: config.dataDir });
    const vault = await openVault({ db, keys, clock });
    const texts = loadPanelTexts(options.plugins, log);
    const identity = await openIdentity({ db, clock, log, config });
    return {
      config,
      plugins: options.plugins,
      ...{ identity, siteName: identity.name, siteLanguage: identity.language },
      pino: logger,
      log,
      timings: options.timings ?? standardTimings,
      db,
      clock,
      keys,
      vault,
      sessionSecrets: sessionSecretsOf(keys),
      migrations,
      texts,
      t: texts.deferring,
      calls: {
        breakers: createBreakers({ clock, random: systemRandom, turns: createProbeTurns({ db, clock, log }) }),
        counts: createCallCounts({ db, clock, log }),
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** The same list until the keys change. */
function sessionSecretsOf(keys: KeySource): () => readonly string[] {
  let ring = keys();
  let secrets = derivedSecrets(ring, 'sessions');
  return () => {
    const now = keys();
    if (now !== ring) [ring, secrets] = [now, derivedSecrets(now, 'sessions')];
    return secrets;
  };
}

/** @throws StartError: everything that is kept on disk goes there */
function settleDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`DATA_DIR: ${dataDir} cannot be used (${reason}). Set it to a folder of this user.`, error);
  }
}

/** The host's migrations, then each plugin's. */
export function migrationFolders(plugins: readonly FoundPlugin[]): readonly MigrationFolder[] {
  const own = plugins.flatMap(({ plugin, migrations }) =>
    migrations === undefined ? [] : [{ owner: plugin.id, folder: migrations }],
  );
  return [coreMigrations, ...own];
}

/** An empty embedded database is nobody's yet, so it is set up; anything else is an operator's to change. */
async function settleMigrations(db: Database, folders: readonly MigrationFolder[], migrates: boolean): Promise<void> {
  const pending = await pendingMigrations(db, folders);
  if (pending.length === 0) return;
  if (migrates || (db.kind === 'sqlite' && (await isEmptyDatabase(db)))) {
    await migrateToLatest(db, folders);
    return;
  }
  throw new StartError(
    `The database is behind this version (${pending.join(', ')}). Back it up, then run: npm run migrate`,
  );
}

/** Of the host and of every plugin. */
export function loadPanelTexts(plugins: readonly FoundPlugin[], log: PanelLog): Texts {
  const own = plugins.flatMap(({ locales }) => (locales === undefined ? [] : [locales]));
  return loadTexts({
    folders: [`${projectRoot}/core/locales`, ...own],
    onMissing: (key) => log.warn({ key }, 'a text is missing'),
  });
}
