import type { Json } from '#plugin-api';

export type EventSubject = 'delivery' | 'post' | 'channel' | 'team' | 'user' | 'plugin' | 'media' | 'job' | 'site';

export interface NewEvent {
  readonly teamId: number | null;
  readonly actorId: number | null;
  readonly subject: EventSubject;
  readonly subjectId: number | string;
  /** E.g. `delivery.step`, `channel.connected`. */
  readonly kind: string;
  /** Never a token, secret or signed address. Events of a delivery carry at least `sentence`. */
  readonly facts: Json;
}

export interface PanelEvent extends NewEvent {
  readonly id: number;
  /** UTC milliseconds. */
  readonly at: number;
}
