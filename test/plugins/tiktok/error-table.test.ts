import { expect } from 'chai';
import { z } from 'zod';
import type { Explanation, RemoteErrorKind, WhoCanFix } from '#plugin-api';
import { readEnveloped, readFlat } from '../../../plugins/tiktok/api/read-answer.ts';
import type { RawAnswer } from '../../../plugins/tiktok/api/read-answer.ts';
import type { Failure, Place } from '../../../plugins/tiktok/api/replies.ts';
import { nextStep } from '../../../plugins/tiktok/next-step.ts';
import { afterStatus, now, past, put, rules, situation, status, uploading, word } from './situations.ts';
import { errors } from './support.ts';

type Row = readonly [code: string, http: number, kind: RemoteErrorKind, who: WhoCanFix];

/** developers.tiktok.com/doc/oauth-error-handling, and what TikTok's own page shows. */
const authorize: readonly Row[] = [
  ['access_denied', 302, 'refused', 'you'],
  ['non_sandbox_target', 200, 'misconfigured', 'admin'],
  ['unauthorized_client', 200, 'misconfigured', 'admin'],
  ['client_key', 200, 'misconfigured', 'admin'],
  ['param_error', 200, 'misconfigured', 'software'],
  ['10003', 200, 'misconfigured', 'admin'],
  ['invalid_scope', 200, 'misconfigured', 'admin'],
  ['scope', 200, 'misconfigured', 'admin'],
  ['redirect_uri', 200, 'misconfigured', 'admin'],
  ['code_challenge', 200, 'misconfigured', 'admin'],
  ['code_challenge_method', 200, 'misconfigured', 'admin'],
  ['unsupported_response_type', 200, 'misconfigured', 'software'],
  ['server_error', 302, 'temporary', 'network'],
  ['temporarily_unavailable', 302, 'temporary', 'network'],
  ['state_mismatch', 302, 'refused', 'you'],
  ['http_431', 431, 'refused', 'you'],
  ['scope_not_granted', 200, 'reconnect', 'you'],
];

/** developers.tiktok.com/doc/oauth-user-access-token-management; errors come with 200 as well. */
const token: readonly Row[] = [
  ['invalid_client', 200, 'misconfigured', 'admin'],
  ['invalid_grant', 400, 'refused', 'you'],
  ['invalid_request', 400, 'misconfigured', 'admin'],
  ['unsupported_grant_type', 400, 'misconfigured', 'software'],
  ['unauthorized_client', 401, 'misconfigured', 'admin'],
  ['invalid_scope', 400, 'misconfigured', 'admin'],
  ['access_denied', 403, 'misconfigured', 'admin'],
  ['server_error', 500, 'temporary', 'network'],
  ['temporarily_unavailable', 503, 'temporary', 'network'],
];

/** …and what follows: of an opening, and of a status past the point of no return. */
type CallRow = readonly [...Row, before: string, after: string];

/**
 * developers.tiktok.com/doc/tiktok-api-v2-error-handling and the error tables of the Content Posting API; the last six
 * are in nobody's documents but in guides.
 */
const calls: readonly CallRow[] = [
  ['access_token_invalid', 401, 'reconnect', 'team', 'throw reconnect', 'throw reconnect'],
  ['scope_not_authorized', 401, 'reconnect', 'team', 'failed scope_not_authorized', 'processing'],
  ['scope_permission_missed', 400, 'reconnect', 'team', 'throw reconnect', 'throw reconnect'],
  ['invalid_param', 400, 'refused', 'software', 'failed invalid_param', 'attention invalid_param maybe'],
  ['invalid_params', 400, 'refused', 'software', 'failed invalid_params', 'attention invalid_params maybe'],
  ['rate_limit_exceeded', 429, 'rate-limited', 'network', 'throw rate-limited', 'processing'],
  ['internal_error', 500, 'temporary', 'network', 'start-over init_lost', 'processing'],
  ['invalid_file_upload', 400, 'refused', 'you', 'failed invalid_file_upload', 'attention invalid_file_upload maybe'],
  [
    ...(['privacy_level_option_mismatch', 403, 'refused', 'you'] as const),
    'attention privacy_level_option_mismatch',
    'attention privacy_level_option_mismatch maybe',
  ],
  [
    ...(['unaudited_client_can_only_post_to_private_accounts', 403, 'misconfigured', 'admin'] as const),
    'failed unaudited_client_can_only_post_to_private_accounts',
    'attention unaudited_client_can_only_post_to_private_accounts maybe',
  ],
  ['reached_active_user_cap', 403, 'rate-limited', 'admin', 'wait', 'processing'],
  ['spam_risk_too_many_posts', 403, 'rate-limited', 'team', 'wait', 'processing'],
  [
    ...(['spam_risk_user_banned_from_posting', 403, 'refused', 'team'] as const),
    'failed spam_risk_user_banned_from_posting',
    'attention spam_risk_user_banned_from_posting maybe',
  ],
  ['spam_risk_too_many_pending_share', 403, 'rate-limited', 'team', 'throw rate-limited', 'processing'],
  [
    ...(['url_ownership_unverified', 403, 'misconfigured', 'admin'] as const),
    'failed url_ownership_unverified',
    'attention url_ownership_unverified maybe',
  ],
  [
    ...(['app_version_check_failed', 400, 'refused', 'team'] as const),
    'failed app_version_check_failed',
    'attention app_version_check_failed maybe',
  ],
  [
    ...(['invalid_publish_id', 400, 'outcome-unknown', 'team'] as const),
    'failed invalid_publish_id',
    'attention status_unknown maybe',
  ],
  [
    ...(['token_not_authorized_for_specified_publish_id', 400, 'outcome-unknown', 'team'] as const),
    'failed token_not_authorized_for_specified_publish_id',
    'attention account_switched maybe',
  ],
  [
    ...(['publish_not_cancellable', 400, 'refused', 'team'] as const),
    'failed publish_not_cancellable',
    'attention publish_not_cancellable maybe',
  ],
  ['insufficient_permissions', 401, 'reconnect', 'team', 'failed insufficient_permissions', 'processing'],
  ['app_not_approved', 403, 'misconfigured', 'admin', 'failed app_not_approved', 'attention app_not_approved maybe'],
  ['access_token_expired', 401, 'reconnect', 'team', 'throw reconnect', 'throw reconnect'],
  [
    ...(['publish_id_not_found', 400, 'outcome-unknown', 'team'] as const),
    'failed publish_id_not_found',
    'attention status_unknown maybe',
  ],
  [
    ...(['user_has_no_video_post_permission', 403, 'refused', 'team'] as const),
    'failed user_has_no_video_post_permission',
    'attention user_has_no_video_post_permission maybe',
  ],
  [
    ...(['privacy_level_not_authorized', 403, 'refused', 'you'] as const),
    'attention privacy_level_not_authorized',
    'attention privacy_level_not_authorized maybe',
  ],
];

/** developers.tiktok.com/doc/content-posting-api-reference-get-video-status: all prove that nothing was posted. */
const failReasons: readonly (readonly [reason: string, who: WhoCanFix, step: string])[] = [
  ['file_format_check_failed', 'you', 'failed file_format_check_failed'],
  ['duration_check_failed', 'you', 'failed duration_check_failed'],
  ['frame_rate_check_failed', 'you', 'failed frame_rate_check_failed'],
  ['picture_size_check_failed', 'you', 'failed picture_size_check_failed'],
  ['internal', 'network', 'start-over internal'],
  ['video_pull_failed', 'admin', 'failed video_pull_failed'],
  ['photo_pull_failed', 'admin', 'failed photo_pull_failed'],
  ['publish_cancelled', 'you', 'failed publish_cancelled'],
  ['auth_removed', 'team', 'failed auth_removed'],
  ['spam_risk_too_many_posts', 'team', 'failed spam_risk_too_many_posts'],
  ['spam_risk_user_banned_from_posting', 'team', 'failed spam_risk_user_banned_from_posting'],
  ['spam_risk_text', 'you', 'failed spam_risk_text'],
  ['spam_risk', 'you', 'failed spam_risk'],
  ['a_reason_of_tomorrow', 'network', 'failed a_reason_of_tomorrow'],
];

/** developers.tiktok.com/doc/content-posting-api-media-transfer-guide: before the point of no return, and past it. */
const pieces: readonly (readonly [http: number, before: string, after: string])[] = [
  [400, 'failed put_400', 'publishing'],
  [403, 'start-over upload_refused', 'publishing'],
  [404, 'start-over upload_refused', 'publishing'],
  [416, 'publishing', 'publishing'],
  [500, 'publishing', 'publishing'],
  [503, 'publishing', 'publishing'],
  [418, 'publishing', 'publishing'],
];

const secrets = ['act.7f3a9b2c4d5e6f708192', 'rft.0a1b2c3d4e5f60718293', 'upload_token=5f1c8a27e93b4d60a1'];
const words = `Token act.7f3a9b2c4d5e6f708192 and rft.0a1b2c3d4e5f60718293 at https://open-upload.tiktokapis.com/video/?upload_token=5f1c8a27e93b4d60a1 <b>raw</b>`;

/** What TikTok sends, read as the client reads it. */
function received(place: Place, code: string, http: number): Failure {
  const logId = '20261120090000ABCDEF0123456789AB';
  const enveloped = { data: {}, error: { code, message: words, log_id: logId } };
  const flat = { error: code, error_description: words, log_id: logId };
  const isFlat = place === 'token' || place === 'refresh';
  return readFailure(place, { status: http, text: JSON.stringify(isFlat ? flat : enveloped) });
}

function readFailure(place: Place, answer: RawAnswer): Failure {
  const read = place === 'token' || place === 'refresh' ? readFlat : readEnveloped;
  const reply = read({ place, call: 'x' }, answer, z.object({ never: z.string() }));
  if (reply.ok) throw new Error('It was no failure.');
  return reply;
}

function afterInit(failure: Failure): string {
  const { lookedAt, plan, sha256, username } = uploading();
  const ready = { stage: 'ready', lookedAt, plan, sha256, username } as const;
  const s = situation({ progress: ready, reference: null });
  return word(() => nextStep(rules, s, { call: 'init', ready, askedAt: now, reply: failure, hostIsTrusted: true }));
}

function afterPut(http: number, facts: { pointOfNoReturnAt?: number }): string {
  const upload = facts.pointOfNoReturnAt === undefined ? uploading() : uploading({ offset: 20_000_000 });
  return word(() => nextStep(rules, situation({ progress: upload, ...facts }), put(upload, http)));
}

function expectToHelp({ sentence, nextStep: next, code }: Explanation): void {
  // TikTok’s own words may end it.
  expect(sentence).to.match(/^[A-Z].{10,}\S$/u);
  expect(next).to.match(/^[A-Z].{10,}\.$/u);
  expect(code).to.not.equal('');
  const told = `${sentence} ${next} ${code}`;
  for (const secret of secrets) expect(told).to.not.include(secret);
  expect(told).to.not.match(/https?:|[<>]|\{\{|undefined|act\.|rft\./u);
}

describe('P16: what TikTok may answer, and what follows', () => {
  const rows = { authorize, token, api: calls };
  for (const place of ['authorize', 'token', 'api'] as const) {
    for (const [code, http, kind, who] of rows[place]) {
      it(`${place}: ${code} is ${kind}, for ${who} to mend`, () => {
        const failure = received(place, code, http);
        expect(failure).to.include({ code, status: http });
        expect(errors.meaning(failure)).to.include({ kind, who });
        expectToHelp(errors.explain(failure));
      });
    }
  }

  it('a refresh that TikTok refuses for good is the team’s to mend, and nothing else is', () => {
    expect(errors.meaning(received('refresh', 'invalid_grant', 400))).to.include({ kind: 'reconnect', who: 'team' });
    for (const [code, http] of token.filter(([name]) => name !== 'invalid_grant')) {
      expect(errors.meaning(received('refresh', code, http)).kind, code).to.not.equal('reconnect');
      expectToHelp(errors.explain(received('refresh', code, http)));
    }
  });

  for (const [code, http, , , before, after] of calls) {
    it(`${code}: an opening is “${before}”, a status past the point of no return “${after}”`, () => {
      expect(afterInit(received('api', code, http))).to.equal(before);
      expect(word(() => afterStatus(past, received('api', code, http)))).to.equal(after);
    });
  }

  for (const [reason, who, step] of failReasons) {
    it(`FAILED with ${reason} is “${step}”, for ${who} to mend`, () => {
      const reply = status({ status: 'FAILED', failReason: reason });
      expect(word(() => afterStatus(past, reply))).to.equal(step);
      expect(errors.meaning({ place: 'fail', code: reason }).who).to.equal(who);
      const again = { ...past, earlier: [{ startedAt: 0, outcome: 'superseded', reason: 'internal' }] };
      const end = afterStatus(again, reply);
      if (end.kind !== 'failed') throw new Error('TikTok said that it failed.');
      expectToHelp(end.because);
      expect(end.because.logId).to.equal('L1');
    });
  }

  for (const [http, before, after] of pieces) {
    it(`PUT ${http} is “${before}”, past the point of no return “${after}”`, () => {
      expect(afterPut(http, {})).to.equal(before);
      expect(afterPut(http, { pointOfNoReturnAt: now })).to.equal(after);
      expectToHelp(errors.explain({ place: 'upload', code: http >= 500 ? 'put_5xx' : `put_${http}` }));
    });
  }

  it('a code that nobody knows is named, tried again before the point of no return, and a person’s after it', () => {
    const failure = received('api', 'code_of_tomorrow', 400);
    const told = errors.explain(failure);
    expectToHelp(told);
    expect(told.sentence).to.include('code_of_tomorrow');
    expect(told.logId).to.equal('20261120090000ABCDEF0123456789AB');
    expect(afterInit(failure)).to.equal('throw temporary');
    expect(word(() => afterStatus(past, failure))).to.equal('attention code_of_tomorrow maybe');
  });

  it('a page instead of JSON is told without a word of it, whatever its status', () => {
    const text = `<html><head><title>Bad Gateway nginx</title></head><body>${words}</body></html>`;
    for (const http of [200, 400, 401, 403, 404, 429, 500, 502, 504]) {
      for (const place of ['token', 'refresh', 'api'] as const) {
        const failure = readFailure(place, { status: http, text });
        expect(failure, String(http)).to.not.have.property('detail');
        const told = errors.explain(failure);
        expectToHelp(told);
        expect(JSON.stringify(told)).to.not.match(/nginx|Gateway|html/u);
      }
    }
    expect(afterInit(readFailure('api', { status: 502, text }))).to.equal('start-over init_lost');
    expect(afterInit(readFailure('api', { status: 200, text }))).to.equal('start-over init_lost');
    expect(afterInit(readFailure('api', { status: 404, text }))).to.equal('throw temporary');
    for (const http of [200, 404, 502]) {
      expect(word(() => afterStatus(past, readFailure('api', { status: http, text })))).to.equal('processing');
    }
  });

  it('a code that carries a token or markup is cut', () => {
    for (const code of ['act.7f3a9b2c4d5e6f708192', '<script>alert(1)</script>', '']) {
      const told = errors.explain(received('api', code, 400));
      expect(JSON.stringify(told)).to.not.match(/act\.|<|7f3a9b/u);
      expect(told.code).to.not.equal('');
    }
  });
});
