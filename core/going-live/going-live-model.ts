import type { GoingLiveFacts, Translate } from '#plugin-api';
import { strongParts } from '../help/error-model.ts';
import { inEnglish } from '../language/deferred-text.ts';
import type { GoingLive } from './going-live-service.ts';
import { nextOf, type StepState, type TickedCheck, type TickedStep } from './ticks.ts';

/** How a reader is spoken to. */
export interface Reader {
  readonly t: Translate;
  readonly say: (text: string) => string;
  /** Whether a path of this installation exists. */
  readonly isPage: (href: string) => boolean;
}

export const address = '/admin/going-live';

const parts = ['steps', 'texts', 'film', 'comment', 'pack'] as const;
export type Part = (typeof parts)[number];

/** What every page of it shows: which network, which part. */
export function headOf(
  { plugin, part }: GoingLive,
  networks: readonly { readonly id: string; readonly name: string }[],
  current: Part,
) {
  const base = `${address}/${plugin.id}`;
  const under = (one: Part) => (one === 'steps' ? base : `${base}/${one}`);
  return {
    base,
    network: { id: plugin.id, name: plugin.name, icon: plugin.icon },
    portal: part.portal,
    tabs: parts.map((id) => ({ id, href: under(id), isCurrent: id === current })),
    networks: networks.map(({ id, name }) => ({ name, href: `${address}/${id}`, isCurrent: id === plugin.id })),
  };
}

const tones = { done: 'ok', next: 'info', open: 'quiet', failing: 'bad', optional: 'quiet' } as const;
const icons = {
  done: 'check-circle-fill',
  next: 'arrow-right',
  open: 'circle',
  failing: 'exclamation-triangle-fill',
  optional: 'circle',
} as const satisfies Record<StepState, string>;

/** The steps, drawn once each: what comes next stands above the others. */
export function stepsModel(live: GoingLive, reader: Reader) {
  const next = nextOf(live.steps);
  return {
    done: live.steps.filter(({ state }) => state === 'done').length,
    count: live.steps.length,
    next: next === undefined ? null : stepModel(next, live, reader),
    rows: live.steps.map((ticked) => {
      const { step, state } = ticked;
      const { id, title } = step;
      const isNext = ticked === next;
      return {
        id,
        title,
        state,
        tone: tones[state],
        icon: icons[state],
        isNext,
        whole: stepModel(ticked, live, reader),
      };
    }),
  };
}

function stepModel({ step, state, checks, said }: TickedStep, { facts, part, icon }: GoingLive, reader: Reader) {
  const { say } = reader;
  return {
    id: step.id,
    title: step.title,
    state,
    about: strongParts(say(step.about)),
    todo: step.todo.map((one) => strongParts(say(one))),
    checks: checks.map((check) => checkModel(check, reader)),
    copies: (step.copies?.(facts) ?? []).map(({ label, value }) => ({ label, value: inEnglish(value) })),
    byHand: step.byHand ?? null,
    said: said ?? null,
    icon: step.asksIcon === true && part.icon !== undefined ? { rule: part.icon, checked: icon ?? null } : null,
  };
}

function checkModel({ id, isMet, isHint, text, link }: TickedCheck, { isPage }: Reader) {
  const tone = isMet ? 'ok' : isHint ? 'quiet' : 'warn';
  const word = isMet ? 'met' : isHint ? 'hint' : 'unmet';
  return { id, isMet, tone, word, text, link: link !== undefined && isPage(link.href) ? link : null };
}

/** The texts for reviewers in English, and what they say to whoever reads another language. */
export function textsModel({ part }: GoingLive, facts: GoingLiveFacts, { say }: Pick<Reader, 'say'>) {
  const all = part.explanations(facts).map((one) => {
    const name = inEnglish(one.name);
    if ('warning' in one) return { kind: one.kind, name, text: '', meaning: '', warning: one.warning };
    const text = inEnglish(one.text);
    return { kind: one.kind, name, text, meaning: meaningOf(one.text, say), warning: '' };
  });
  return (['app', 'product', 'permission'] as const)
    .map((kind) => ({ kind, texts: all.filter((one) => one.kind === kind) }))
    .filter(({ texts }) => texts.length > 0);
}

/** The script: clicks for whoever films, points for whoever watches. */
export function scenesModel({ part }: GoingLive, facts: GoingLiveFacts, { say }: Pick<Reader, 'say'>) {
  return part.scenes(facts).map(({ place, title, clicks, points }, n) => ({
    n: n + 1,
    place,
    title,
    clicks: clicks.map((click) => strongParts(say(click))),
    points: points.map(({ shows, name, say: sentence }) => ({
      shows: shows.filter((one) => !inEnglish(name).startsWith(one)).join(', '),
      name: inEnglish(name),
      say: inEnglish(sentence),
      meaning: meaningOf(sentence, say),
    })),
  }));
}

/** In the reader's language; empty where that is the same. */
function meaningOf(text: string, say: Reader['say']): string {
  const words = say(text);
  return words === inEnglish(text) ? '' : words;
}

export function refusalModel(refusal: GoingLive['part']['refusals'][number], { say }: Pick<Reader, 'say'>) {
  const { id, title, about, steps } = refusal;
  return { id, title, about: strongParts(say(about)), steps: steps.map((step) => strongParts(say(step))) };
}
