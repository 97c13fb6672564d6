import { type Clock, type Log, RemoteError } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { JobHandler, JobOutcome, JobQueue } from '../queue/job-queue.ts';
import type { CredentialService } from './credential-service.ts';
import { selectCredential, type StoredCredential } from './credential-store.ts';

const confirmJobKind = 'confirm-access';

/** A job asks the network, soon: nobody who waits for an answer does. */
export function askWhetherItWorks(
  { queue, clock }: { readonly queue: JobQueue; readonly clock: Clock },
  credentialId: number,
  sql?: Sql,
): Promise<void> {
  const job = { kind: confirmJobKind, key: String(credentialId), payload: {}, runAt: clock.now() };
  return queue.enqueue(job, sql);
}

interface ConfirmDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly registry: PluginRegistry;
  readonly credentials: Pick<CredentialService, 'accessOf'>;
  readonly log: Log;
}

/**
 * Asks the network whether an access still works, where somebody said that it does not. Their word changes nothing:
 * only a refused call leads on, to a refresh, and only a refused refresh gives the access up.
 */
export function createConfirmHandler(deps: ConfirmDeps): JobHandler {
  return {
    kind: confirmJobKind,
    async run(job) {
      const row = await selectCredential(deps.db.knex, Number(job.key));
      return row?.state === 'valid' ? confirm(deps, row) : { kind: 'done' };
    },
  };
}

async function confirm(deps: ConfirmDeps, row: StoredCredential): Promise<JobOutcome> {
  const connector = deps.registry.find(row.plugin)?.parts.connector;
  if (connector?.confirm === undefined) return { kind: 'done' };
  const access = deps.credentials.accessOf(row);
  try {
    const token = await access.accessToken();
    const isRefused = await refuses(connector.confirm(token));
    if (isRefused) await access.replace(token);
    const news = isRefused ? 'an access was refused and has been renewed' : 'an access was asked about and still works';
    deps.log.info({ credential: row.id }, news);
    return { kind: 'done' };
  } catch (error) {
    return afterError(deps, row, error);
  }
}

async function refuses(call: Promise<void>): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    if (error instanceof RemoteError && error.kind === 'reconnect') return true;
    throw error;
  }
}

/** Given up by the refresh, or nothing is known yet: what is temporary is asked again, like any job that fails. */
function afterError(deps: ConfirmDeps, row: StoredCredential, error: unknown): JobOutcome {
  if (!(error instanceof RemoteError)) throw error;
  if (error.kind === 'temporary' || error.kind === 'rate-limited' || error.kind === 'outcome-unknown') {
    if (error.retryAt === undefined) throw error;
    return { kind: 'again', at: Math.max(error.retryAt, deps.clock.now()) };
  }
  deps.log.warn({ err: error, credential: row.id }, 'an access was asked about and does not work');
  return { kind: 'done' };
}
