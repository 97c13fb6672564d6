import type { Explanation, Json } from '#plugin-api';

/** Stored are exactly the eight that people see; waiting is a `run_at` in the future, `hold` says for whom. */
export const deliveryStates = [
  'draft',
  'scheduled',
  'publishing',
  'processing',
  'published',
  'failed',
  'needs-attention',
  'cancelled',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export const holds = ['reconnect', 'approval', 'quota'] as const;
export type Hold = (typeof holds)[number];

/** Why a delivery ended, or waits for somebody. */
export interface Outcome extends Explanation {
  /** Whether the post may exist at the network although nothing says so. */
  readonly mayBePosted: boolean;
  /** UTC milliseconds. */
  readonly at: number;
}

/** What a person agreed to when sending, word for word. */
export interface ConsentRecord {
  readonly by: number;
  readonly byName: string;
  readonly at: number;
  readonly text: string;
  readonly options: Json;
}

/** Who let a post of somebody else out. */
export interface ApprovalRecord {
  readonly by: number;
  readonly byName: string;
  /** UTC milliseconds. */
  readonly at: number;
}

/** A due time keeps what was chosen and the instant it means. */
export interface Due {
  /** E.g. `2026-11-21T09:30`. */
  readonly wall: string;
  /** IANA name. */
  readonly zone: string;
  /** UTC milliseconds. */
  readonly at: number;
}

/** One post going to one channel. Times are UTC milliseconds. */
export interface Delivery {
  readonly id: number;
  readonly postId: number;
  readonly teamId: number;
  readonly channelId: number;
  readonly plugin: string;
  readonly state: DeliveryState;
  readonly hold: Hold | null;
  readonly revision: number;
  /** null = the post's. */
  readonly caption: string | null;
  readonly options: Json;
  readonly consent: ConsentRecord | null;
  /** Nobody who may has agreed to this revision: it is not sent. */
  readonly needsApproval: boolean;
  /** Of this revision; null where it needed none, or still waits. */
  readonly approval: ApprovalRecord | null;
  readonly dueWall: string | null;
  readonly dueZone: string | null;
  readonly dueAt: number | null;
  /** 0 to 100 while bytes go up. */
  readonly percent: number | null;
  readonly outcomeCode: string | null;
  readonly outcome: Outcome | null;
  readonly remoteIds: readonly string[];
  readonly url: string | null;
  readonly linkPending: boolean;
  readonly publishedAt: number | null;
  /** Of the attempt that is open or was published: from here on cancelling is refused. */
  readonly pointOfNoReturnAt: number | null;
  /** Whether the network has named that attempt: of one without a name it cannot be asked. */
  readonly isNamed: boolean;
}

/** Nothing of a post is due, or ever was, but for what was cancelled; a post that was cancelled altogether is no draft. */
export function isDraftOf(deliveries: readonly Pick<Delivery, 'state'>[]): boolean {
  const left = deliveries.filter(({ state }) => state !== 'cancelled');
  return left.every(({ state }) => state === 'draft') && (left.length > 0 || deliveries.length === 0);
}

/** Nothing of it has begun: it can be edited. */
export function isAhead(state: DeliveryState): boolean {
  return state === 'draft' || state === 'scheduled';
}

export interface NewDelivery {
  readonly postId: number;
  readonly teamId: number;
  readonly channelId: number;
  readonly plugin: string;
  /** This channel's own; absent or null = the post's. */
  readonly caption?: string | null;
  readonly options: Json;
  /** null = a draft. */
  readonly due: Due | null;
  readonly consent: ConsentRecord | null;
}

export interface DeliveryChange {
  /** null = the post's. */
  readonly caption?: string | null;
  readonly options?: Json;
  /** null = back to a draft. */
  readonly due?: Due | null;
  readonly consent?: ConsentRecord | null;
  /** Who moves it without agreeing to anything; whoever agrees is in the consent. */
  readonly by?: number;
}

/** What a person says about a delivery that needs attention. */
export type Decision =
  /** Ask the network once more; send nothing. */
  | { readonly kind: 'check-again' }
  /** It is there, at this address; `remoteId` is null where no plugin could read it from the address. */
  | { readonly kind: 'posted'; readonly remoteId: string | null; readonly url: string }
  /** It is not there: send it again. */
  | { readonly kind: 'not-posted' }
  | { readonly kind: 'drop' };

/** Who does something, for the record. */
export interface Actor {
  readonly id: number;
  readonly name: string;
}
