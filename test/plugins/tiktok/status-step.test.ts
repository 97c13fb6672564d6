import { expect } from 'chai';
import type { Step } from '#plugin-api';
import type { PublishStatus, Reply } from '../../../plugins/tiktok/api/replies.ts';
import { nextLookAt } from '../../../plugins/tiktok/status-step.ts';
import type { Situation } from '../../../plugins/tiktok/step-parts.ts';
import {
  afterStatus,
  failure,
  minute,
  now,
  past,
  processing,
  rules,
  situation,
  size,
  status,
  word,
} from './situations.ts';

describe('the step after a status', () => {
  it('is published with every id as text, and the link', () => {
    const step = afterStatus(past, status({ status: 'PUBLISH_COMPLETE', postIds: ['7678907398077074696', '2'] }));
    expect(step).to.deep.include({
      kind: 'published',
      remoteIds: ['7678907398077074696', '2'],
      url: 'https://www.tiktok.com/@hazelandrye/video/7678907398077074696',
    });
  });

  it('leaves it to the host to say in the timeline why it failed', () => {
    const step = afterStatus(past, status({ status: 'FAILED', failReason: 'spam_risk_text' }));
    expect(step).to.have.nested.property('because.code', 'spam_risk_text');
    expect(step).not.to.have.property('timeline');
  });

  it('waits for the link of a public post alone', () => {
    const done = status({ status: 'PUBLISH_COMPLETE' });
    expect(afterStatus(past, done)).to.include({ linkPending: true });
    for (const privacy of ['SELF_ONLY', 'MUTUAL_FOLLOW_FRIENDS', 'FOLLOWER_OF_CREATOR'] as const) {
      expect(afterStatus({ ...past, privacy }, done)).to.have.property('noLinkBecause');
    }
  });

  const rows: readonly (readonly [string, Partial<Situation>, Reply<PublishStatus>, string])[] = [
    ['all bytes there', past, status({ uploadedBytes: size }), 'processing'],
    ['all bytes there, counted from one', past, status({ uploadedBytes: size + 1 }), 'processing'],
    ['unstated after a 201', past, status({}), 'processing'],
    ['a status nobody knows', past, status({ status: 'SOMETHING_NEW' }), 'processing'],
    ['bytes missing, link young', past, status({ uploadedBytes: 20_000_000 }), 'publishing'],
    [
      'bytes missing, link 55 minutes old',
      { ...past, now: now + 55 * minute },
      status({ uploadedBytes: 20_000_000 }),
      'attention upload_expired maybe',
    ],
    ['unstated without a 201', { ...past, progress: processing({ complete: false }) }, status({}), 'publishing'],
    ['a progress at no border', past, status({ uploadedBytes: 12_345_678 }), 'processing'],
    ['failed with a reason', past, status({ status: 'FAILED', failReason: 'spam_risk_text' }), 'failed spam_risk_text'],
    [
      'failed with a reason nobody knows',
      past,
      status({ status: 'FAILED', failReason: 'brand_new' }),
      'failed brand_new',
    ],
    ['failed without a reason', past, status({ status: 'FAILED' }), 'failed unknown'],
    ['failed by its own fault', past, status({ status: 'FAILED', failReason: 'internal' }), 'start-over internal'],
    [
      'failed by its own fault again',
      { ...past, earlier: [{ startedAt: 0, outcome: 'superseded', reason: 'internal' }] },
      status({ status: 'FAILED', failReason: 'internal' }),
      'failed internal',
    ],
    ['put into the inbox', past, status({ status: 'SEND_TO_USER_INBOX' }), 'attention sent_to_inbox maybe'],
    ['forgotten', past, failure('invalid_publish_id'), 'attention status_unknown maybe'],
    ['forgotten, as guides call it', past, failure('publish_id_not_found'), 'attention status_unknown maybe'],
    [
      'of another account',
      past,
      failure('token_not_authorized_for_specified_publish_id'),
      'attention account_switched maybe',
    ],
    ['401 after refreshing', past, failure('access_token_invalid', 401), 'throw reconnect'],
    ['401 for a scope that the profile granted', past, failure('scope_not_authorized', 401), 'processing'],
    [
      '401 for a scope that the profile lacks',
      { ...past, scopes: [] },
      failure('scope_not_authorized', 401),
      'throw reconnect',
    ],
    ['429', past, failure('rate_limit_exceeded', 429), 'processing'],
    ['5xx', past, failure('server_unavailable', 502), 'processing'],
    ['5xx with a code nobody knows', past, failure('brand_new', 500), 'processing'],
    ['no answer', past, failure('no_answer', null), 'processing'],
    ['an answer that cannot be read', past, failure('unreadable_answer', 200), 'processing'],
    ['a code nobody knows', past, failure('brand_new', 400), 'attention brand_new maybe'],
    ['a stop of this process', past, failure('stopped', null), 'throw temporary'],
    ['before the point of no return: bytes missing', {}, status({ uploadedBytes: 10_000_000 }), 'publishing'],
    ['before the point of no return: unstated', {}, status({}), 'publishing'],
    [
      'before the point of no return: at no border',
      {},
      status({ uploadedBytes: 5_000_000 }),
      'start-over offset_unclear',
    ],
    ['before the point of no return: all there', {}, status({ uploadedBytes: size }), 'processing !'],
    ['before the point of no return: forgotten', {}, failure('invalid_publish_id'), 'start-over upload_lost'],
    [
      'before the point of no return: of another account',
      {},
      failure('token_not_authorized_for_specified_publish_id'),
      'start-over upload_lost',
    ],
    ['before the point of no return: 5xx', {}, failure('server_unavailable', 502), 'throw temporary'],
    ['before the point of no return: 429', {}, failure('rate_limit_exceeded', 429), 'throw rate-limited'],
    ['before the point of no return: a code nobody knows', {}, failure('brand_new', 400), 'throw temporary'],
    [
      'before the point of no return: failed',
      {},
      status({ status: 'FAILED', failReason: 'auth_removed' }),
      'failed auth_removed',
    ],
  ];
  for (const [name, facts, reply, expected] of rows) {
    it(`for ${name} is: ${expected}`, () => {
      expect(word(() => afterStatus(facts, reply))).to.equal(expected);
    });
  }

  it('never begins again past the point of no return unless TikTok says FAILED', () => {
    for (const [name, facts, reply, expected] of rows) {
      const isFailed = reply.ok && reply.value.status === 'FAILED';
      if (facts.pointOfNoReturnAt === undefined || isFailed) continue;
      expect(expected, name).to.not.match(/^start-over|^failed/u);
    }
  });

  it('looks after 5, 10, 20, 30 and 60 seconds, then every five minutes, then every thirty', () => {
    const at = (looks: number, age: number): number | undefined => {
      const found = nextLookAt(rules, situation({ pointOfNoReturnAt: now - age }), looks);
      return found === undefined ? undefined : (found - now) / 1000;
    };
    expect([0, 1, 2, 3, 4, 9].map((looks) => at(looks, 0))).to.deep.equal([5, 10, 20, 30, 60, 60]);
    expect([11, 359].map((minutes) => at(20, minutes * minute))).to.deep.equal([300, 300]);
    expect([361, 2879].map((minutes) => at(90, minutes * minute))).to.deep.equal([1800, 1800]);
    expect(at(200, 2881 * minute)).to.equal(undefined);
  });

  it('asks a person after two days, whether TikTok is still processing or does not answer', () => {
    const old = { pointOfNoReturnAt: now, progress: processing({ looks: 200 }), now: now + 2881 * minute };
    const expected = 'attention status_unresolved maybe';
    expect(word(() => afterStatus(old, status({})))).to.equal(expected);
    expect(word(() => afterStatus(old, failure('server_unavailable', 502)))).to.equal(expected);
  });

  it('P16: gives every end a sentence, a next step and the log id', () => {
    for (const [name, facts, reply] of rows) {
      let step: Step | undefined;
      try {
        step = afterStatus(facts, reply);
      } catch {
        continue;
      }
      if (step.kind !== 'failed' && step.kind !== 'needs-attention') continue;
      expect(step.because.sentence, name).to.not.equal('');
      expect(step.because.nextStep, name).to.not.equal('');
      expect(step.because.logId, name).to.equal('L1');
    }
  });
});
