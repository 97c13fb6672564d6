import { expect } from 'chai';
import path from 'node:path';
import { projectRoot } from '../../../../core/project-root.ts';
import { loadTexts } from '../../../../core/web/texts.ts';
import { createErrorBook } from '../../../../plugins/tiktok/error-book/book.ts';
import { authorize, refresh, token } from '../../../../plugins/tiktok/error-book/connecting.ts';
import { any, own } from '../../../../plugins/tiktok/error-book/found-here.ts';
import { api, fail, upload } from '../../../../plugins/tiktok/error-book/posting.ts';
import { aliases, catalogue } from '../../../../plugins/tiktok/errors.ts';

/** developers.tiktok.com, the pages about logging in, the Display and the Content Posting API, and webhooks. */
const ofTikTok: Readonly<Record<string, readonly string[]>> = {
  authorize: [
    ...['access_denied', 'non_sandbox_target', 'unauthorized_client', 'client_key', 'param_error', '10003'],
    ...['invalid_scope', 'scope', 'redirect_uri', 'invalid_redirect_uri', 'code_challenge', 'code_challenge_method'],
    ...['unsupported_response_type', 'server_error', 'temporarily_unavailable', 'state_mismatch', 'http_431'],
    'scope_not_granted',
  ],
  token: [
    ...['invalid_client', 'invalid_grant', 'invalid_request', 'unsupported_grant_type', 'unauthorized_client'],
    ...['invalid_scope', 'access_denied', 'server_error', 'temporarily_unavailable'],
  ],
  refresh: ['invalid_grant'],
  api: [
    ...['access_token_invalid', 'scope_not_authorized', 'scope_permission_missed', 'invalid_param', 'invalid_params'],
    ...['rate_limit_exceeded', 'internal_error', 'privacy_level_option_mismatch', 'invalid_file_upload'],
    ...['unaudited_client_can_only_post_to_private_accounts', 'reached_active_user_cap', 'spam_risk_too_many_posts'],
    ...['spam_risk_user_banned_from_posting', 'spam_risk_too_many_pending_share', 'url_ownership_unverified'],
    ...['app_version_check_failed', 'invalid_publish_id', 'token_not_authorized_for_specified_publish_id'],
    ...['publish_not_cancellable', 'insufficient_permissions', 'app_not_approved', 'App not approved', 'Sandbox mode'],
    ...['access_token_expired', 'publish_id_not_found', 'user_has_no_video_post_permission'],
    'privacy_level_not_authorized',
  ],
  upload: ['put_400', 'put_403', 'put_404', 'put_416', 'put_5xx'],
  fail: [
    ...['file_format_check_failed', 'duration_check_failed', 'frame_rate_check_failed', 'picture_size_check_failed'],
    ...['internal', 'video_pull_failed', 'photo_pull_failed', 'publish_cancelled', 'auth_removed', 'spam_risk'],
    ...['spam_risk_too_many_posts', 'spam_risk_user_banned_from_posting', 'spam_risk_text'],
  ],
  any: ['server_unavailable', 'unsupported_path'],
  webhook: [
    ...['webhook_wrong_signature', 'webhook_stale', 'webhook_not_taken', 'webhook_no_events', 'authorization.removed'],
    ...['webhook_no_signature', 'webhook_unreadable', 'webhook_other_app'],
  ],
  guides: ['account_not_authorized', 'domain_not_verified'],
};

const tables = { authorize, token, refresh, api, upload, fail, own, any };
const texts = loadTexts({
  folders: [path.join(projectRoot, 'plugins/tiktok/locales')],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

describe("TikTok's error book", () => {
  it('has advice for each code of the catalogue at each place, and for nothing else', () => {
    for (const place of ['authorize', 'token', 'refresh', 'api', 'upload', 'fail', 'own', 'any'] as const) {
      expect(Object.keys(tables[place]).sort(), place).to.deep.equal(Object.keys(catalogue[place]).sort());
    }
  });

  it('has a page for each code and each other name, and no other page', () => {
    const known = Object.values(catalogue).flatMap((codes) => Object.keys(codes));
    const beside = [...(ofTikTok['webhook'] ?? []), ...(ofTikTok['guides'] ?? [])];
    const pages = createErrorBook(texts.speech('en').t).entries.map(({ code }) => code);
    expect([...pages].sort()).to.deep.equal([...new Set([...known, ...Object.keys(aliases), ...beside])].sort());
  });

  for (const language of ['en', 'th'] as const) {
    const book = createErrorBook(texts.speech(language).t);
    const sections = new Map(book.entries.map((entry) => [entry.code, entry.sections]));

    for (const [place, codes] of Object.entries(ofTikTok)) {
      it(`explains each of TikTok's codes where it comes up, in ${language}: ${place}`, () => {
        for (const code of codes) {
          expect(
            (sections.get(code) ?? []).map((one) => one.place),
            code,
          ).to.include(place);
        }
      });
    }

    it(`says of each what it means, what people read, whether it is tried again and what to do, in ${language}`, () => {
      for (const [code, places] of sections) {
        expect(places, code).not.to.deep.equal([]);
        for (const { place, where, told, about, retry, you, admin } of places) {
          for (const text of [where, told, about, retry.text, ...you, ...admin]) {
            expect(text.trim(), `${code} at ${place}`).not.to.equal('');
            expect(/[฀-๿]/.test(text), `${code} at ${place}: ${text}`).to.equal(language === 'th');
            expect(text.split('**').length % 2, `${code} at ${place}: ${text}`).to.equal(1);
          }
          expect(you.length + admin.length, `${code} at ${place}`).to.be.above(0);
        }
      }
    });
  }

  it('gives steps to whoever can fix it', () => {
    for (const { code, sections } of createErrorBook(texts.speech('en').t).entries) {
      for (const { place, who, you, admin } of sections) {
        const own = { you, team: you, admin, software: [...you, ...admin], network: [...you, ...admin] }[who];
        expect(own, `${code} at ${place}, ${who}`).not.to.deep.equal([]);
      }
    }
  });
});
