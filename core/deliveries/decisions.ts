import type { Translate } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { ConflictError, InputError } from '../errors.ts';
import { restartJob } from '../queue/job-store.ts';
import { endAttemptByPerson, selectLastAttemptN } from './attempt-store.ts';
import type { Decision, Delivery, Outcome } from './delivery.ts';
import { publishedColumns, updateDelivery } from './delivery-store.ts';
import { columnsOnRetry } from './approval.ts';
import { type Act, type DeskDeps, freshColumns, needConnected, record, takeFromWorkers } from './desk-parts.ts';
import { holdAccount, isLinkTaken } from './late-link-store.ts';
import { refreshPostSummary } from './post-summary-store.ts';
import type { PublishPayload } from './publish-payload.ts';
import { publishJobKind } from './publishing-context.ts';
import { decisionsAbout, mayBeRetried } from './retry-rule.ts';

/** What certainly was not posted is sent again, with a new attempt. The due time stays what was chosen. */
export async function retryDelivery(deps: DeskDeps, sql: Sql, { actor, ...place }: Act): Promise<void> {
  const { t } = deps;
  const delivery = await takeFromWorkers(deps, sql, place);
  if (!mayBeRetried(delivery)) throw noRetry(t, delivery);
  await sendAgain(deps, sql, { delivery, actor });
  const sentence = t('deliveries:timeline.retried', { name: actor.name });
  await close(deps, sql, { delivery, actor, kind: 'retried', sentence });
}

/** What failed, and nobody wants any more: it stops asking for somebody. */
export async function dismissDelivery(deps: DeskDeps, sql: Sql, { actor, ...place }: Act): Promise<void> {
  const delivery = await takeFromWorkers(deps, sql, place);
  if (delivery.state !== 'failed') throw tooLate(deps.t, delivery);
  await drop(deps, sql, { delivery, actor });
}

/** A person says what the machine cannot know. Only while it waits for that. */
export async function decideDelivery(
  deps: DeskDeps,
  sql: Sql,
  { act, decision }: { readonly act: Act; readonly decision: Decision },
): Promise<void> {
  const { t } = deps;
  const { actor, ...place } = act;
  const delivery = await takeFromWorkers(deps, sql, place);
  if (delivery.state !== 'needs-attention') throw tooLate(t, delivery);
  if (!decisionsAbout(delivery, deps.clock.now()).has(decision.kind)) throw notOffered(t, decision.kind, delivery);
  const decided = { delivery, actor };
  switch (decision.kind) {
    case 'check-again':
      return checkAgain(deps, sql, decided);
    case 'posted':
      return confirmPosted(deps, sql, { ...decided, link: decision });
    case 'not-posted':
      return denyPosted(deps, sql, decided);
    case 'drop':
      return drop(deps, sql, decided);
  }
}

interface Decided {
  readonly delivery: Delivery;
  readonly actor: Act['actor'];
}

/** Status only: the attempt stays what it was, and the time in which an outcome is looked for begins anew. */
async function checkAgain(deps: DeskDeps, sql: Sql, { delivery, actor }: Decided): Promise<void> {
  await needConnected(deps, sql, delivery.channelId);
  const now = deps.clock.now();
  await updateDelivery(sql, delivery.id, { ...freshColumns, state: 'processing', updated_at: now });
  // The attempt that is looked at still counts, those before it do not.
  const attemptsBefore = (await selectLastAttemptN(sql, delivery.id)) - 1;
  await restart(deps, sql, { delivery, payload: { askedAgainAt: now, attemptsBefore } });
  const sentence = deps.t('deliveries:timeline.checkedAgain', { name: actor.name });
  await close(deps, sql, { delivery, actor, kind: 'checked-again', sentence });
}

/** They have found it: published, at the address they gave. */
async function confirmPosted(
  deps: DeskDeps,
  sql: Sql,
  { delivery, actor, link }: Decided & { readonly link: Extract<Decision, { kind: 'posted' }> },
): Promise<void> {
  const { t, clock } = deps;
  const now = clock.now();
  const { remoteId, url } = link;
  await holdAccount(sql, delivery.channelId);
  if (await isLinkTaken(sql, delivery.channelId, link)) {
    throw new InputError([{ field: 'link', message: t('deliveries:conflict.linkTaken') }]);
  }
  await endAttemptByPerson(sql, delivery.id, { outcome: 'published', reason: 'posted_by_person', now });
  await updateDelivery(sql, delivery.id, {
    ...freshColumns,
    ...publishedColumns({ remoteIds: remoteId === null ? [] : [remoteId], url, at: delivery.pointOfNoReturnAt ?? now }),
    state: 'published',
    link_pending: false,
    updated_at: now,
  });
  const sentence = t('deliveries:timeline.confirmedPosted', { name: actor.name, url });
  await close(deps, sql, { delivery, actor, kind: 'confirmed-posted', sentence });
}

/** They have looked, and it is not there: only now the attempt is dead, and a new one may begin. */
async function denyPosted(deps: DeskDeps, sql: Sql, { delivery, actor }: Decided): Promise<void> {
  const now = deps.clock.now();
  await endAttemptByPerson(sql, delivery.id, { outcome: 'superseded', reason: 'not_posted_by_person', now });
  await sendAgain(deps, sql, { delivery, actor });
  const sentence = deps.t('deliveries:timeline.deniedPosted', { name: actor.name });
  await close(deps, sql, { delivery, actor, kind: 'denied-posted', sentence });
}

/**
 * Nothing more is done about it. Where nobody knows whether it was posted, it goes on saying so, and its attempt stays
 * open: dropping proves nothing, so that the database still refuses a second one past the point of no return.
 */
async function drop(deps: DeskDeps, sql: Sql, { delivery, actor }: Decided): Promise<void> {
  const { t, clock } = deps;
  const now = clock.now();
  const mayBePosted = !mayBeRetried(delivery);
  const key = mayBePosted ? 'droppedUnknown' : 'dropped';
  const sentence = t(`deliveries:timeline.${key}`, { name: actor.name });
  const nextStep = mayBePosted ? t('deliveries:reason.droppedUnknown.nextStep') : '';
  const outcome: Outcome = { sentence, who: 'team', nextStep, code: 'dropped', mayBePosted, at: now };
  await updateDelivery(sql, delivery.id, {
    ...freshColumns,
    state: 'cancelled',
    outcome: JSON.stringify(outcome),
    outcome_code: outcome.code,
    updated_at: now,
  });
  await close(deps, sql, { delivery, actor, kind: 'dropped', sentence });
}

/** Scheduled for now with a new attempt; the grace counts from here, and what was tried before does not count any more. */
async function sendAgain(deps: DeskDeps, sql: Sql, { delivery, actor }: Decided): Promise<void> {
  await needConnected(deps, sql, delivery.channelId);
  const now = deps.clock.now();
  const waits = await columnsOnRetry(deps, sql, { delivery, actor });
  const columns = { ...freshColumns, state: 'scheduled', due_at: delivery.dueAt ?? now, ...waits, updated_at: now };
  await updateDelivery(sql, delivery.id, columns);
  const attemptsBefore = await selectLastAttemptN(sql, delivery.id);
  await restart(deps, sql, { delivery, payload: { retriedAt: now, attemptsBefore } });
}

async function restart(
  { clock }: DeskDeps,
  sql: Sql,
  { delivery, payload }: { readonly delivery: Delivery; readonly payload: Partial<PublishPayload> },
): Promise<void> {
  const now = clock.now();
  const { id, channelId } = delivery;
  const job = { kind: publishJobKind, key: String(id), payload: { ...payload }, runAt: now, channelId };
  await restartJob(sql, job, now);
}

async function close(
  deps: DeskDeps,
  sql: Sql,
  { delivery, actor, kind, sentence }: Decided & { readonly kind: string; readonly sentence: string },
): Promise<void> {
  const { id, teamId, postId } = delivery;
  await record(deps, sql, { id, teamId, actorId: actor.id, kind, sentence });
  await refreshPostSummary(sql, postId);
}

function noRetry(t: Translate, { state }: Delivery): ConflictError {
  if (state !== 'needs-attention') {
    return new ConflictError(t('deliveries:conflict.retry', { state: t(`deliveries:state.${state}`) }));
  }
  return new ConflictError(t('deliveries:conflict.retryDoubt'), { help: t('deliveries:conflict.retryDoubtHelp') });
}

function tooLate(t: Translate, { state }: Delivery): ConflictError {
  return new ConflictError(t('deliveries:conflict.decided', { state: t(`deliveries:state.${state}`) }), {
    help: t('deliveries:conflict.decidedHelp'),
    code: 'already_decided',
  });
}

function notOffered(t: Translate, kind: Decision['kind'], delivery: Delivery): ConflictError {
  const whereInDoubt = kind === 'check-again' ? 'nothingToCheck' : 'mayStillArrive';
  const reason = mayBeRetried(delivery) && kind !== 'check-again' ? 'notInDoubt' : whereInDoubt;
  return new ConflictError(t(`deliveries:conflict.${reason}`), { help: t(`deliveries:conflict.${reason}Help`) });
}
