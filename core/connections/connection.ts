/** One connected channel and its access, as an admin sees it over all teams. Times are UTC ms. */
export interface Connection {
  readonly channelId: number;
  readonly team: { readonly id: number; readonly name: string };
  readonly nickname: string;
  readonly username: string | null;
  readonly isPaused: boolean;
  readonly connectedAt: number;
  readonly connectedBy: string | null;
  readonly appKey: string;
  /** The set that the app was of when it was connected. */
  readonly mode: string;
  readonly scopes: readonly string[];
  readonly isLost: boolean;
  readonly accessExpiresAt: number;
  readonly refreshExpiresAt: number;
  /** When the newest tokens came, by a login or a refresh. */
  readonly refreshedAt: number;
  /** Of the last refresh, where it failed; null where the newest tokens are from its answer. */
  readonly failure: { readonly at: number; readonly code: string } | null;
}

/** What all of the conditions hold for. */
export interface ConnectionFilter {
  readonly appKey?: string;
  /** Their access is lost, or their app is none of these. */
  readonly lostOrNotOf?: readonly string[];
  readonly hasFailed?: true;
  /** They have not granted this scope. */
  readonly missing?: string;
}

/** In the order of the list. */
export interface ConnectionPlace {
  readonly teamId: number;
  readonly channelId: number;
}

export interface ConnectionTally {
  readonly appKey: string;
  readonly isLost: boolean;
  readonly hasFailed: boolean;
  readonly count: number;
}
