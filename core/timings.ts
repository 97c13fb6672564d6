/** Every duration of the engine, in milliseconds, in one value: tests hand in a smaller one. */
export interface Timings {
  /** How long a claim holds without a heartbeat. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** A process whose event loop stands still for so long is ended: before its leases end, so that only one stands. */
  readonly standstillMs: number;
  readonly standstillTickMs: number;
  /** After a heartbeat that failed: when the next one is tried. */
  readonly beatAgainMs: number;
  /** The longest a worker sleeps: what another process enqueued is seen after this at the latest. */
  readonly idlePollMs: number;
  /** How often leases that ended are looked for, and who the other workers are. */
  readonly rescueMs: number;
  /** How often a worker looks whether those in other processes of the same machine live. No statement. */
  readonly deathLookMs: number;
  /** After an empty claim although something is due: another worker is just taking it. */
  readonly contendedMs: number;
  /**
   * How long one step of publishing may take: sending the longest part at the slowest speed (20 MB at 64 kB/s, six
   * minutes), and as much again for tokens, answers and files.
   */
  readonly stepBudgetMs: number;
  /** How long any other job may take. */
  readonly jobBudgetMs: number;
  /** After its time is up and it was told so: how long it may take to end before its slot is given to another. */
  readonly budgetGraceMs: number;
  /** Recurring work that ended three workers in a row: how long it is left alone. */
  readonly poisonRestMs: number;
  /** After being asked to stop: when running requests are aborted, and when the worker gives up waiting for them. */
  readonly stopAbortMs: number;
  readonly stopMs: number;
  /** Backoff of temporary errors: random up to min(cap, base · 2ⁿ). */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** Least wait after "too many requests". */
  readonly rateLimitMs: number;
  /** While the network refuses an access: how often it is asked whether it works again without a new login. */
  readonly refusedLookMs: number;
  /** And how long people are told of that once only. */
  readonly refusedToldMs: number;
  /** After the point of no return: how long an outcome is looked for. */
  readonly unresolvedMs: number;
  /** How long the link of a published post is looked for, and how often. */
  readonly linkLookMs: number;
  readonly linkLooks: readonly number[];
  /** A plugin that is missing or switched off: when to look again. */
  readonly absentPluginMs: number;
  /** Refresh when less than this share of a token's life is left, at most refreshAheadMs. */
  readonly refreshShare: number;
  readonly refreshAheadMs: number;
  /** Spreads refreshes: less this share of the life, at most refreshJitterMs. */
  readonly refreshJitterShare: number;
  readonly refreshJitterMs: number;
  /** The row lease of one refresh; the call itself must end within refreshCallMs. */
  readonly refreshLeaseMs: number;
  readonly refreshCallMs: number;
  /** How often the losers read the row again, and for how long. */
  readonly refreshPollMs: number;
  readonly refreshWaitMs: number;
  /** After a lost answer the same token is tried once more after this (least, most). */
  readonly lostAnswerMs: readonly [least: number, most: number];
  /** A token with less life than this is not handed out. */
  readonly tokenMarginMs: number;
  /** While the database is away: how often storing new tokens is tried again. */
  readonly storeAgainMs: number;
  /** How often tokens are refreshed ahead, missing recurring jobs are put back, old rows are deleted. */
  readonly refreshEveryMs: number;
  readonly seedEveryMs: number;
  readonly purgeEveryMs: number;
  /** How often counted calls to networks are stored. */
  readonly countCallsMs: number;
  /** How long finished jobs and seen webhook events are kept. */
  readonly keepFinishedMs: number;
  /** What happens to one team within this goes into one mail to each person. */
  readonly mailGatherMs: number;
  /** How often waiting mails are looked for. */
  readonly mailLookMs: number;
  /** How long a mail counts as being sent; the sending itself must end before. */
  readonly mailLeaseMs: number;
  /** A mail that was put off: the first wait, doubled up to the longest; and when it is news no more. */
  readonly mailAgainMs: number;
  readonly mailAgainCapMs: number;
  readonly mailGiveUpMs: number;
  /** How long before access ends for good people are told, and how often that is looked for. */
  readonly accessEndingMs: number;
  readonly accessLookMs: number;
  readonly keepNotificationsMs: number;
  /** A host whose clock is further from the database's than this does not claim. */
  readonly clockOffsetMs: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export const standardTimings: Timings = {
  leaseMs: 60 * second,
  heartbeatMs: 15 * second,
  standstillMs: 40 * second,
  standstillTickMs: second,
  beatAgainMs: second,
  idlePollMs: second,
  rescueMs: 5 * second,
  deathLookMs: 150,
  contendedMs: 20,
  stepBudgetMs: 12 * minute,
  jobBudgetMs: 30 * minute,
  budgetGraceMs: 10 * second,
  poisonRestMs: hour,
  stopAbortMs: 20 * second,
  stopMs: 27 * second,
  backoffBaseMs: 2 * second,
  backoffCapMs: 5 * minute,
  rateLimitMs: minute,
  refusedLookMs: 30 * minute,
  refusedToldMs: 24 * hour,
  unresolvedMs: 48 * hour,
  linkLookMs: 24 * hour,
  linkLooks: [30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute, hour],
  absentPluginMs: 10 * minute,
  refreshShare: 0.1,
  refreshAheadMs: 15 * minute,
  refreshJitterShare: 0.04,
  refreshJitterMs: 5 * minute,
  refreshLeaseMs: 30 * second,
  refreshCallMs: 20 * second,
  refreshPollMs: 250,
  refreshWaitMs: 25 * second,
  lostAnswerMs: [5 * second, 15 * second],
  tokenMarginMs: 30 * second,
  storeAgainMs: 500,
  refreshEveryMs: minute,
  seedEveryMs: 10 * minute,
  purgeEveryMs: hour,
  countCallsMs: 15 * second,
  keepFinishedMs: 7 * 24 * hour,
  mailGatherMs: 2 * minute,
  mailLookMs: minute,
  mailLeaseMs: 2 * minute,
  mailAgainMs: minute,
  mailAgainCapMs: 15 * minute,
  mailGiveUpMs: 24 * hour,
  accessEndingMs: 14 * 24 * hour,
  accessLookMs: hour,
  keepNotificationsMs: 90 * 24 * hour,
  clockOffsetMs: minute,
};
