import type { Translate } from '#plugin-api';
import type { CheckReport } from './channel-check-service.ts';

/** What is so, and below it who can do what. */
export interface Told {
  readonly sentence: string;
  readonly next: string;
}

export function tellConclusion({ conclusion, network }: CheckReport, t: Translate): Told {
  const { state, who, sentence, nextStep } = conclusion;
  if (state === 'ok') return { sentence, next: nextStep };
  return {
    sentence,
    next: t('channel-check:next', { who: t(`channel-check:who.${who}`, { network }), step: nextStep }),
  };
}
