/** A file that proves to a network whose address this is. */
export interface VerificationFile {
  readonly id: number;
  /** The path it answers at: `/networkAbC.txt`, `/videos/networkAbC.txt`. */
  readonly place: string;
  /** As strangers fetch it. */
  readonly url: string;
  readonly bytes: Buffer;
  /** UTC milliseconds. */
  readonly savedAt: number;
  /** Null where that person is gone. */
  readonly savedBy: string | null;
  /** What a network says against its name or content; undefined: nothing. A text for people. */
  readonly doubt: string | undefined;
}

/** What came back when our own server fetched a file as a network would. */
export interface VerificationCheck {
  readonly isGood: boolean;
  /** HTTP status; undefined: no answer. */
  readonly status?: number;
  /** The answer's Content-Type. */
  readonly type?: string;
  /** The beginning of what came, control characters replaced. */
  readonly beginning?: string;
  readonly isEqual: boolean;
  /** What is wrong with it and what to do, a sentence each; empty when it is good. Texts for people. */
  readonly problems: readonly string[];
}

/** What the DNS says. */
export interface TxtLook {
  readonly isFound: boolean;
  /** Every TXT value of the domain, joined as DNS joins them. */
  readonly found: readonly string[];
  /** What is wrong and what to do; undefined when it was found. A text for people. */
  readonly problem?: string;
}

export interface VerificationChecks {
  list(): Promise<readonly VerificationFile[]>;
  /** Fetches the file from PUBLIC_URL: no redirect, five seconds at most. Never throws for what an address does. */
  check(file: Pick<VerificationFile, 'url' | 'bytes'>): Promise<VerificationCheck>;
  /** Asks the DNS whether the domain has this TXT record, five seconds at most. */
  lookUp(record: { readonly domain: string; readonly value: string }): Promise<TxtLook>;
}
