/** What can be done about a code at one place; the words are in `locales/<language>/tiktok-errors.json`. */
export interface Advice {
  readonly retry: RetryId;
  /** Steps of whoever connects and posts, by key; in order. */
  readonly you: readonly string[];
  readonly admin: readonly string[];
  /** What stands above the steps, by key; without it only whose turn it is. */
  readonly headings?: string;
  /** Words of TikTok that mean the same. */
  readonly phrases?: readonly string[];
}

/** By code. */
export type Table = Readonly<Record<string, Advice>>;

/** Whether the host, or TikTok, tries again without anybody pressing anything. */
export const isTriedByItself = {
  login: false,
  never: false,
  background: true,
  backoff: true,
  minute: true,
  hourly: true,
  room: true,
  renew: true,
  held: true,
  person: false,
  resume: true,
  once: true,
  done: false,
  events: true,
  asks: true,
} as const;

type RetryId = keyof typeof isTriedByItself;
