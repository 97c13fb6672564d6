import type { Json } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import type { PanelEvent } from '../events/event-log.ts';
import type { Actor, Decision, Delivery, DeliveryChange, DeliveryState, NewDelivery } from './delivery.ts';

export type * from './delivery.ts';

/** Who does it, and to which delivery of which team. */
interface DeskAct {
  readonly actor: Actor;
  readonly teamId: number;
  readonly id: number;
}

/**
 * What people may do with deliveries. Everything is found through its team, leaves a line in the timeline and raises
 * the fence of the delivery's job: a worker that holds it has lost it.
 */
export interface DeliveryDesk {
  /**
   * Scheduled: its job is enqueued in the same transaction. @returns the new id
   * @throws ConflictError when it is due on a channel that was disconnected
   */
  create(delivery: NewDelivery, sql: Sql): Promise<number>;
  /**
   * Edits and reschedules a draft or a scheduled delivery; the revision goes up. To be called also when the caption or
   * the files of the post changed, then with no field at all.
   * @throws ConflictError once it is being published, or when it is due on a channel that was disconnected
   */
  revise(teamId: number, deliveryId: number, change: DeliveryChange, sql: Sql): Promise<void>;
  /** A draft's or scheduled delivery whose channel was unticked. @throws ConflictError once it is being published */
  remove(teamId: number, deliveryId: number, sql: Sql): Promise<void>;
  /** Before the point of no return. @throws ConflictError "already being published" */
  cancel(actor: Actor, teamId: number, deliveryId: number): Promise<void>;
  /** Only what certainly was not posted: scheduled for now, with a new attempt. @throws ConflictError */
  retry(actor: Actor, teamId: number, deliveryId: number): Promise<void>;
  /**
   * About a delivery that needs attention, see `decisionsAbout`. @throws ConflictError when it does not wait for that
   * any more; InputError at `link` when another delivery has it
   */
  decide(act: DeskAct, decision: Decision): Promise<void>;
  /**
   * Lets out what waits for approval, in the revision that was looked at: it goes at its time, or at once where that has
   * passed within the grace. @throws ConflictError when it does not wait any more, was changed, or is too late;
   * NotAllowedError for whoever may not
   */
  approve(act: DeskAct & { readonly revision: number }, sql: Sql): Promise<void>;
  /** What waits for approval becomes a draft again, with its options as drafts keep them. @throws as `approve` */
  sendBack(
    act: DeskAct & { readonly revision: number; readonly comment: string; readonly options: Json },
    sql: Sql,
  ): Promise<void>;
  /** What failed is given up: it ends as cancelled. @throws ConflictError when it is not failed any more */
  dismiss(act: DeskAct): Promise<void>;
  /** @throws NotFoundError */
  find(teamId: number, deliveryId: number): Promise<Delivery>;
  ofPost(teamId: number, postId: number): Promise<readonly Delivery[]>;
  ofPosts(teamId: number, postIds: readonly number[]): Promise<readonly Delivery[]>;
  /** Oldest first; each event's facts carry `sentence`, where known also `call`, `code`, `logId`, `reference`. */
  timeline(teamId: number, deliveryId: number): Promise<readonly PanelEvent[]>;
  /** Whether a draft, scheduled, publishing or processing delivery needs the file. */
  usingMedia(mediaId: number, sql?: Sql): Promise<boolean>;
  /** Over the one channel, by due time: for pausing and disconnecting. */
  ofChannel(channelId: number, states: readonly DeliveryState[]): Promise<readonly Delivery[]>;
  /** Brings forward what waits at a channel that was resumed or reconnected, and takes its reconnect hold away. */
  wakeChannel(channelId: number, sql?: Sql): Promise<void>;
}
