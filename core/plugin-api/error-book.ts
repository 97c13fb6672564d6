import type { WhoCanFix } from './errors.ts';

/**
 * What a network's codes mean: pages under `/help/errors`, one for each code. Every text is made with the host's `t`. In
 * `about` and in steps, `**words**` are those that stand on a button or in a menu, of the network's portal say.
 */
export interface ErrorBookPart {
  readonly entries: readonly ErrorBookEntry[];
  /** Where the network's apps are kept, for admins. */
  readonly portal?: { readonly label: string; readonly href: string };
}

export interface ErrorBookEntry {
  /** As small print shows it, and the page's address. */
  readonly code: string;
  /** Words of the network that mean this code, in its own language: whoever pastes them finds the page. */
  readonly phrases: readonly string[];
  /** One for each place at which the code comes up. */
  readonly sections: readonly ErrorBookSection[];
}

export interface ErrorBookSection {
  /** Which place that is, e.g. `authorize`: `Explanation.place` names it, and the address ends with it. */
  readonly place: string;
  /** Where people meet the code. */
  readonly where: string;
  /** The sentence that they read there. */
  readonly told: string;
  /** What it means and how it comes about. */
  readonly about: string;
  readonly who: WhoCanFix;
  /** Whether the host tries again by itself, and when. */
  readonly retry: { readonly isByItself: boolean; readonly text: string };
  /** What whoever connects channels and posts can do, in order. */
  readonly you: readonly string[];
  /** What an admin can do, in order. */
  readonly admin: readonly string[];
  /** What stands above the two, where more can be said than whose turn it is. */
  readonly headings?: { readonly you: string; readonly admin: string };
}
