import { expect } from 'chai';
import type { GoingLiveStep } from '#plugin-api';
import { nextOf, tickSteps } from '../../../core/going-live/ticks.ts';
import { factsOf } from './facts.ts';

const said = { at: 1, by: 'Ines' };

function step(id: string, extra: Partial<GoingLiveStep> & { readonly sees?: readonly boolean[] } = {}): GoingLiveStep {
  const { sees = [], ...rest } = extra;
  const checks = sees.map((isMet, n) => ({ id: `check-${n}`, look: () => ({ isMet, text: '' }) }));
  return { id, title: id, about: '', todo: [], checks, ...rest };
}

const byHand = { byHand: 'Done' };

interface Row {
  readonly what: string;
  readonly steps: readonly GoingLiveStep[];
  readonly marks?: readonly string[];
  readonly states: readonly string[];
  readonly next: string | undefined;
}

const table: readonly Row[] = [
  { what: 'what is seen is done', steps: [step('a', { sees: [true, true] })], states: ['done'], next: undefined },
  {
    what: 'one check that fails keeps it open',
    steps: [step('a', { sees: [true, false] })],
    states: ['next'],
    next: 'a',
  },
  { what: 'what only a person sees waits for the word', steps: [step('a', byHand)], states: ['next'], next: 'a' },
  { what: 'and the word does it', steps: [step('a', byHand)], marks: ['a'], states: ['done'], next: undefined },
  {
    what: 'seen and not said is not done',
    steps: [step('a', { ...byHand, sees: [true] })],
    states: ['next'],
    next: 'a',
  },
  {
    what: 'said and not seen is failing, and comes before everything that is open',
    steps: [step('a', byHand), step('b', { ...byHand, sees: [false] })],
    marks: ['b'],
    states: ['open', 'failing'],
    next: 'b',
  },
  {
    what: 'a word about a step that asks for none counts for nothing',
    steps: [step('a', { sees: [false] })],
    marks: ['a'],
    states: ['next'],
    next: 'a',
  },
  {
    what: 'what may be left out holds nothing up',
    steps: [step('a', { ...byHand, isOptional: true }), step('b', byHand), step('c', byHand)],
    states: ['optional', 'next', 'open'],
    next: 'b',
  },
  {
    what: 'a hint that is not met holds nothing up',
    steps: [step('a', { ...byHand, checks: [{ id: 'hint', isHint: true, look: () => ({ isMet: false, text: '' }) }] })],
    marks: ['a'],
    states: ['done'],
    next: undefined,
  },
  {
    what: 'what is not needed is not there',
    steps: [step('a', { ...byHand, isNeeded: () => false }), step('b', byHand)],
    states: ['next'],
    next: 'b',
  },
  {
    what: 'the first that is left comes next, the others later',
    steps: [step('a', byHand), step('b', byHand), step('c', byHand)],
    marks: ['a'],
    states: ['done', 'next', 'open'],
    next: 'b',
  },
];

describe('The ticks of going live', () => {
  for (const { what, steps, marks = [], states, next } of table) {
    it(`know that ${what}`, () => {
      const ticked = tickSteps(steps, factsOf(), new Map(marks.map((id) => [id, said])));
      expect(ticked.map(({ state }) => state)).to.deep.equal(states);
      expect(nextOf(ticked)?.step.id).to.equal(next);
    });
  }

  it('keep who said it, and when', () => {
    const [ticked] = tickSteps([step('a', byHand)], factsOf(), new Map([['a', said]]));
    expect(ticked?.said).to.deep.equal(said);
  });
});
