import { expect } from 'chai';
import type { Step } from '#plugin-api';
import type { PublishStatus, Reply } from '../../../plugins/tiktok/api/replies.ts';
import { nextCall } from '../../../plugins/tiktok/next-step.ts';
import type { Processing } from '../../../plugins/tiktok/progress.ts';
import { nextLookAt } from '../../../plugins/tiktok/step-times.ts';
import type { Situation } from '../../../plugins/tiktok/situation.ts';
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
  uploading,
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

  it('passes on nothing secret and no markup in a reason that TikTok made up', () => {
    const reason = '<b>act.s3cr3t!4567</b> https://open-upload.tiktokapis.com/x?token=1';
    const step = afterStatus(past, status({ status: 'FAILED', failReason: reason }));
    expect(step).to.have.property('kind', 'failed');
    expect(JSON.stringify(step)).not.to.match(/act\.|https|token|<b>/u);
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
      'processing',
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
    ['a gateway’s 404', past, failure('gateway_404', 404), 'processing'],
    ['before the point of no return: a gateway’s 404', {}, failure('gateway_404', 404), 'throw temporary'],
    ['a gateway that knows no such path', past, failure('unsupported_path', 404), 'processing'],
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

  describe('when bytes are still missing after the last piece', () => {
    /** The link's hour, the longest that the last piece of 10,000,001 bytes may take, and five minutes. */
    const drained = 60 * minute + 30_000 + Math.ceil(10_000_001 / 64) + 5 * minute;
    const missing = status({ uploadedBytes: 20_000_000 });
    const look = (age: number, progress: Processing, reply: Reply<PublishStatus> = missing): Step =>
      afterStatus({ pointOfNoReturnAt: now, progress, now: now + age }, reply);
    const noted = (step: Step): unknown => (step.kind === 'continue' ? step.progress : step.kind);
    const seen = (bytes: number, age: number): Processing => processing({ missing: { bytes, at: now + age } });

    it('sends the last piece again while the link is under 55 minutes old', () => {
      expect(word(() => look(54 * minute, processing()))).to.equal('publishing');
    });

    it('only looks from then until the link is over and the slowest piece through', () => {
      for (const age of [55 * minute, 60 * minute, drained]) {
        const step = look(age, seen(20_000_000, 0));
        expect(
          word(() => step),
          String(age),
        ).to.equal('processing');
        expect(noted(step)).to.have.property('missing', null);
      }
    });

    it('begins again after two looks, ten minutes apart, that agree', () => {
      const first = look(drained + 1, processing());
      expect(noted(first)).to.deep.include({ missing: { bytes: 20_000_000, at: now + drained + 1 } });
      const since = seen(20_000_000, drained + 1);
      expect(word(() => look(drained + 10 * minute, since))).to.equal('processing');
      expect(word(() => look(drained + 1 + 10 * minute, since))).to.equal('start-over expired_unposted');
    });

    it('counts from the second look when it tells another number', () => {
      const step = look(drained + 20 * minute, seen(10_000_000, drained + 1));
      expect(noted(step)).to.deep.include({ missing: { bytes: 20_000_000, at: now + drained + 20 * minute } });
    });

    it('forgets what was missing when everything has arrived, and keeps it when TikTok does not answer', () => {
      const since = seen(20_000_000, drained + 1);
      const all = look(drained + 20 * minute, since, status({ uploadedBytes: size }));
      expect(noted(all)).to.include({ missing: null, complete: true });
      const silent = look(drained + 20 * minute, since, failure('server_unavailable', 502));
      expect(noted(silent)).to.deep.include({ missing: since.missing });
    });

    it('never begins again where TikTok does not tell how much it has', () => {
      const since = processing({ complete: false, missing: { bytes: 20_000_000, at: now } });
      for (const hours of [2, 12, 47]) {
        expect(word(() => look(hours * 60 * minute, since, status({})))).to.equal('processing');
      }
    });

    it('sends the last piece ten times at most where TikTok does not tell, and then only looks', () => {
      const at = (tries: number, reply: Reply<PublishStatus>): string => {
        const progress = uploading({ offset: 20_000_000, uncertain: true, tries });
        return word(() => afterStatus({ progress, pointOfNoReturnAt: now }, reply));
      };
      expect([5, 9, 10].map((tries) => at(tries, status({})))).to.deep.equal([
        'publishing',
        'publishing',
        'processing',
      ]);
      expect(at(30, missing)).to.equal('publishing');
    });
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

  describe('once a person has asked to look again', () => {
    const days = 3 * 24 * 60 * minute;
    const asked = { pointOfNoReturnAt: now, askedAgainAt: now + days, now: now + days };

    it('counts the looks from there', () => {
      const step = afterStatus({ ...asked, progress: processing({ looks: 200 }) }, status({}));
      expect('at' in step ? step.at - asked.now : 0).to.equal(minute);
      const later = { ...asked, now: asked.now + 2881 * minute, progress: processing({ looks: 200 }) };
      expect(word(() => afterStatus(later, status({})))).to.equal('attention status_unresolved maybe');
    });

    it('sends nothing, however young the link is', () => {
      const young = { pointOfNoReturnAt: now, askedAgainAt: now, progress: uploading({ offset: 20_000_000 }) };
      expect(word(() => afterStatus(young, status({ uploadedBytes: 20_000_000 })))).to.equal('processing');
      expect(nextCall(rules, situation(young))).to.include({ call: 'status' });
    });

    it('leaves it to the person to send again what was certainly not posted', () => {
      const seen = processing({ missing: { bytes: 20_000_000, at: now + days - 10 * minute } });
      const dead = afterStatus({ ...asked, progress: seen }, status({ uploadedBytes: 20_000_000 }));
      expect(word(() => dead)).to.equal('failed expired_unposted');
      const fault = status({ status: 'FAILED', failReason: 'internal' });
      expect(word(() => afterStatus({ ...past, ...asked }, fault))).to.equal('failed internal');
    });
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
