import { expect } from 'chai';
import fc from 'fast-check';
import { type Explanation, RemoteError, type RemoteErrorKind } from '#plugin-api';
import { decideRetry, type RetrySituation } from '../../../core/deliveries/decide-retry.ts';
import { standardTimings } from '../../../core/timings.ts';

const minute = 60_000;
const hour = 60 * minute;
const dueAt = 1_800_000_000_000;
const because: Explanation = { sentence: 'No.', who: 'network', nextStep: 'Wait.', code: 'no' };

function decide(kind: RemoteErrorKind, facts: Partial<RetrySituation> & { readonly retryAt?: number } = {}) {
  const { retryAt, ...situation } = facts;
  const error = new RemoteError({ kind, explanation: because, ...(retryAt === undefined ? {} : { retryAt }) });
  return decideRetry(error, situationOf(situation));
}

function situationOf(facts: Partial<RetrySituation>): RetrySituation {
  const usual = { now: dueAt, dueAt, graceMs: 24 * hour, pointOfNoReturnAt: null, failures: 0 };
  return { ...usual, timings: standardTimings, random: () => 0.5, ...facts };
}

describe('What follows from an error', () => {
  it('is another try after a random part of a growing wait, up to five minutes', () => {
    expect(decide('temporary')).to.deep.include({ next: 'again', at: dueAt + 2_000, failures: 1 });
    expect(decide('temporary', { failures: 2 })).to.deep.include({ at: dueAt + 8_000, failures: 3 });
    expect(decide('temporary', { failures: 40 })).to.deep.include({ at: dueAt + 2.5 * minute, failures: 41 });
    expect(decide('temporary', { random: () => 0 })).to.deep.include({ at: dueAt });
  });

  it('is the same try later for a call that was never sent', () => {
    const retryAt = dueAt + 42_000;
    const error = new RemoteError({ kind: 'temporary', explanation: because, retryAt, notSent: true });
    const decision = decideRetry(error, situationOf({ failures: 7, random: () => 1 }));
    expect(decision).to.deep.include({ next: 'again', at: retryAt, failures: 7, hold: null });
  });

  it('is at least a minute for a limit, counts as no failure, and shows a long wait as a hold', () => {
    expect(decide('rate-limited', { random: () => 0 })).to.deep.include({
      at: dueAt + minute,
      failures: 0,
      hold: null,
    });
    expect(decide('rate-limited', { retryAt: dueAt + 5 * minute })).to.deep.include({
      at: dueAt + 5 * minute,
      hold: null,
    });
    expect(decide('rate-limited', { retryAt: dueAt + hour })).to.deep.include({ at: dueAt + hour, hold: 'quota' });
  });

  it('is waiting for the end of the grace where nothing can be tried before it: then a person is asked', () => {
    const late = { now: dueAt + 24 * hour - 1 };
    const atItsEnd = { next: 'again', at: dueAt + 24 * hour + 1 };
    expect(decide('temporary', late)).to.deep.include(atItsEnd);
    expect(decide('rate-limited', late)).to.deep.include(atItsEnd);
    expect(decide('rate-limited', { retryAt: dueAt + 25 * hour })).to.deep.include({ ...atItsEnd, hold: 'quota' });
  });

  it('is a hold and another look every half hour for a refused access, since it may be good without a new login', () => {
    expect(decide('reconnect')).to.deep.include({
      next: 'again',
      hold: 'reconnect',
      at: dueAt + 30 * minute,
      failures: 0,
    });
    const late = dueAt + 23.75 * hour;
    expect(decide('reconnect', { now: late })).to.deep.include({ hold: 'reconnect', at: dueAt + 24 * hour + 1 });
  });

  it('is a question to a person, and no look without end, for an access that stays dead after those two days', () => {
    const pointOfNoReturnAt = dueAt;
    expect(decide('reconnect', { pointOfNoReturnAt, now: dueAt + 47 * hour })).to.deep.include({
      next: 'again',
      at: dueAt + 47.5 * hour,
    });
    expect(decide('reconnect', { pointOfNoReturnAt, now: dueAt + 47.75 * hour })).to.deep.include({
      next: 'again',
      at: dueAt + 48 * hour + 1,
    });
    expect(decide('reconnect', { pointOfNoReturnAt, now: dueAt + 48 * hour + 1 })).to.deep.equal({
      next: 'needs-attention',
      because,
      mayBePosted: true,
    });
  });

  it('is the end for a refused post and for a refused app, before the point of no return', () => {
    expect(decide('refused')).to.deep.equal({ next: 'failed', because });
    expect(decide('misconfigured')).to.deep.equal({ next: 'failed', because });
  });

  it('is a question to a person for an unknown outcome', () => {
    expect(decide('outcome-unknown')).to.deep.equal({ next: 'needs-attention', because, mayBePosted: true });
  });

  it('is never a failure after the point of no return, whatever came (1,000 cases)', () => {
    const kinds = [
      'reconnect',
      'rate-limited',
      'temporary',
      'refused',
      'misconfigured',
      'outcome-unknown',
      'bug',
    ] as const;
    const anything = fc.record({
      kind: fc.constantFrom(...kinds),
      pointOfNoReturnAt: fc.integer({ min: dueAt, max: dueAt + 24 * hour }),
      waited: fc.integer({ min: 0, max: 72 * hour }),
      failures: fc.nat(60),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(anything, ({ kind, pointOfNoReturnAt, waited, failures, random }) => {
        const error = kind === 'bug' ? new TypeError('x') : new RemoteError({ kind, explanation: because });
        const now = pointOfNoReturnAt + waited;
        const decision = decideRetry(error, situationOf({ now, pointOfNoReturnAt, failures, random: () => random }));
        expect(decision.next).not.to.equal('failed');
        if (decision.next === 'again') expect(decision.at).to.be.at.least(now);
        if (decision.next === 'needs-attention') expect(decision.mayBePosted).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is two days of looking after the point of no return, then a question to a person', () => {
    const pointOfNoReturnAt = dueAt;
    expect(decide('temporary', { pointOfNoReturnAt, now: dueAt + 47 * hour })).to.include({ next: 'again' });
    const over = decide('temporary', { pointOfNoReturnAt, now: dueAt + 48 * hour });
    expect(over).to.deep.equal({ next: 'needs-attention', because: 'status_unresolved', mayBePosted: true });
  });
});
