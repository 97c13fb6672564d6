import { type DoctorCheck, type Finding, findingsOf, type Log, type Translate } from '#plugin-api';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { connectDatabase } from '../db/connect.ts';
import { createDatabaseClock } from '../db/database-clock.ts';
import { isEmptyDatabase, type MigrationFolder } from '../db/migrate.ts';
import { StartError } from '../errors.ts';
import { mailWithSender } from '../site/identity.ts';
import type { TableRow } from './doctor-table.ts';
import { addressCheck } from './look-at-address.ts';
import { databaseCheck, databaseOutcomes } from './look-at-database.ts';
import { legalChecks } from './look-at-legal-pages.ts';
import { mailCheck } from './look-at-mail.ts';
import { storageCheck } from './look-at-storage.ts';
import { ownAddress } from './own-address.ts';
import { runChecks, type runnerOutcomes, unfinished } from './run-checks.ts';

interface WithoutPanel {
  readonly t: Translate;
  readonly log: Log;
  readonly config: Pick<Config, 'publicUrl' | 'dataDir' | 'mail' | 'database'>;
  readonly migrations: readonly MigrationFolder[];
  /** Names of the plugins, none of which can be woken. */
  readonly networks: readonly string[];
  /** Why there is no panel. */
  readonly error: StartError;
}

/** How long one check may take. */
const withinMs = 8_000;

/**
 * The setup check where no panel can be made: the database is away or behind, or the start is refused for another reason.
 * What needs neither is looked at all the same, and the rest says why it is not.
 */
export async function lookWithoutPanel(parts: WithoutPanel): Promise<readonly TableRow[]> {
  const { t, error } = parts;
  const [database, others] = await Promise.all([lookAtDatabase(parts), runOthers(parts)]);
  const because = becauseOf(database);
  const notLookedAt = unfinished(t, because, {});
  const unlooked = [...parts.networks, t('doctor:verification.label'), t('doctor:worker.label')];
  return [
    ...(because === 'no-start' ? [{ label: t('doctor:start.label'), finding: refusedStart(error) }] : []),
    { label: t('doctor:database.label'), finding: database },
    ...others,
    ...unlooked.map((label) => ({ label, finding: notLookedAt })),
  ];
}

function becauseOf({ kind, tone }: Finding): keyof typeof runnerOutcomes {
  if (tone !== 'bad') return 'no-start';
  return kind === 'pending' ? 'behind' : 'no-database';
}

/** The start says by itself what is wrong and what to do. */
function refusedStart({ message }: StartError): Finding {
  return { tone: 'bad', kind: 'refused', sentence: message, who: 'admin', steps: [], links: [] };
}

async function lookAtDatabase({ t, log, config, migrations }: WithoutPanel): Promise<Finding> {
  try {
    const db = await connectDatabase(config.database, log);
    try {
      const clock = createDatabaseClock(db, systemClock);
      // One that nobody has begun is set up by the first start.
      const folders = db.kind === 'sqlite' && (await isEmptyDatabase(db)) ? [] : migrations;
      const [finding] = await run({ t, log }, [databaseCheck({ t, db, clock, migrations: folders })]);
      return finding ?? unfinished(t, 'broken', {});
    } finally {
      await db.close();
    }
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const found = findingsOf(t, 'doctor:database', databaseOutcomes);
    return { ...found('no-answer'), meaning: error.message };
  }
}

async function runOthers({ t, log, config }: WithoutPanel): Promise<readonly TableRow[]> {
  const { publicUrl, dataDir, mail } = config;
  // No letter is sent: the check only greets the server.
  const sender = () => mail?.from ?? { name: '', address: `no-reply@${new URL(publicUrl).hostname}` };
  const checks = [
    addressCheck({ t, publicUrl }),
    ...legalChecks(t),
    storageCheck({ t, dataDir }),
    mailCheck({ t, mail: mailWithSender(mail, { sender }) }),
  ];
  const findings = await run({ t, log, publicUrl }, checks);
  return findings.flatMap((finding, at) => ({ label: checks[at]?.label ?? '', finding }));
}

async function run(
  { t, log, publicUrl = 'http://localhost' }: Pick<WithoutPanel, 't' | 'log'> & { readonly publicUrl?: string },
  checks: readonly DoctorCheck[],
): Promise<readonly Finding[]> {
  const webhooks = () => Promise.resolve({ lastTakenAt: undefined, refusedAt: {} });
  const look = { fetchOwn: ownAddress(publicUrl), webhooks };
  const named = checks.map((check) => ({ name: check.id, check, plugin: null, look }));
  const runs = await runChecks(named, { t, clock: systemClock, log, withinMs });
  return runs.map(({ finding }) => finding);
}
