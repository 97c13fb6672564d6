import type { ChannelView } from './channels.ts';
import type { Explanation } from './errors.ts';

/**
 * Whether a channel's connection does what it should, and what stands in its way. The host tells of the access itself
 * (how long it lasts, whether it is renewed); the plugin of permissions and of calls that it makes for the check alone.
 */
export interface ChannelCheck {
  /**
   * Asks the network with the channel's own access, through its windows; publishes and changes nothing. It never throws
   * for what the network answers: that is what is looked at. A person waits, so it ends within four seconds.
   */
  run(channel: ChannelView, access: AccessFacts): Promise<CheckedChannel>;
  /** Codes of explanations that the check says more about: beside them people find the way to it. */
  readonly explains: readonly string[];
}

/** What the host knows of an access without asking anybody. Times are UTC milliseconds. */
export interface AccessFacts {
  /** Ended, refused, or its app is not in the settings any more: nothing works before somebody reconnects. */
  readonly isLost: boolean;
  readonly accessExpiresAt: number;
  readonly refreshExpiresAt: number;
  readonly refreshedAt: number;
}

/** unknown = it could not be looked at, or does not matter here. */
export type CheckState = 'ok' | 'warning' | 'failed' | 'unknown';

/** How one thing stands; code, detail and logId are small print, in the network's own words. */
export interface CheckRow {
  /** Stays the same, e.g. the scope's or the call's name. */
  readonly id: string;
  readonly state: CheckState;
  readonly title: string;
  readonly text: string;
  readonly code?: string;
  readonly detail?: string;
  readonly logId?: string;
}

export interface CheckedChannel {
  /** What it all comes to, for people. */
  readonly conclusion: Explanation & { readonly state: Exclude<CheckState, 'unknown'> };
  /** The app the channel is connected through, in a few words. */
  readonly app: string;
  /** What the network lets us do, one row for each permission. */
  readonly permissions: readonly CheckRow[];
  /** What was asked just now. */
  readonly calls: readonly CheckRow[];
}
