import type { Json } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { Sql } from '../db/database.ts';
import { ConflictError, NotAllowedError } from '../errors.ts';
import { restartJob } from '../queue/job-store.ts';
import { tellApproved, tellSubmitted } from './approval-telling.ts';
import { type ApprovalStanding, selectApprovalStanding, selectPayload } from './approval-store.ts';
import type { ApprovalRecord, Delivery, DeliveryChange, Due } from './delivery.ts';
import { dueColumns, raiseRevision, updateDelivery } from './delivery-store.ts';
import { type Act, type DeskDeps, freshColumns, record, takeFromWorkers } from './desk-parts.ts';
import { refreshPostSummary } from './post-summary-store.ts';
import { type PublishPayload, readPayload } from './publish-payload.ts';
import { publishJobKind } from './publishing-context.ts';

interface ApprovalQuestion {
  readonly standing: ApprovalStanding;
  /** The delivery as it was; undefined for a new one. */
  readonly before: Pick<Delivery, 'needsApproval'> | undefined;
  /** A person has agreed to all of it anew; a move in time agrees to nothing. */
  readonly isComposed: boolean;
}

/**
 * Whether what is stored now must wait for a manager. Whoever may approve agrees by composing; somebody who is not known
 * may not. What waits goes on waiting until somebody decides, or composes it where the team does not ask any more. Pure.
 */
export function mustWait({ standing, before, isComposed }: ApprovalQuestion): boolean {
  if (!mayApprove(standing) && standing.isAsked) return true;
  return isComposed ? false : (before?.needsApproval ?? false);
}

function mayApprove({ role }: ApprovalStanding): boolean {
  return role !== null && roleMay(role, 'posts.approve');
}

export interface RevisedApproval {
  readonly needsApproval: boolean;
  readonly approval: ApprovalRecord | null;
}

/** What an edit or a move means for the approval of a delivery: one look at who does it, none for a draft. */
export async function approvalOf(
  sql: Sql,
  {
    delivery,
    change,
    due,
    now,
  }: {
    readonly delivery: Delivery;
    readonly change: DeliveryChange;
    readonly due: Due | null;
    readonly now: number;
  },
): Promise<RevisedApproval> {
  if (due === null) return { needsApproval: false, approval: null };
  const { consent, by } = change;
  const standing = await selectApprovalStanding(sql, delivery.teamId, consent?.by ?? by ?? null);
  const isComposed = consent !== undefined && consent !== null;
  if (mustWait({ standing, before: delivery, isComposed })) return { needsApproval: true, approval: null };
  // A move by whoever may approve leaves what was approved; composing what waited for somebody else approves it.
  if (!isComposed) return { needsApproval: false, approval: delivery.approval };
  const isLetOut = delivery.needsApproval && mayApprove(standing);
  return { needsApproval: false, approval: isLetOut ? { by: consent.by, byName: consent.byName, at: now } : null };
}

export function approvalColumns({ needsApproval, approval }: RevisedApproval) {
  return {
    hold: needsApproval ? 'approval' : null,
    needs_approval: needsApproval,
    approval: approval === null ? null : JSON.stringify(approval),
  };
}

/**
 * What a press of Retry means for a delivery that nobody has approved: whoever may approves it by that. The rule of now
 * decides, for it may have failed before the team asked; what was approved once stays so.
 */
export async function columnsOnRetry(
  deps: DeskDeps,
  sql: Sql,
  { delivery, actor }: { readonly delivery: Delivery; readonly actor: Act['actor'] },
): Promise<Readonly<Record<string, string | boolean | null>>> {
  const { id, teamId, needsApproval, approval } = delivery;
  if (!needsApproval && approval !== null) return {};
  const standing = await selectApprovalStanding(sql, teamId, actor.id);
  if (mustWait({ standing, before: delivery, isComposed: false }) && !mayApprove(standing)) {
    await tellSubmitted(deps, sql, { teamId, postId: delivery.postId, by: actor.id });
    return { hold: 'approval', needs_approval: true };
  }
  if (!needsApproval) return {};
  const sentence = deps.t('deliveries:timeline.approved', { name: actor.name });
  await record(deps, sql, { id, teamId, actorId: actor.id, kind: 'approved', sentence });
  await tellApproved(deps, sql, { delivery, by: actor.id });
  return approvedColumns(actor, deps.clock.now());
}

function approvedColumns({ id: by, name: byName }: Act['actor'], at: number) {
  return approvalColumns({ needsApproval: false, approval: { by, byName, at } });
}

/** It goes out at its time; where that has passed, at once, and the grace counts from here. */
export async function approveDelivery(
  deps: DeskDeps,
  sql: Sql,
  { actor, revision, ...place }: Act & { readonly revision: number },
): Promise<void> {
  const { t, clock } = deps;
  const delivery = await takeWaiting(deps, sql, { ...place, revision });
  const standing = await needApprover(deps, sql, { actor, ...place });
  const now = clock.now();
  const payload = readPayload((await selectPayload(sql, place.id)) ?? {});
  const dueAt = delivery.dueAt ?? now;
  if (now > latestApprovalAt(Math.max(dueAt, payload.retriedAt), standing.graceMs)) {
    throw new ConflictError(t('deliveries:conflict.approvalLate'), { help: t('deliveries:conflict.approvalLateHelp') });
  }
  await updateDelivery(sql, place.id, { ...approvedColumns(actor, now), updated_at: now });
  const since: PublishPayload = { ...payload, retriedAt: dueAt < now ? now : payload.retriedAt };
  const key = String(place.id);
  const runAt = Math.max(dueAt, now);
  await restartJob(
    sql,
    { kind: publishJobKind, key, payload: { ...since }, runAt, channelId: delivery.channelId },
    now,
  );
  deps.queue.signal(sql);
  const sentence = t('deliveries:timeline.approved', { name: actor.name });
  await record(deps, sql, { ...place, actorId: actor.id, kind: 'approved', sentence });
  await tellApproved(deps, sql, { delivery, by: actor.id });
}

/** UTC ms: what is due then can still be approved; later it needs another time. */
function latestApprovalAt(dueAt: number, graceMs: number): number {
  return dueAt + graceMs;
}

/** Somebody sends back what they have looked at. */
type SendingBack = Act & {
  readonly revision: number;
  readonly comment: string;
  /** As a draft keeps them. */
  readonly options: Json;
};

/** A draft again, which agrees to nothing and is due at no time. */
export async function sendBackDelivery(
  deps: DeskDeps,
  sql: Sql,
  { actor, revision, comment, options, ...place }: SendingBack,
): Promise<void> {
  const delivery = await takeWaiting(deps, sql, { ...place, revision });
  await needApprover(deps, sql, { actor, ...place });
  await raiseRevision(sql, place.id);
  await updateDelivery(sql, place.id, {
    ...freshColumns,
    ...dueColumns(null),
    state: 'draft',
    options: JSON.stringify(options),
    needs_approval: false,
    approval: null,
    consent: null,
    updated_at: deps.clock.now(),
  });
  const sentence = deps.t('deliveries:timeline.sentBack', { name: actor.name, comment });
  await record(deps, sql, { ...place, actorId: actor.id, kind: 'sent-back', sentence });
  await refreshPostSummary(sql, delivery.postId);
}

/** @throws ConflictError when it does not wait any more, or is not what the person has seen */
async function takeWaiting(
  deps: DeskDeps,
  sql: Sql,
  { revision, ...place }: Omit<Act, 'actor'> & { readonly revision: number },
): Promise<Delivery> {
  const delivery = await takeFromWorkers(deps, sql, place);
  const isSeen = delivery.state === 'scheduled' && delivery.needsApproval && delivery.revision === revision;
  if (isSeen) return delivery;
  throw new ConflictError(deps.t('deliveries:conflict.approvalGone'), {
    help: deps.t('deliveries:conflict.approvalGoneHelp'),
    code: 'not_waiting',
  });
}

async function needApprover(deps: DeskDeps, sql: Sql, { actor, teamId }: Act): Promise<ApprovalStanding> {
  const standing = await selectApprovalStanding(sql, teamId, actor.id);
  if (!mayApprove(standing)) throw new NotAllowedError(deps.t('deliveries:conflict.approvalByManager'));
  return standing;
}
