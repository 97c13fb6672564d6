import type { Step } from '#plugin-api';
import { planChunks } from '../../../plugins/tiktok/api/chunks.ts';
import { ErrorBook } from '../../../plugins/tiktok/errors.ts';
import { nextCall, nextStep } from '../../../plugins/tiktok/next-step.ts';
import type { Answer, NextCall, Rules, Situation } from '../../../plugins/tiktok/next-step.ts';
import { standardTimings as networkTimings } from '../../../plugins/tiktok/timings.ts';
import { standardTimings as hostTimings } from '../../../core/timings.ts';

/** What is explored. The product's own is `shippedProtocol`; a planted bug replaces one of its parts. */
export interface Protocol {
  readonly nextCall: (s: Situation) => NextCall | Step;
  readonly nextStep: (s: Situation, answer: Answer) => Step;
  /** Whether a step is stored before the worker goes on. */
  readonly stores: (step: Step) => boolean;
  /** Whether only the newest claim may store. */
  readonly isFenced: boolean;
  /** The opening itself posts, as with a video that TikTok fetches or with photos. */
  readonly initPosts: boolean;
}

const rules: Rules = { errors: new ErrorBook((key) => key), t: (key) => key, timings: networkTimings };

export const storesAll = (): boolean => true;

export const shippedProtocol: Protocol = {
  nextCall: (s) => nextCall(rules, s),
  nextStep: (s, answer) => nextStep(rules, s, answer),
  stores: storesAll,
  isFenced: true,
  initPosts: false,
};

export const timings = { network: networkTimings, host: hostTimings };

export const graceMs = 24 * 3_600_000;

/** A file of one piece, and one of two. */
export const plans = { 1: planChunks(1_000_000), 2: planChunks(20_000_001) };

/**
 * Time goes in steps of five minutes, so that ages are few: what is due in between is looked at when the step is over,
 * as by a busy worker. The hour of an address, its 55 minutes and every lease keep their order.
 */
export const stepMs = 5 * 60_000;

export const longest = {
  /** That a piece can be on its way: after it the client has given up and closed the connection. */
  putMs: stepMs,
  /** That TikTok thinks about a complete upload. */
  processingMs: stepMs,
};
