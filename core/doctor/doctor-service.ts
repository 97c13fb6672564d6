import type { DoctorCheck, Log, Translate } from '#plugin-api';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseClock } from '../db/database-clock.ts';
import type { MigrationFolder } from '../db/migrate.ts';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { type Identity, mailWithSender } from '../site/identity.ts';
import type { VerificationChecks } from '../site/verification.ts';
import { countBad, type KeptFinding, putFindings, selectFindings, selectWebhookTrace } from './doctor-store.ts';
import { addressCheck } from './look-at-address.ts';
import { databaseCheck } from './look-at-database.ts';
import { legalChecks } from './look-at-legal-pages.ts';
import { mailCheck } from './look-at-mail.ts';
import { storageCheck } from './look-at-storage.ts';
import { tokenCheck } from './look-at-tokens.ts';
import { verificationCheck } from './look-at-verification.ts';
import { workerCheck } from './look-at-worker.ts';
import { type FetchOwn, ownAddress } from './own-address.ts';
import { type CheckRun, type NamedCheck, runChecks } from './run-checks.ts';

/** Looks whether the installation is set up well. What was found last is kept, so that a page never waits for it. */
export interface DoctorService {
  /** The installation's own checks, and those of one plugin, or of all. */
  checks(pluginId?: string): readonly NamedCheck[];
  /** What was found last, by check; one that was never made is not there. */
  last(checks: readonly NamedCheck[]): Promise<ReadonlyMap<string, KeptFinding>>;
  /** @param byUserId null: from the command line */
  run(checks: readonly NamedCheck[], byUserId: number | null): Promise<readonly CheckRun[]>;
  /** How many checks found something that does not work when they were made last. */
  countBad(): Promise<number>;
}

export interface DoctorDeps {
  readonly db: Database;
  readonly clock: DatabaseClock;
  readonly log: Log;
  readonly t: Translate;
  readonly config: Pick<Config, 'publicUrl' | 'dataDir' | 'mail'>;
  readonly migrations: readonly MigrationFolder[];
  readonly registry: Pick<PluginRegistry, 'all'>;
  readonly operations: Parameters<typeof workerCheck>[0]['operations'];
  readonly verification: Pick<VerificationChecks, 'list' | 'check'>;
  readonly identity: Pick<Identity, 'sender'>;
  /** How long one check may take; eight seconds unless said. */
  readonly withinMs?: number;
}

const standardMs = 8_000;

export function createDoctor(deps: DoctorDeps): DoctorService {
  const fetchOwn = ownAddress(deps.config.publicUrl);
  const own = installationChecks(deps).map((check) => named(deps, fetchOwn, { check, plugin: null }));
  const checks = (pluginId?: string): readonly NamedCheck[] => {
    const plugins = deps.registry.all().filter(({ plugin }) => pluginId === undefined || plugin.id === pluginId);
    return [...plugins.flatMap((active) => pluginChecks(deps, fetchOwn, active)), ...own];
  };
  return {
    checks,
    async last(of) {
      const found = await selectFindings(deps.db.knex, namesOf(of));
      return new Map(found.map((one) => [one.name, one]));
    },
    async run(of, byUserId) {
      const runs = await runChecks(of, { ...deps, withinMs: deps.withinMs ?? standardMs });
      await keep(deps, runs, byUserId);
      return runs;
    },
    countBad: () => countBad(deps.db.knex, namesOf(checks())),
  };
}

function namesOf(checks: readonly NamedCheck[]): readonly string[] {
  return checks.map(({ name }) => name);
}

/** In the order in which a setup goes. */
function installationChecks(deps: DoctorDeps): readonly DoctorCheck[] {
  const { t, config, identity } = deps;
  return [
    addressCheck({ t, publicUrl: config.publicUrl }),
    ...legalChecks(t),
    verificationCheck(deps),
    workerCheck(deps),
    databaseCheck(deps),
    storageCheck({ t, dataDir: config.dataDir }),
    mailCheck({ t, mail: mailWithSender(config.mail, identity) }),
  ];
}

function pluginChecks(deps: DoctorDeps, fetchOwn: FetchOwn, { plugin, parts }: ActivePlugin): readonly NamedCheck[] {
  const tokens = tokenCheck({ t: deps.t, sql: deps.db.knex, clock: deps.clock, network: plugin });
  const checks = [...(parts.doctor?.checks ?? []), tokens];
  return checks.map((check) => named(deps, fetchOwn, { check, plugin: plugin.id }));
}

function named(
  { db }: DoctorDeps,
  fetchOwn: FetchOwn,
  { check, plugin }: { readonly check: DoctorCheck; readonly plugin: string | null },
): NamedCheck {
  return {
    name: plugin === null ? check.id : `${plugin}.${check.id}`,
    check,
    plugin,
    look: {
      fetchOwn,
      webhooks: () =>
        plugin === null
          ? Promise.resolve({ lastTakenAt: undefined, refusedAt: {} })
          : selectWebhookTrace(db.knex, plugin),
    },
  };
}

/** A database that cannot be written to is itself a finding: those of this run are told all the same. */
async function keep({ db, log }: DoctorDeps, runs: readonly CheckRun[], by: number | null): Promise<void> {
  try {
    await db.transaction((sql) =>
      putFindings(
        sql,
        runs.map((run) => ({ ...run, by })),
      ),
    );
  } catch (error) {
    log.error({ err: error }, 'what the setup check found could not be kept');
  }
}
