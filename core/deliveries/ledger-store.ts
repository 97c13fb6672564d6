import type { Clock, Json } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { anyJson, rowJson } from '../db/rows.ts';
import { insertEvents } from '../events/event-store.ts';
import type { NewEvent } from '../events/event.ts';
import { progressPlace } from '../keys/sealed-places.ts';
import type { Vault } from '../keys/vault.ts';
import { putNotification, tellOfRefusal } from '../notifications/outbox-store.ts';
import type { ClaimedJob } from '../queue/job.ts';
import { type JobChange, saveJob } from '../queue/job-store.ts';
import type { Timings } from '../timings.ts';
import { updateOpenAttempt } from './attempt-store.ts';
import { badEnding, refusedAccess } from './bad-ending.ts';
import { publishedColumns } from './delivery-store.ts';
import { refreshPostSummary } from './post-summary-store.ts';
import { readPayload } from './publish-payload.ts';
import type { PublishingWork } from './publishing-store.ts';
import type { DeliveryEvent, DeliveryPatch, Verdict } from './verdict.ts';

export interface LedgerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly vault: Vault;
}

interface Entry {
  readonly job: ClaimedJob;
  readonly work: PublishingWork;
  /** Number of the open attempt; null where the verdict fell before there was one. */
  readonly attemptN: number | null;
  readonly verdict: Verdict;
}

/**
 * Stores a verdict under the fence: job, delivery, attempt, events and the post's row, or nothing at all.
 * @returns false when the claim is lost: stop silently
 */
export async function storeVerdict(deps: LedgerDeps, entry: Entry): Promise<boolean> {
  const { job, work, verdict } = entry;
  return deps.db.transaction(async (sql) => {
    const now = deps.clock.now();
    const change = jobChange(deps, entry, now);
    // First, always: it locks the job's row, so that a person's cancel is before or after all of this.
    if (!(await saveJob(sql, job, { change, now }))) return false;
    await updateDelivery(sql, work.id, { ...columnsOf(verdict.delivery), updated_at: now });
    await updateAttempt(deps, sql, { ...entry, now });
    await insertEvents(
      sql,
      verdict.events.map((event) => eventRow(work, entry.attemptN, event)),
      now,
    );
    if (verdict.delivery.state !== undefined && verdict.delivery.state !== work.state) {
      await refreshPostSummary(sql, work.postId);
    }
    const ending = badEnding(work, verdict);
    if (ending !== undefined) await putNotification(sql, deps, ending);
    const refused = refusedAccess(work, verdict);
    if (refused !== undefined) await tellOfRefusal(sql, deps, refused);
    return true;
  });
}

function jobChange(deps: LedgerDeps, { job, verdict }: Entry, now: number): JobChange {
  switch (verdict.job.kind) {
    case 'go-on':
      return { state: 'running', runAt: now, owner: job.worker, leaseUntil: now + deps.timings.leaseMs };
    case 'finish':
      return { state: 'finished', runAt: now, failures: 0, lastError: null };
    case 'wait': {
      const { at, failures, looks, unexplained } = verdict.job;
      const before = readPayload(job.payload);
      const payload = { ...before, looks: looks ?? before.looks, unexplained: unexplained ?? before.unexplained };
      return { state: 'waiting', runAt: at, failures, payload };
    }
  }
}

async function updateDelivery(sql: Sql, id: number, columns: Columns): Promise<void> {
  await sql('deliveries').where({ id }).update(columns);
}

type Columns = Readonly<Record<string, string | number | boolean | null>>;

function columnsOf(patch: DeliveryPatch): Columns {
  return {
    ...(patch.state === undefined ? {} : { state: patch.state }),
    ...(patch.hold === undefined ? {} : { hold: patch.hold }),
    ...(patch.percent === undefined ? {} : { percent: patch.percent }),
    ...outcomeColumns(patch.outcome),
    ...(patch.published === undefined ? {} : publishedColumns(patch.published)),
    ...(patch.linkPending === undefined ? {} : { link_pending: patch.linkPending }),
  };
}

function outcomeColumns(outcome: DeliveryPatch['outcome']): Columns {
  if (outcome === undefined) return {};
  return {
    outcome_code: outcome === null ? null : indexed(outcome.code),
    outcome: outcome === null ? null : JSON.stringify(outcome),
  };
}

/** The column is ASCII: MariaDB would refuse the whole row, and with it the end of the delivery. */
function indexed(code: string): string {
  return code.replaceAll(/[^\x20-\x7e]/gu, '?').slice(0, 80);
}

async function updateAttempt(
  { vault }: LedgerDeps,
  sql: Sql,
  { work, attemptN, verdict, now }: Entry & { readonly now: number },
): Promise<void> {
  if (attemptN === null) return;
  const { progress, end, ...rest } = verdict.attempt;
  const isStill = await updateOpenAttempt(
    sql,
    { deliveryId: work.id, n: attemptN },
    {
      ...rest,
      ...(progress === undefined
        ? {}
        : { sealedProgress: sealProgress(vault, progress, { deliveryId: work.id, n: attemptN }) }),
      ...(end === undefined ? {} : { end: { ...end, at: now } }),
    },
  );
  if (!isStill) throw new Error(`Attempt ${attemptN} of delivery ${work.id} is not open although its claim is held.`);
}

interface AttemptPlace {
  readonly deliveryId: number;
  readonly n: number;
}

function sealProgress(vault: Vault, progress: Json, place: AttemptPlace): string {
  return vault.seal(JSON.stringify(progress), progressPlace(place));
}

export function openProgress(vault: Vault, sealed: string | null, place: AttemptPlace): Json {
  if (sealed === null) return null;
  return rowJson(anyJson).parse(vault.open(sealed, progressPlace(place)));
}

function eventRow(work: PublishingWork, attemptN: number | null, event: DeliveryEvent): NewEvent {
  const { kind, ...facts } = event;
  return {
    teamId: work.teamId,
    actorId: null,
    subject: 'delivery',
    subjectId: work.id,
    kind: `delivery.${kind}`,
    facts: { ...facts, ...(attemptN === null ? {} : { attempt: attemptN }) },
  };
}
