import type { AccountAccess, Attempt, Clock, Log, PublishingTools, Translate } from '#plugin-api';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database } from '../db/database.ts';
import type { Vault } from '../keys/vault.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Random } from '../queue/backoff.ts';
import type { ClaimedJob } from '../queue/job-queue.ts';
import type { Timings } from '../timings.ts';
import { selectEarlierAttempts } from './attempt-store.ts';
import { openProgress } from './ledger-store.ts';
import type { PublishPayload } from './publish-payload.ts';
import type { PublishingWork, StoredAttempt } from './publishing-store.ts';
import type { Together } from './together.ts';

/** The kind of a delivery's job; its key is the delivery's number. */
export const publishJobKind = 'publish-delivery';

export interface PublishDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly vault: Vault;
  readonly registry: PluginRegistry;
  readonly credentials: Pick<CredentialService, 'access' | 'accessOf'>;
  /** Where the files of media lie. */
  readonly mediaFolder: string;
  readonly t: Translate;
  readonly log: Log;
  readonly random?: Random;
}

/** With the door to the database that the deliveries of one worker share. */
export interface PublishRoom extends PublishDeps {
  readonly together: Together;
}

interface Viewed {
  readonly deliveryId: number;
  readonly attempt: StoredAttempt;
  /** Attempts that do not count any more, and when a person asked to look again. */
  readonly since: Pick<PublishPayload, 'attemptsBefore' | 'askedAgainAt'>;
}

/** The plugin's picture of an attempt; earlier ones are read only where there are any. */
export async function attemptView(
  deps: Pick<PublishDeps, 'db' | 'vault'>,
  { deliveryId, attempt, since }: Viewed,
): Promise<Attempt> {
  const { n, startedAt, reference, pointOfNoReturnAt } = attempt;
  const { attemptsBefore: afterN, askedAgainAt } = since;
  const earlier = n > afterN + 1 ? await selectEarlierAttempts(deps.db.knex, deliveryId, { afterN, beforeN: n }) : [];
  const progress = openProgress(deps.vault, attempt.sealedProgress, { deliveryId, n });
  const asked = askedAgainAt === 0 || pointOfNoReturnAt === null ? {} : { askedAgainAt };
  return { n, startedAt, reference, pointOfNoReturnAt, ...asked, progress, earlier };
}

/** An attempt keeps the access it began with: a network's id of a publish belongs to app and account. */
export async function publishingTools(
  deps: Pick<PublishDeps, 'credentials'>,
  job: ClaimedJob,
  { work, attempt }: { readonly work: PublishingWork; readonly attempt: StoredAttempt },
): Promise<PublishingTools> {
  const account: AccountAccess =
    attempt.credentialId === work.credential.id
      ? deps.credentials.accessOf(work.credential)
      : await deps.credentials.access(attempt.credentialId);
  return { account, signal: job.signal };
}
