import { standardTimings as hostStandard, type Timings as HostTimings } from '../../../core/timings.ts';
import { standardTimings as networkStandard, type Timings as NetworkTimings } from '../../../plugins/tiktok/timings.ts';

/** Everything that waits is this much quicker; a lease less so, for a busy machine must be able to keep it. */
const factor = 200;
const leaseFactor = 40;
const restFactor = 2_000;

export const hostTimings: HostTimings = {
  ...hostStandard,
  leaseMs: hostStandard.leaseMs / leaseFactor,
  heartbeatMs: hostStandard.heartbeatMs / leaseFactor,
  idlePollMs: 50,
  rescueMs: 50,
  storeAgainMs: 20,
  backoffBaseMs: hostStandard.backoffBaseMs / factor,
  backoffCapMs: hostStandard.backoffCapMs / factor,
  rateLimitMs: hostStandard.rateLimitMs / factor,
};

const { initAgain } = networkStandard;

/** Twenty seconds, and thirty for a part: both times; not less, for a busy machine must be able to answer. */
export const requestTimeoutMs = 1_000;

export const networkTimings: NetworkTimings = {
  ...networkStandard,
  lookIsFresh: networkStandard.lookIsFresh / factor,
  linkLife: networkStandard.linkLife / factor,
  linkReserve: networkStandard.linkReserve / factor,
  linkResumable: networkStandard.linkResumable / factor,
  drainMargin: networkStandard.drainMargin / factor,
  agreeAfter: networkStandard.agreeAfter / factor,
  initAgain: { least: initAgain.least / factor, most: initAgain.most / factor },
  // Nothing is safer for this rest, it only spares TikTok.
  restartWindow: networkStandard.restartWindow / restFactor,
  restartRest: networkStandard.restartRest / restFactor,
  putRetryBase: networkStandard.putRetryBase / factor,
  putRetryMost: networkStandard.putRetryMost / factor,
  rateLimited: networkStandard.rateLimited / factor,
  quotaAgain: networkStandard.quotaAgain / factor,
  internalAgain: networkStandard.internalAgain / factor,
  firstLooks: networkStandard.firstLooks.map((ms) => ms / factor),
  laterLooks: networkStandard.laterLooks.map(({ until, every }) => ({ until: until / factor, every: every / factor })),
};

/** How long TikTok keeps an upload address, in seconds. */
export const linkSeconds = networkTimings.linkLife / 1_000;
