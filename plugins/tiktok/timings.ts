const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every duration of publishing, in milliseconds. Tests hand in shorter ones. */
export interface Timings {
  /** A look before sending counts as fresh for so long. */
  readonly lookIsFresh: number;
  /** TikTok's upload links live an hour; nothing is begun that would not end by then. */
  readonly linkLife: number;
  readonly linkReserve: number;
  /** After the point of no return an upload is resumed only while its link is younger than this. */
  readonly linkResumable: number;
  /**
   * So long TikTok may fetch photos, from the look on: its download may take an hour. It ends before a person may say
   * that they are not there, so that nothing of an attempt they gave up can still be posted.
   */
  readonly photoLinkLife: number;
  /** After the link's hour and the longest piece: so much later nothing of the upload is on its way any more. */
  readonly drainMargin: number;
  /** Two looks so far apart must agree before an upload past the point of no return counts as dead. */
  readonly agreeAfter: number;
  /** Assumed where no piece has been measured: bytes per millisecond. */
  readonly slowestRate: number;
  readonly initAgain: { readonly least: number; readonly most: number };
  /** Of so many lost openings within `window`, the next waits until the first is `rest` old. */
  readonly restartLimit: number;
  readonly restartWindow: number;
  readonly restartRest: number;
  readonly putRetryBase: number;
  readonly putRetryMost: number;
  readonly rateLimited: number;
  /** TikTok counts calls over any minute, from when they arrive; ours are counted over a little more. */
  readonly callWindow: number;
  readonly quotaAgain: number;
  /** A longer wait for one of TikTok's numbers is shown to people. */
  readonly shownWait: number;
  readonly internalAgain: number;
  /** Distances of the looks after the last byte: first these, then by age. */
  readonly firstLooks: readonly number[];
  readonly laterLooks: readonly { readonly until: number; readonly every: number }[];
}

export const standardTimings: Timings = {
  lookIsFresh: 10 * minute,
  linkLife: 60 * minute,
  linkReserve: 2 * minute,
  linkResumable: 55 * minute,
  photoLinkLife: 70 * minute,
  drainMargin: 5 * minute,
  agreeAfter: 10 * minute,
  slowestRate: 64,
  initAgain: { least: 30 * second, most: 90 * second },
  restartLimit: 3,
  restartWindow: hour,
  restartRest: 65 * minute,
  putRetryBase: 2 * second,
  putRetryMost: 5 * minute,
  rateLimited: minute,
  callWindow: 65 * second,
  quotaAgain: hour,
  shownWait: 10 * minute,
  internalAgain: minute,
  firstLooks: [5 * second, 10 * second, 20 * second, 30 * second],
  laterLooks: [
    { until: 10 * minute, every: minute },
    { until: 6 * hour, every: 5 * minute },
    { until: 48 * hour, every: 30 * minute },
  ],
};
