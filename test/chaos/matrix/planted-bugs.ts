import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Attempt, Step } from '#plugin-api';
import { readProgress } from '../../../plugins/tiktok/progress.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import type { CrashPoint } from './crash-points.ts';
import type { Around } from './doomed-process.ts';
import type { MatrixStage } from './stage.ts';

/** What befalls the first worker: it stands still, its last piece is slow, it dies. */
export interface Course {
  readonly stallsAt?: CrashPoint;
  /** Goes on so long after the upload was opened; undefined: when another worker has done what there was to do. */
  readonly goesOnAfterMs?: number;
  /** Its last piece arrives so long after the upload was opened. */
  readonly pieceLandsAfterMs?: number;
  readonly losesLastAnswer?: boolean;
  readonly diesAt?: CrashPoint;
  /** When it is dead: another worker comes so long after the upload was opened. */
  readonly followedAfterMs?: number;
}

interface PlantedBug {
  readonly course: Course;
  /** Around every worker of the trial. */
  readonly around: (stage: MatrixStage) => Around;
  /** Whether another worker's claim leaves the fence where it was. */
  readonly isUnfenced?: boolean;
  readonly caughtAs: 'dup' | 'phantom';
}

const minute = 60_000;
const none = (): Around => ({});

/** The explorer's six, in the product's own engine: each with a course that is harmless without it. */
export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'the reference is stored after the upload': {
    course: { diesAt: 'last answer' },
    around: ({ world }) =>
      keepingInMind(
        () => world.clock.now(),
        (step) => step.kind === 'continue' && step.stage === 'publishing',
      ),
    caughtAs: 'dup',
  },
  'a PUT that timed out is a failure': {
    course: { losesLastAnswer: true },
    around: () => ({
      advance: (plain) => async (delivery, attempt, tools) => {
        const step = await plain(delivery, attempt, tools);
        return isUncertain(step) ? failedStep : step;
      },
    }),
    caughtAs: 'phantom',
  },
  'nothing is fenced': {
    course: { stallsAt: 'init answer received' },
    around: none,
    isUnfenced: true,
    caughtAs: 'dup',
  },
  'the point of no return is not committed': {
    course: {
      stallsAt: 'init answer received',
      goesOnAfterMs: 54 * minute,
      followedAfterMs: 59 * minute,
      pieceLandsAfterMs: 62 * minute,
      diesAt: 'last chunk sent',
    },
    around: ({ world }) =>
      keepingInMind(
        () => world.clock.now(),
        (step) => step.kind === 'continue' && step.pointOfNoReturn === true,
      ),
    caughtAs: 'dup',
  },
  'an expired address is given up without a margin': {
    course: { stallsAt: 'PNR commit', goesOnAfterMs: 58 * minute, pieceLandsAfterMs: 65 * minute },
    around: ({ world }) => ({
      advance: (plain) => async (delivery, attempt, tools) => {
        const step = await plain(delivery, attempt, tools);
        return isExpired(step, world.clock.now())
          ? { kind: 'start-over', reason: 'expired_unposted', at: world.clock.now() }
          : step;
      },
    }),
    caughtAs: 'dup',
  },
  'a video that TikTok fetches is started over': {
    course: { diesAt: 'init answer received' },
    around: ({ file }) => ({
      // As TikTok would: it has the video as soon as it was told of it.
      request: async (config, send) => {
        const answer = await send(config);
        const url = uploadUrlIn(answer);
        if (url !== undefined) await sendWhole(url, file.path);
        return answer;
      },
    }),
    caughtAs: 'dup',
  },
};

const failedStep: Step = {
  kind: 'failed',
  because: { sentence: 'No answer.', who: 'network', nextStep: '', code: 'no_answer' },
};

/** Steps that the worker remembers without storing them, until one comes that it does store. */
function keepingInMind(now: () => number, isForgotten: (step: Step) => boolean): Around {
  return {
    advance: (plain) => async (delivery, first, tools) => {
      let attempt: Attempt = first;
      for (;;) {
        const step = await plain(delivery, attempt, tools);
        if (step.kind !== 'continue') return step;
        if (!isForgotten(step) || step.at > now()) return { ...step, ...notedLate(first, attempt, step) };
        attempt = {
          ...attempt,
          progress: step.progress,
          reference: step.reference ?? attempt.reference,
          pointOfNoReturnAt: step.pointOfNoReturn === true ? now() : attempt.pointOfNoReturnAt,
        };
      }
    },
  };
}

/** What should have been stored before. */
function notedLate(first: Attempt, attempt: Attempt, step: Step): Partial<Extract<Step, { kind: 'continue' }>> {
  const { reference } = attempt;
  const isPast = first.pointOfNoReturnAt === null && attempt.pointOfNoReturnAt !== null;
  return {
    ...(first.reference === null && reference !== null ? { reference } : {}),
    ...(isPast && step.kind === 'continue' && step.stage === 'processing' ? { pointOfNoReturn: true } : {}),
  };
}

function isUncertain(step: Step): boolean {
  const progress = step.kind === 'continue' ? readProgress(step.progress) : 'none';
  return typeof progress !== 'string' && progress.stage === 'uploading' && progress.uncertain;
}

/** It has looked, bytes are missing, and the link's hour is over. */
function isExpired(step: Step, now: number): boolean {
  const progress = step.kind === 'continue' ? readProgress(step.progress) : 'none';
  if (typeof progress === 'string' || progress.stage !== 'processing') return false;
  return !progress.complete && now - progress.urlAt >= standardTimings.linkLife;
}

const opened = z.object({ data: z.string() });
const uploadUrl = /"upload_url":"([^"]+)"/;

function uploadUrlIn(answer: unknown): string | undefined {
  const read = opened.safeParse(answer);
  return read.success ? uploadUrl.exec(read.data.data)?.[1]?.replaceAll('\\/', '/') : undefined;
}

async function sendWhole(url: string, file: string): Promise<void> {
  const body = await readFile(file);
  const headers = { 'content-type': 'video/mp4', 'content-range': `bytes 0-${body.length - 1}/${body.length}` };
  const answer = await fetch(url, { method: 'PUT', headers, body });
  if (answer.status !== 201) throw new Error(`TikTok did not take the video: ${answer.status}.`);
}
