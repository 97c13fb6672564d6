/** Who is able to put a problem right. */
export type WhoCanFix = 'you' | 'team' | 'admin' | 'network' | 'software';

/** A problem told to a person: what happened, who can fix it, the next step; code and logId are small print. */
export interface Explanation {
  readonly sentence: string;
  readonly who: WhoCanFix;
  readonly nextStep: string;
  readonly code: string;
  readonly logId?: string;
  /** Which section of the code's page in the error book says more. */
  readonly place?: string;
}

/**
 * What a failed call to a network means for the host:
 * reconnect = the team must authorize again; rate-limited = later; temporary = again soon, nothing happened;
 * refused = this post will not be accepted; misconfigured = the admin must act; outcome-unknown = it may have happened.
 */
export type RemoteErrorKind =
  'reconnect' | 'rate-limited' | 'temporary' | 'refused' | 'misconfigured' | 'outcome-unknown';

interface RemoteErrorParts {
  readonly kind: RemoteErrorKind;
  readonly explanation: Explanation;
  /** Earliest moment (UTC ms) at which a repeat makes sense. */
  readonly retryAt?: number;
  /** HTTP status of the answer, absent where none came. */
  readonly status?: number;
  /** The call was never sent (`RequestFailed` with a `retryAt`): it counts as no try, and is made again at `retryAt`. */
  readonly notSent?: true;
}

/** The only error a plugin throws out of a remote call. It carries no token, no address and no raw body. */
export class RemoteError extends Error {
  readonly kind: RemoteErrorKind;
  readonly explanation: Explanation;
  readonly retryAt: number | undefined;
  readonly status: number | undefined;
  readonly notSent: boolean;

  constructor(parts: RemoteErrorParts) {
    super(`${parts.explanation.code}: ${parts.explanation.sentence}`);
    this.name = 'RemoteError';
    this.kind = parts.kind;
    this.explanation = parts.explanation;
    this.retryAt = parts.retryAt;
    this.status = parts.status;
    this.notSent = parts.notSent === true;
  }
}

/**
 * A call made with the host's HTTP client that got no usable answer. It replaces the client's own error, which holds
 * the token and the whole request.
 */
export class RequestFailed extends Error {
  /** E.g. ECONNREFUSED, ECONNABORTED (time-out), ERR_CANCELED, ERR_BAD_REQUEST, ERR_BREAKER_OPEN (nothing was sent). */
  readonly code: string;
  /** HTTP status, where an answer came. */
  readonly status: number | undefined;

  /** Of ERR_BREAKER_OPEN: when to come again (UTC ms). The host of the address has not answered lately. */
  readonly retryAt: number | undefined;

  constructor(parts: { readonly code: string; readonly status?: number; readonly retryAt?: number }) {
    super(`The request failed: ${parts.code}${parts.status === undefined ? '' : ` (HTTP ${parts.status})`}.`);
    this.name = 'RequestFailed';
    this.code = parts.code;
    this.status = parts.status;
    this.retryAt = parts.retryAt;
  }
}
