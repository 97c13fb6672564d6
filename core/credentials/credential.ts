/** Access to one account of one network through one app; shared by every channel of that account. Times are UTC ms. */
export interface Credential {
  readonly id: number;
  readonly plugin: string;
  readonly appKey: string;
  readonly accountId: string;
  readonly unionId: string | null;
  /** The credential set it was connected with. */
  readonly mode: string;
  readonly scopes: readonly string[];
  readonly state: 'valid' | 'reconnect-needed';
  readonly accessExpiresAt: number;
  readonly refreshExpiresAt: number;
  readonly refreshedAt: number;
  /** Raised with each pair of tokens. */
  readonly version: number;
}
