import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import { aliases, catalogue } from '../../../plugins/tiktok/errors.ts';
import type { Failure, Place } from '../../../plugins/tiktok/api/replies.ts';
import { errors } from './support.ts';

/** Every code of TikTok's documents and of guides in circulation, by where it appears. */
const documented: Readonly<Record<Place, readonly string[]>> = {
  authorize: [
    ...['access_denied', 'non_sandbox_target', 'unauthorized_client', 'client_key', 'param_error', '10003'],
    ...['invalid_scope', 'scope', 'redirect_uri', 'code_challenge', 'code_challenge_method', 'invalid_client'],
    ...['unsupported_response_type', 'server_error', 'temporarily_unavailable', 'state_mismatch', 'http_431'],
    ...['scope_not_granted', 'invalid_request'],
  ],
  token: [
    ...['invalid_client', 'invalid_grant', 'invalid_request', 'unsupported_grant_type', 'unauthorized_client'],
    ...['invalid_scope', 'access_denied', 'server_error', 'temporarily_unavailable', 'unsupported_path'],
    ...['unsupported_response_type', 'server_unavailable', 'gateway_404'],
  ],
  refresh: [
    'invalid_grant',
    'invalid_client',
    'invalid_request',
    'server_error',
    'temporarily_unavailable',
    'no_answer',
  ],
  api: [
    ...['access_token_invalid', 'scope_not_authorized', 'scope_permission_missed', 'invalid_params', 'invalid_param'],
    ...['rate_limit_exceeded', 'internal_error', 'privacy_level_option_mismatch', 'reached_active_user_cap'],
    ...['unaudited_client_can_only_post_to_private_accounts', 'spam_risk_too_many_posts', 'invalid_file_upload'],
    ...['spam_risk_user_banned_from_posting', 'spam_risk_too_many_pending_share', 'url_ownership_unverified'],
    ...['app_version_check_failed', 'invalid_publish_id', 'token_not_authorized_for_specified_publish_id'],
    ...['publish_not_cancellable', 'insufficient_permissions', 'app_not_approved', 'App not approved', 'Sandbox mode'],
    ...['access_token_expired', 'publish_id_not_found', 'user_has_no_video_post_permission'],
    ...['privacy_level_not_authorized', 'no_answer', 'unreadable_answer', 'server_unavailable', 'gateway_404'],
  ],
  upload: ['put_400', 'put_403', 'put_404', 'put_416', 'put_5xx', 'no_answer'],
  fail: [
    ...['file_format_check_failed', 'duration_check_failed', 'frame_rate_check_failed', 'picture_size_check_failed'],
    ...['internal', 'video_pull_failed', 'photo_pull_failed', 'publish_cancelled', 'auth_removed', 'spam_risk_text'],
    ...['spam_risk_too_many_posts', 'spam_risk_user_banned_from_posting', 'spam_risk'],
  ],
  own: Object.keys(catalogue.own),
};

const places = Object.entries(documented).flatMap(([place, codes]) =>
  codes.map((code) => ({ place: placeNamed(place), code })),
);

function placeNamed(name: string): Place {
  const places: readonly Place[] = ['authorize', 'token', 'refresh', 'api', 'upload', 'fail', 'own'];
  const found = places.find((place) => place === name);
  if (found === undefined) throw new Error(name);
  return found;
}

function failure(place: Place, code: string): Failure {
  return { ok: false, place, call: 'x', code, status: 400 };
}

describe('the error catalogue', () => {
  for (const { place, code } of places) {
    it(`P16: says what happened, who can fix it and what to do for ${code} (${place})`, () => {
      expect(errors.meaning({ place, code }).code).to.not.equal('unknown');
      const told = errors.explain(failure(place, code));
      expect(told.sentence).to.match(/^[A-Z].{10,}[.:]/u);
      expect(told.nextStep).to.match(/^[A-Z].{10,}\.$/u);
      expect(told.code).to.equal(code);
      expect(`${told.sentence} ${told.nextStep}`).to.not.match(/\{\{|undefined|Castdeck/u);
    });
  }

  it('P16: has a text for every code that it maps', () => {
    for (const [place, codes] of Object.entries(catalogue)) {
      for (const code of Object.keys(codes)) {
        const told = errors.explain({ place: place === 'any' ? 'api' : placeNamed(place), code, detail: 'words' });
        expect(told.sentence.trim(), `${place}.${code}`).to.not.equal('');
        expect(told.nextStep.trim(), `${place}.${code}`).to.not.equal('');
      }
    }
  });

  it('names every alias after a code that exists', () => {
    for (const target of Object.values(aliases)) {
      expect(
        Object.values(catalogue).some((codes) => Object.hasOwn(codes, target)),
        target,
      ).to.equal(true);
    }
  });

  it('P16: shows the code, the words and the log id of a code that nobody knows', () => {
    for (const place of ['authorize', 'token', 'refresh', 'api', 'fail'] as const) {
      const told = errors.explain({ place, code: 'brand_new_code', detail: 'Something new.', logId: 'L9' });
      expect(told.sentence).to.include('brand_new_code');
      expect(told).to.include({ code: 'brand_new_code', logId: 'L9' });
      expect(told.nextStep).to.not.equal('');
    }
  });

  it('reads both spellings of the code for wrong parameters as the same', () => {
    const [one, two] = ['invalid_param', 'invalid_params'].map((code) => errors.explain(failure('api', code)));
    expect(one?.sentence).to.equal(two?.sentence);
  });

  it('disconnects a profile only for a refresh token that is proven dead', () => {
    const disconnecting = documented.refresh.filter(
      (code) => errors.meaning({ place: 'refresh', code }).kind === 'reconnect',
    );
    expect(disconnecting).to.deep.equal(['invalid_grant']);
    for (const code of ['brand_new_code', 'server_unavailable', 'unreadable_answer']) {
      expect(errors.meaning({ place: 'refresh', code }).kind).to.equal('temporary');
    }
  });

  it('does not read properties of every object as codes', () => {
    for (const code of ['constructor', '__proto__', 'toString']) {
      expect(errors.meaning({ place: 'api', code }).code).to.equal('unknown');
    }
  });

  it('becomes the one error that a plugin throws, with TikTok’s code and status', () => {
    const error = errors.remoteError({ ...failure('api', 'rate_limit_exceeded'), status: 429, logId: 'L1' }, 5);
    expect(error).to.be.instanceOf(RemoteError);
    expect(error).to.include({ kind: 'rate-limited', retryAt: 5, status: 429 });
    expect(error.explanation.logId).to.equal('L1');
  });
});
