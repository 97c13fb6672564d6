import type { Translate } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { insertEvents } from '../events/event-store.ts';
import type { OutboxDeps } from '../notifications/outbox-store.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { closeJob } from '../queue/job-store.ts';
import type { Actor, Delivery } from './delivery.ts';
import { holdConnected, selectDelivery } from './delivery-store.ts';
import { publishJobKind } from './publishing-context.ts';

export interface DeskDeps extends OutboxDeps {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly t: Translate;
}

export interface Place {
  readonly teamId: number;
  readonly id: number;
}

/** Somebody does something with a delivery. */
export type Act = Place & { readonly actor: Actor };

/** Nothing is known of how it went. */
export const freshColumns = { hold: null, percent: null, outcome: null, outcome_code: null };

/**
 * The delivery as it is once no worker can change it any more: raising the fence takes the lock of the job's row, for
 * which a worker's commit is waited. Whoever throws afterwards takes the raise back with the transaction.
 */
export async function takeFromWorkers(deps: DeskDeps, sql: Sql, place: Place): Promise<Delivery> {
  await closeJob(sql, { kind: publishJobKind, key: String(place.id) }, deps.clock.now());
  return findDelivery(deps, sql, { ...place, forUpdate: true });
}

/** The form was checked before this transaction; the channel may have gone since. */
export async function needConnected({ t }: DeskDeps, sql: Sql, channelId: number): Promise<void> {
  if (await holdConnected(sql, channelId)) return;
  throw new ConflictError(t('deliveries:conflict.disconnected'), { help: t('deliveries:conflict.disconnectedHelp') });
}

export async function findDelivery(
  deps: DeskDeps,
  sql: Sql,
  place: Place & { readonly forUpdate?: true },
): Promise<Delivery> {
  const found = await selectDelivery(sql, place);
  if (found === undefined) throw new NotFoundError(deps.t('deliveries:notFound'));
  return found;
}

export interface DeskEvent extends Place {
  readonly actorId: number | null;
  readonly kind: string;
  readonly sentence: string;
}

export async function record(
  { clock }: DeskDeps,
  sql: Sql,
  { teamId, id, actorId, kind, sentence }: DeskEvent,
): Promise<void> {
  const subject = { teamId, actorId, subject: 'delivery', subjectId: id } as const;
  await insertEvents(sql, [{ ...subject, kind: `delivery.${kind}`, facts: { sentence } }], clock.now());
}
