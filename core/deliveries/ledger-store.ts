import type { Clock, Json } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { anyJson, rowJson } from '../db/rows.ts';
import { updateRows } from '../db/update-rows.ts';
import { insertEvents } from '../events/event-store.ts';
import type { NewEvent } from '../events/event.ts';
import { progressPlace } from '../keys/sealed-places.ts';
import type { Vault } from '../keys/vault.ts';
import { putNotification, tellOfRefusal } from '../notifications/outbox-store.ts';
import type { ClaimedJob } from '../queue/job.ts';
import { type JobChange, saveJobs } from '../queue/job-store.ts';
import type { Timings } from '../timings.ts';
import { updateOpenAttempts } from './attempt-store.ts';
import { badEnding, refusedAccess } from './bad-ending.ts';
import { publishedColumns } from './delivery-store.ts';
import { refreshPostSummary } from './post-summary-store.ts';
import { readPayload } from './publish-payload.ts';
import type { LedgerWork } from './readable-work-store.ts';
import type { DeliveryEvent, DeliveryPatch, Verdict } from './verdict.ts';

export interface LedgerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly vault: Vault;
}

export interface LedgerEntry {
  readonly job: ClaimedJob;
  readonly work: LedgerWork;
  /** Number of the open attempt; null where the verdict fell before there was one. */
  readonly attemptN: number | null;
  readonly verdict: Verdict;
}

/**
 * Writes verdicts on different deliveries under their fences: job, delivery, attempt, events and the post's row. However
 * many they are, each table is written once for those that change in the same way.
 * @param sql a transaction
 * @returns false when a claim is lost: what was written has to be rolled back, and who lost it stops silently
 */
export async function writeVerdicts(deps: LedgerDeps, sql: Sql, entries: readonly LedgerEntry[]): Promise<boolean> {
  const now = deps.clock.now();
  const saves = entries.map((entry) => ({ claim: entry.job, change: jobChange(deps, entry, now) }));
  // First, always: it locks the jobs' rows, so that a person's cancel is before or after all of this.
  if ((await saveJobs(sql, saves, now)) < entries.length) return false;
  await updateRows(
    sql,
    { table: 'deliveries', key: 'id' },
    entries.map(({ work, verdict }) => ({
      key: work.id,
      columns: { ...columnsOf(verdict.delivery), updated_at: now },
    })),
  );
  await updateAttempts(deps, sql, { entries, now });
  const events = entries.flatMap(({ work, attemptN, verdict }) =>
    verdict.events.map((event) => eventRow(work, attemptN, event)),
  );
  await insertEvents(sql, events, now);
  await refreshPostSummary(sql, ...new Set(entries.filter(changesState).map(({ work }) => work.postId)));
  for (const { work, verdict } of byChannel(entries)) {
    const ending = badEnding(work, verdict);
    if (ending !== undefined) await putNotification(sql, deps, ending);
    const refused = refusedAccess(work, verdict);
    if (refused !== undefined) await tellOfRefusal(sql, deps, refused);
  }
  return true;
}

/** What is told takes the channels' locks: in one order, whatever order the deliveries came in. */
function byChannel(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return [...entries].sort((a, b) => a.work.view.channel.id - b.work.view.channel.id);
}

function changesState({ verdict, work }: LedgerEntry): boolean {
  return verdict.delivery.state !== undefined && verdict.delivery.state !== work.state;
}

function jobChange(deps: LedgerDeps, { job, verdict }: LedgerEntry, now: number): JobChange {
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

async function updateAttempts(
  { vault }: LedgerDeps,
  sql: Sql,
  { entries, now }: { readonly entries: readonly LedgerEntry[]; readonly now: number },
): Promise<void> {
  const updates = entries.flatMap(({ work, attemptN, verdict }) => {
    if (attemptN === null) return [];
    const place = { deliveryId: work.id, n: attemptN };
    const { progress, end, ...rest } = verdict.attempt;
    const change = {
      ...rest,
      ...(progress === undefined ? {} : { sealedProgress: sealProgress(vault, progress, place) }),
      ...(end === undefined ? {} : { end: { ...end, at: now } }),
    };
    return [{ ...place, change }];
  });
  if (await updateOpenAttempts(sql, updates)) return;
  const names = updates.map(({ deliveryId, n }) => `attempt ${n} of delivery ${deliveryId}`);
  throw new Error(`Not open although the claim is held: ${names.join(', ')}.`);
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

function eventRow(work: LedgerWork, attemptN: number | null, event: DeliveryEvent): NewEvent {
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
