import type { Sql } from '../db/database.ts';
import { ConflictError } from '../errors.ts';
import { selectEvents } from '../events/event-store.ts';
import { restartJob } from '../queue/job-store.ts';
import {
  approvalColumns,
  approvalOf,
  approveDelivery,
  mustWait,
  type RevisedApproval,
  sendBackDelivery,
} from './approval.ts';
import { selectApprovalStanding } from './approval-store.ts';
import { tellApproved, tellSubmitted } from './approval-telling.ts';
import { findPointOfNoReturn, supersedeOpenAttempt } from './attempt-store.ts';
import { decideDelivery, dismissDelivery, retryDelivery } from './decisions.ts';
import type { Delivery, DeliveryChange, DeliveryDesk, Due, NewDelivery } from './delivery-desk.ts';
import {
  deleteDelivery,
  dueColumns,
  insertDelivery,
  isMediaInUse,
  raiseRevision,
  selectDeliveriesOfChannel,
  selectDeliveriesOfPosts,
  updateDelivery,
} from './delivery-store.ts';
import {
  type Act,
  type DeskDeps,
  findDelivery,
  freshColumns,
  needConnected,
  type Place,
  record,
  takeFromWorkers,
} from './desk-parts.ts';
import { refreshPostSummary } from './post-summary-store.ts';
import { publishJobKind } from './publishing-context.ts';
import { wakeDueDeliveries } from './wake-store.ts';

export function createDeliveryDesk(deps: DeskDeps): DeliveryDesk {
  const { db, queue, clock } = deps;
  const inTransaction = async (work: (sql: Sql) => Promise<void>): Promise<void> => {
    await db.transaction(work);
    queue.signal();
  };
  return {
    create: (delivery, sql) => createDelivery(deps, sql, delivery),
    revise: (...[teamId, id, change, sql]) => reviseDelivery(deps, sql, { teamId, id, change }),
    remove: (teamId, id, sql) => removeDelivery(deps, sql, { teamId, id }),
    cancel: (actor, teamId, id) => inTransaction((sql) => cancelDelivery(deps, sql, { actor, teamId, id })),
    retry: (actor, teamId, id) => inTransaction((sql) => retryDelivery(deps, sql, { actor, teamId, id })),
    decide: (act, decision) => inTransaction((sql) => decideDelivery(deps, sql, { act, decision })),
    approve: (act, sql) => approveDelivery(deps, sql, act),
    sendBack: (act, sql) => sendBackDelivery(deps, sql, act),
    dismiss: (act) => inTransaction((sql) => dismissDelivery(deps, sql, act)),
    find: (teamId, id) => findDelivery(deps, db.knex, { teamId, id }),
    ofPost: (teamId, postId) => selectDeliveriesOfPosts(db.knex, teamId, [postId]),
    ofPosts: (teamId, postIds) => selectDeliveriesOfPosts(db.knex, teamId, postIds),
    async timeline(teamId, id) {
      await findDelivery(deps, db.knex, { teamId, id });
      return selectEvents(db.knex, 'delivery', id);
    },
    usingMedia: (mediaId, sql = db.knex) => isMediaInUse(sql, mediaId),
    ofChannel: (channelId, states) => selectDeliveriesOfChannel(db.knex, channelId, states),
    async wakeChannel(channelId, sql = db.knex) {
      await wakeDueDeliveries(sql, { channelId }, clock.now());
      queue.signal(sql);
    },
  };
}

async function createDelivery(deps: DeskDeps, sql: Sql, delivery: NewDelivery): Promise<number> {
  const now = deps.clock.now();
  const standing = await selectApprovalStanding(sql, delivery.teamId, delivery.consent?.by ?? null);
  const isComposed = delivery.consent !== null;
  const needsApproval = delivery.due !== null && mustWait({ standing, before: undefined, isComposed });
  const id = await insertDelivery(sql, { ...delivery, needsApproval }, now);
  if (delivery.due !== null) {
    await needConnected(deps, sql, delivery.channelId);
    await enqueue(deps, sql, { id, channelId: delivery.channelId, due: delivery.due });
  }
  const by = delivery.consent?.by ?? null;
  const place = { teamId: delivery.teamId, id, actorId: by };
  await record(deps, sql, { ...place, ...scheduledEvent(deps, delivery.due, { needsApproval }) });
  await refreshPostSummary(sql, delivery.postId);
  if (needsApproval) await tellSubmitted(deps, sql, { ...delivery, by });
  return id;
}

function scheduledEvent(
  { t, clock }: DeskDeps,
  due: Due | null,
  { needsApproval }: Pick<Delivery, 'needsApproval'>,
): { readonly kind: string; readonly sentence: string } {
  if (due === null) return { kind: 'drafted', sentence: t('deliveries:timeline.drafted') };
  if (due.at <= clock.now()) {
    const key = needsApproval ? 'submittedNow' : 'immediate';
    return { kind: 'scheduled', sentence: t(`deliveries:timeline.${key}`) };
  }
  const values = { wall: due.wall.replace('T', ' '), zone: due.zone };
  const key = needsApproval ? 'submitted' : 'scheduled';
  return { kind: 'scheduled', sentence: t(`deliveries:timeline.${key}`, values) };
}

async function enqueue(
  deps: DeskDeps,
  sql: Sql,
  { id, channelId, due }: { readonly id: number; readonly channelId: number; readonly due: Due },
): Promise<void> {
  const job = { kind: publishJobKind, key: String(id), payload: {}, runAt: due.at, channelId };
  await restartJob(sql, job, deps.clock.now());
  deps.queue.signal(sql);
}

async function reviseDelivery(
  deps: DeskDeps,
  sql: Sql,
  { change, ...place }: Place & { readonly change: DeliveryChange },
): Promise<void> {
  const { t, clock } = deps;
  const delivery = await takeFromWorkers(deps, sql, place);
  if (delivery.state !== 'scheduled' && delivery.state !== 'draft') {
    throw new ConflictError(t('deliveries:conflict.edit'), {
      help: t('deliveries:conflict.editHelp'),
      code: 'already_publishing',
    });
  }
  const now = clock.now();
  const due = change.due === undefined ? dueOf(delivery) : change.due;
  if (due !== null) await needConnected(deps, sql, delivery.channelId);
  const { caption, options, consent } = change;
  const approval = await approvalOf(sql, { delivery, change, due, now });
  await supersedeOpenAttempt(sql, place.id, { reason: 'edited', now });
  await raiseRevision(sql, place.id);
  await updateDelivery(sql, place.id, {
    ...freshColumns,
    state: due === null ? 'draft' : 'scheduled',
    ...dueColumns(due),
    ...(caption === undefined ? {} : { caption }),
    ...(options === undefined ? {} : { options: JSON.stringify(options) }),
    ...(consent === undefined ? {} : { consent: consent === null ? null : JSON.stringify(consent) }),
    ...approvalColumns(approval),
    updated_at: now,
  });
  if (due !== null) await enqueue(deps, sql, { id: place.id, channelId: delivery.channelId, due });
  await record(deps, sql, { ...place, actorId: actorOf(change), ...revisedEvent(deps, { delivery, due, approval }) });
  await refreshPostSummary(sql, delivery.postId);
  await tellOfApproval(deps, sql, { delivery, approval, by: actorOf(change) });
}

/** Who is to hear of an edit or a move: managers of what waits from now on, its author of what was let out by it. */
async function tellOfApproval(
  deps: DeskDeps,
  sql: Sql,
  {
    delivery,
    approval,
    by,
  }: { readonly delivery: Delivery; readonly approval: RevisedApproval; readonly by: number | null },
): Promise<void> {
  const { teamId, postId } = delivery;
  if (isSubmission(delivery, approval)) await tellSubmitted(deps, sql, { teamId, postId, by });
  const isLetOut = delivery.needsApproval && approval.approval !== null;
  if (isLetOut && by !== null) await tellApproved(deps, sql, { delivery, by });
}

function isSubmission({ needsApproval: before }: Delivery, { needsApproval }: RevisedApproval): boolean {
  return needsApproval && !before;
}

function revisedEvent(
  deps: DeskDeps,
  {
    delivery,
    due,
    approval,
  }: { readonly delivery: Delivery; readonly due: Due | null; readonly approval: RevisedApproval },
): ReturnType<typeof scheduledEvent> {
  if (due?.at !== delivery.dueAt || isSubmission(delivery, approval)) return scheduledEvent(deps, due, approval);
  return { kind: 'edited', sentence: deps.t('deliveries:timeline.edited') };
}

function actorOf({ consent, by }: DeliveryChange): number | null {
  return consent?.by ?? by ?? null;
}

function dueOf(delivery: Delivery): Due | null {
  const { dueWall: wall, dueZone: zone, dueAt: at } = delivery;
  return wall === null || zone === null || at === null ? null : { wall, zone, at };
}

async function removeDelivery(deps: DeskDeps, sql: Sql, place: Place): Promise<void> {
  const { t } = deps;
  const delivery = await takeFromWorkers(deps, sql, place);
  if (delivery.state !== 'scheduled' && delivery.state !== 'draft') {
    throw new ConflictError(t('deliveries:conflict.edit'), {
      help: t('deliveries:conflict.editHelp'),
      code: 'already_publishing',
    });
  }
  await deleteDelivery(sql, place.id);
  await refreshPostSummary(sql, delivery.postId);
}

async function cancelDelivery(deps: DeskDeps, sql: Sql, { actor, ...place }: Act): Promise<void> {
  const { t, clock } = deps;
  const delivery = await takeFromWorkers(deps, sql, place);
  const isCommitted = (await findPointOfNoReturn(sql, place.id)) !== null;
  if (delivery.state === 'processing' || (isCommitted && delivery.state === 'publishing')) {
    throw new ConflictError(t('deliveries:conflict.cancel'), {
      help: t('deliveries:conflict.cancelHelp'),
      code: 'already_publishing',
    });
  }
  if (delivery.state !== 'draft' && delivery.state !== 'scheduled' && delivery.state !== 'publishing') {
    throw new ConflictError(t('deliveries:conflict.cancelEnded', { state: t(`deliveries:state.${delivery.state}`) }));
  }
  const now = clock.now();
  await supersedeOpenAttempt(sql, place.id, { reason: 'cancelled', now });
  await updateDelivery(sql, place.id, { ...freshColumns, state: 'cancelled', updated_at: now });
  const sentence = t('deliveries:timeline.cancelled', { name: actor.name });
  await record(deps, sql, { ...place, actorId: actor.id, kind: 'cancelled', sentence });
  await refreshPostSummary(sql, delivery.postId);
}
