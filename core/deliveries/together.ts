import DataLoader from 'dataloader';
import type { Database, Sql } from '../db/database.ts';
import { mayRunAgain } from '../db/retry.ts';
import type { ActivePlugin } from '../plugin-host/plugin-registry.ts';
import { areHeld, type AttemptBegin, insertAttempts } from './attempt-store.ts';
import { type LedgerDeps, type LedgerEntry, writeVerdicts } from './ledger-store.ts';
import { loadPublishingWorks, type PublishingWork } from './publishing-store.ts';

/**
 * What the deliveries of one worker ask of the database. What they ask at the same moment is asked together, in one
 * statement or one transaction: of a hundred posts that are due at nine, ten cost hardly more round trips than one.
 * Each gets its own answer: what fails for one of them is done again one by one.
 */
export interface Together {
  /** @returns undefined when the delivery is gone */
  load(deliveryId: number): Promise<PublishingWork | undefined>;
  /** Whether an admin has switched the plugin on. */
  isEnabled(active: ActivePlugin): Promise<boolean>;
  /** @returns false when the claim is lost */
  begin(begin: AttemptBegin): Promise<boolean>;
  /** All of the verdict or nothing. @returns false when the claim is lost: stop silently */
  store(entry: LedgerEntry): Promise<boolean>;
}

type Deps = LedgerDeps & { readonly mediaFolder: string };

export function createTogether(deps: Deps): Together {
  const { db, mediaFolder } = deps;
  const loads = inBatches<number, PublishingWork | undefined>((ids) => loadPublishingWorks(db.knex, ids, mediaFolder));
  const switches = inBatches(whichAreEnabled);
  const begins = inBatches((asked: readonly AttemptBegin[]) => beginAll(db, asked));
  const stores = inBatches((entries: readonly LedgerEntry[]) => storeAll(deps, entries));
  return {
    load: (deliveryId) => loads.load(deliveryId),
    isEnabled: (active) => switches.load(active),
    begin: (begin) => begins.load(begin),
    store: (entry) => stores.load(entry),
  };
}

/** More than a worker has slots by default; keeps a transaction short. */
const mostAtOnce = 20;

function inBatches<Asked, Answer>(
  answer: (asked: readonly Asked[]) => Promise<readonly (Answer | Error)[]>,
): DataLoader<Asked, Answer> {
  return new DataLoader(answer, { cache: false, maxBatchSize: mostAtOnce });
}

async function whichAreEnabled(asked: readonly ActivePlugin[]): Promise<readonly (boolean | Error)[]> {
  const answers = new Map<ActivePlugin, boolean | Error>();
  for (const active of new Set(asked)) answers.set(active, await active.settings.isEnabled().catch(asError));
  return asked.map((active) => answers.get(active) ?? false);
}

async function beginAll(db: Database, begins: readonly AttemptBegin[]): Promise<readonly (boolean | Error)[]> {
  return allOrEach(begins, {
    idOf: ({ claim }) => claim.id,
    all: async () => {
      const begun = await insertAttempts(db, begins).catch(notTogether);
      if (begun === begins.length) return begins.map(() => true);
      return areHeld(
        db.knex,
        begins.map(({ claim }) => claim),
      );
    },
    one: async (begin) => (await insertAttempts(db, [begin])) === 1,
  });
}

async function storeAll(deps: Deps, entries: readonly LedgerEntry[]): Promise<readonly (boolean | Error)[]> {
  return allOrEach(entries, {
    idOf: ({ job }) => job.id,
    all: async () => {
      await allOf(deps.db, (sql) => writeVerdicts(deps, sql, entries));
      return entries.map(() => true);
    },
    one: (entry) => deps.db.transaction((sql) => writeVerdicts(deps, sql, [entry])),
  });
}

/** One of them fails or has lost its claim: nothing of the others was kept either. */
class NotTogether extends Error {}

/** @throws NotTogether; an error of the commit as it is, since all of it may have been stored */
async function allOf(db: Database, work: (sql: Sql) => Promise<boolean>): Promise<void> {
  await db.transaction(async (sql) => {
    try {
      if (await work(sql)) return;
    } catch (error) {
      if (mayRunAgain(error)) throw error;
      notTogether(error);
    }
    throw new NotTogether('One of the claims is lost.');
  });
}

function notTogether(cause: unknown): never {
  throw new NotTogether('One of them fails.', { cause });
}

interface Ways<Asked> {
  /** Of the job. While an old run of a job is being aborted, it may ask beside the new one. */
  readonly idOf: (asked: Asked) => number;
  /** @throws NotTogether when they have to be asked one by one */
  readonly all: () => Promise<readonly boolean[]>;
  readonly one: (asked: Asked) => Promise<boolean>;
}

async function allOrEach<Asked>(
  asked: readonly Asked[],
  { idOf, all, one }: Ways<Asked>,
): Promise<readonly (boolean | Error)[]> {
  if (asked.length > 1 && new Set(asked.map(idOf)).size === asked.length) {
    try {
      return await all();
    } catch (error) {
      // After a conflict nothing was kept either; of all others it is unknown.
      if (!(error instanceof NotTogether) && !mayRunAgain(error)) throw error;
    }
  }
  // One after the other: at once they would take all connections, and the heartbeat needs one.
  const answers: (boolean | Error)[] = [];
  for (const each of asked) answers.push(await one(each).catch(asError));
  return answers;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
