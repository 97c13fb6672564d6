import { inEnglish } from '../language/deferred-text.ts';
import { scenesModel, textsModel, type Reader } from './going-live-model.ts';
import type { GoingLive } from './going-live-service.ts';

/** All that goes along with a submission, for a page or a file. */
export function packModel(live: GoingLive, reader: Pick<Reader, 't' | 'say'>, madeAt: number) {
  const { facts, part, steps, plugin } = live;
  const { t, say } = reader;
  return {
    title: t('going-live:pack.title', { site: facts.siteName }),
    network: plugin.name,
    madeAt,
    facts: steps.flatMap(({ step }) =>
      (step.copies?.(facts) ?? []).map(({ label, value }) => ({ label: say(label), value: inEnglish(value) })),
    ),
    groups: textsModel(live, facts, reader),
    rules: part.filmRules.map(say),
    scenes: scenesModel(live, facts, reader),
    steps: steps.map(({ step, state, said, checks }) => ({
      title: say(step.title),
      isDone: state === 'done',
      state: t(`going-live:state.${state}`),
      said: said ?? null,
      isSeen: step.byHand === undefined,
      open: checks.filter(({ isMet, isHint }) => !isMet && !isHint).map(({ text }) => say(text)),
    })),
  };
}

export type PackModel = ReturnType<typeof packModel>;
