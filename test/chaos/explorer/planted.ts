import type { Step } from '#plugin-api';
import type { Processing, Uploading } from '../../../plugins/tiktok/progress.ts';
import { type Protocol, shippedProtocol as shipped, timings } from './protocol.ts';

/** Six ways to get it wrong, each of which some product has shipped. The explorer has to refute every one. */
export const plantedBugs: Readonly<Record<string, Protocol>> = {
  'the reference is stored after the upload': {
    ...shipped,
    stores: (step) => !(step.kind === 'continue' && step.stage === 'publishing'),
  },
  'a PUT that timed out is a failure': {
    ...shipped,
    nextStep: (s, answer) =>
      answer.call === 'put' && !answer.reply.ok ? failedStep('no_answer') : shipped.nextStep(s, answer),
  },
  'nothing is fenced': { ...shipped, isFenced: false },
  'the point of no return is not committed': {
    ...shipped,
    nextCall: (s) => {
      const next = shipped.nextCall(s);
      const isCommit = 'kind' in next && next.kind === 'continue' && next.pointOfNoReturn === true;
      return isCommit ? shipped.nextCall({ ...s, pointOfNoReturnAt: s.now }) : next;
    },
    nextStep: (s, answer) => withoutCommit(shipped.nextStep(s, answer)),
  },
  'an expired address is given up without a margin': {
    ...shipped,
    nextStep: (s, answer) => {
      if (answer.call !== 'status' || !answer.reply.ok || s.pointOfNoReturnAt === null)
        return shipped.nextStep(s, answer);
      const { status, uploadedBytes } = answer.reply.value;
      const isIncomplete = status === 'PROCESSING_UPLOAD' && uploadedBytes !== answer.upload.plan.size;
      return isIncomplete && isExpired(answer.upload, s.now)
        ? { kind: 'start-over', reason: 'expired_unposted', at: s.now }
        : shipped.nextStep(s, answer);
    },
  },
  'a video that TikTok fetches is started over': { ...shipped, initPosts: true },
};

/** The same with photos, whose one call posts them. */
export const plantedPhotoBugs: Readonly<Record<string, Protocol>> = {
  'the call that posts is made again when its answer is lost': {
    ...shipped,
    nextStep: (s, answer) => {
      const isLost = answer.call === 'content-init' && !answer.reply.ok && answer.reply.status === null;
      return isLost ? { kind: 'start-over', reason: 'init_lost', at: s.now } : shipped.nextStep(s, answer);
    },
  },
  'whoever comes next makes the call': {
    ...shipped,
    nextCall: (s) => shipped.nextCall(s.photos === undefined ? s : { ...s, photos: { holdsTicket: true } }),
  },
  'a 502 is a failure': {
    ...shipped,
    nextStep: (s, answer) =>
      answer.call === 'content-init' && !answer.reply.ok
        ? failedStep('server_unavailable')
        : shipped.nextStep(s, answer),
  },
};

function failedStep(code: string): Step {
  return { kind: 'failed', because: { sentence: '', who: 'network', nextStep: '', code } };
}

function withoutCommit(step: Step): Step {
  if (step.kind !== 'continue' || step.pointOfNoReturn !== true) return step;
  const { kind, stage, progress, at, percent, reference } = step;
  const known = { ...(percent === undefined ? {} : { percent }), ...(reference === undefined ? {} : { reference }) };
  return { kind, stage, progress, at, ...known };
}

function isExpired(upload: Uploading | Processing, now: number): boolean {
  return now >= upload.urlAt + timings.network.linkLife;
}
