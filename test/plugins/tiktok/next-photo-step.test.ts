import { expect } from 'chai';
import type { Step } from '#plugin-api';
import { z } from 'zod';
import { readEnveloped } from '../../../plugins/tiktok/api/read-answer.ts';
import type { Failure } from '../../../plugins/tiktok/api/replies.ts';
import { nextCall, nextStep } from '../../../plugins/tiktok/next-step.ts';
import type { Answer } from '../../../plugins/tiktok/next-step.ts';
import type { PhotosReady, PhotosSent } from '../../../plugins/tiktok/progress.ts';
import type { ListedPhotos, PhotoLookAnswer, Situation } from '../../../plugins/tiktok/situation.ts';
import { errors } from './support.ts';
import { failure, minute, now, rules, situation, status, word } from './situations.ts';

const ready: PhotosReady = { stage: 'photos-ready', lookedAt: now, username: 'hazelandrye', ticket: 'T' };
const sent: PhotosSent = { stage: 'photos-sent', username: 'hazelandrye', looks: 1 };
const mine = { photos: { holdsTicket: true } } as const;

function photos(facts: Partial<Situation> = {}): Situation {
  return situation({ progress: 'none', reference: null, photos: { holdsTicket: false }, ...facts });
}

/** Past the point of no return, about to post. */
function committed(facts: Partial<Situation> = {}): Situation {
  return photos({ progress: ready, pointOfNoReturnAt: now, ...mine, ...facts });
}

function watched(facts: Partial<Situation> = {}): Situation {
  return photos({ progress: sent, reference: 'p_pub_url~v2.1', pointOfNoReturnAt: now, ...facts });
}

const creator = {
  ...{ username: 'hazelandrye', nickname: 'Hazel & Rye', privacyOptions: ['PUBLIC_TO_EVERYONE'] },
  ...{ commentDisabled: false, duetDisabled: false, stitchDisabled: false, maxDurationSeconds: 300 },
};

function looked(facts: Partial<PhotoLookAnswer> = {}): Answer {
  const reply = { ok: true, value: creator, logId: 'L1' } as const;
  return { call: 'look-at-photos', reply, address: 'ready', problems: [], file: 'right', ticket: 'T', ...facts };
}

function afterInit(reply: Failure, facts: Partial<Situation> = {}): string {
  return word(() => nextStep(rules, committed(facts), { call: 'content-init', ready, reply }));
}

describe('The next step of photos', () => {
  it('looks first, and commits the point of no return before anything is sent', () => {
    expect(nextCall(rules, photos())).to.deep.equal({ call: 'look-at-photos' });
    const step = nextStep(rules, photos(), looked());
    expect(step).to.deep.include({ kind: 'continue', stage: 'publishing', at: now, pointOfNoReturn: true });
    expect(step).to.have.property('progress').that.deep.equals(ready);
    expect(step).to.not.have.property('reference');
  });

  it('R36, R37: commits nothing while TikTok may not fetch from here', () => {
    expect(word(() => nextStep(rules, photos(), looked({ address: 'unverified' })))).to.equal(
      'failed address_unverified',
    );
    expect(word(() => nextStep(rules, photos(), looked({ address: 'not-public' })))).to.equal(
      'failed address_not_public',
    );
  });

  it('commits nothing where options do not fit any more, a file has changed, or TikTok refuses', () => {
    const options = [{ field: 'privacy', message: 'No.', about: 'options' }] as const;
    expect(word(() => nextStep(rules, photos(), looked({ problems: options })))).to.equal('attention options_changed');
    expect(word(() => nextStep(rules, photos(), looked({ file: 'changed' })))).to.equal('failed media_changed');
    const banned = failure('spam_risk_user_banned_from_posting', 200);
    expect(word(() => nextStep(rules, photos(), looked({ reply: banned })))).to.match(/^failed/);
    expect(word(() => nextStep(rules, photos(), looked({ reply: failure('no_answer', null) })))).to.equal(
      'throw temporary',
    );
  });

  it('waits for room before the point of no return, never past it', () => {
    const room = { call: 'no-room', at: now + minute, because: 'calls' } as const;
    expect(nextStep(rules, photos(), room)).to.deep.include({ kind: 'wait', at: now + minute });
  });

  it('posts in the call after it, by the process that committed it, once', () => {
    expect(nextCall(rules, committed())).to.deep.equal({ call: 'content-init', ready });
    const value = { publishId: 'p_pub_url~v2.1' };
    const step = nextStep(rules, committed(), { call: 'content-init', ready, reply: { ok: true, value } });
    expect(step).to.deep.include({ kind: 'continue', stage: 'processing', reference: 'p_pub_url~v2.1' });
    expect(step).to.have.property('progress').that.deep.equals(sent);
  });

  it('asks a person where another process, or this one before, may have posted', () => {
    const unknown = 'attention outcome_unknown maybe';
    const next = (facts: Partial<Situation>): string => {
      const made = nextCall(rules, committed(facts));
      return 'kind' in made ? word(() => made) : made.call;
    };
    expect(next({ photos: { holdsTicket: false } })).to.equal(unknown);
    expect(next({ progress: 'unreadable' })).to.equal('attention progress_unreadable maybe');
  });

  it('asks TikTok’s list of public posts where a person has it checked again, and says where that can tell nothing', () => {
    const next = (facts: Partial<Situation>): string => {
      const made = nextCall(rules, committed({ askedAgainAt: now, ...facts }));
      return 'kind' in made ? word(() => made) : made.call;
    };
    expect(next({})).to.equal('photo-list');
    expect(next({ photos: { holdsTicket: false } })).to.equal('photo-list');
    expect(next({ privacy: 'SELF_ONLY' })).to.equal('attention never_listed maybe');
    expect(next({ scopes: ['video.publish'] })).to.equal('attention list_not_allowed maybe');
  });

  it('takes a post in the list for the photos, and none for no proof', () => {
    const listed = (value: ListedPhotos): Step =>
      nextStep(rules, committed({ askedAgainAt: now }), { call: 'photo-list', ready, reply: { ok: true, value } });
    const url = 'https://www.tiktok.com/@hazelandrye/photo/77';
    expect(listed({ seen: 3, alike: 1, id: '77' })).to.deep.include({ kind: 'published', remoteIds: ['77'], url });
    expect(word(() => listed({ seen: 3, alike: 0, id: null }))).to.equal('attention not_listed maybe');
    expect(word(() => listed({ seen: 3, alike: 2, id: null }))).to.equal('attention list_unclear maybe');
    const lost = { call: 'photo-list', ready, reply: failure('no_answer', null) } as const;
    expect(word(() => nextStep(rules, committed({ askedAgainAt: now }), lost))).to.equal('throw temporary');
  });

  it('begins again where what was looked at is old and nothing was sent', () => {
    const step = nextCall(rules, committed({ now: now + 11 * minute }));
    expect('kind' in step ? word(() => step) : step.call).to.equal('start-over not_sent');
  });

  const unclear: readonly (readonly [string, number | null])[] = [
    ['no_answer', null],
    ['stopped', null],
    ['server_unavailable', 502],
    ['internal_error', 500],
    ['unreadable_answer', 200],
    ['gateway_404', 404],
    ['a_code_nobody_knows', 400],
  ];
  for (const [code, http] of unclear) {
    it(`asks a person after ${code}, and never posts again by itself`, () => {
      expect(afterInit(failure(code, http))).to.match(/^attention \w+ maybe$/u);
    });
  }

  it('asks a person after a refusal that names no code of TikTok’s: whoever refused may not have been TikTok', () => {
    for (const http of [401, 403, 429]) {
      for (const text of ['<html>proxy</html>', '{"message":"Too many requests"}']) {
        const reply = readEnveloped({ place: 'api', call: 'content/init' }, { status: http, text }, z.unknown());
        expect(reply.ok ? 'ok' : afterInit(reply), `${http} ${text}`).to.equal('attention outcome_unknown maybe');
      }
    }
  });

  const clear: readonly (readonly [string, number | null, string])[] = [
    ['url_ownership_unverified', 403, 'failed url_ownership_unverified'],
    ['invalid_params', 400, 'failed invalid_params'],
    [
      'unaudited_client_can_only_post_to_private_accounts',
      403,
      'failed unaudited_client_can_only_post_to_private_accounts',
    ],
    ['spam_risk_user_banned_from_posting', 403, 'failed spam_risk_user_banned_from_posting'],
    ['unsupported_path', 404, 'failed unsupported_path'],
    ['rate_limit_exceeded', 429, 'start-over init_postponed'],
    ['spam_risk_too_many_posts', 403, 'start-over init_postponed'],
    ['reached_active_user_cap', 403, 'start-over init_postponed'],
    ['access_token_invalid', 401, 'start-over init_refused'],
    ['scope_not_authorized', 401, 'start-over init_refused'],
    ['privacy_level_option_mismatch', 403, 'start-over init_refused'],
    ['not_sent', null, 'start-over not_sent'],
  ];
  for (const [code, http, expected] of clear) {
    it(`knows that nothing is posted after ${code}`, () => {
      expect(afterInit(failure(code, http))).to.equal(expected);
    });
  }

  it('says what it waits for where TikTok takes no more for an hour, and nothing where it is a minute', () => {
    const after = (code: string, http: number): Step =>
      nextStep(rules, committed(), { call: 'content-init', ready, reply: failure(code, http) });
    for (const [code, sentence] of [
      ['spam_risk_too_many_posts', 'quota_posts'],
      ['reached_active_user_cap', 'quota_users'],
    ] as const) {
      const step = after(code, 403);
      expect(step).to.deep.include({
        ...{ kind: 'start-over', reason: 'init_postponed', hold: 'quota' },
        because: { ...errors.own(sentence, { logId: 'L1' }), code },
      });
    }
    expect(after('rate_limit_exceeded', 429)).to.not.have.any.keys('hold', 'because');
  });

  it('ends what a second look did not explain', () => {
    const earlier = [{ startedAt: now - minute, outcome: 'superseded', reason: 'init_refused' }];
    expect(afterInit(failure('scope_not_authorized', 401), { earlier })).to.equal('failed scope_not_authorized');
    expect(afterInit(failure('rate_limit_exceeded', 429), { earlier })).to.equal('start-over init_postponed');
  });

  it('is published by TikTok’s status alone, with the address of the photos', () => {
    expect(nextCall(rules, watched())).to.deep.equal({ call: 'photo-status', sent });
    const done = status({ status: 'PUBLISH_COMPLETE', postIds: ['7678907398077074696'] });
    const step = nextStep(rules, watched(), { call: 'photo-status', sent, reply: done });
    expect(step).to.include({
      kind: 'published',
      url: 'https://www.tiktok.com/@hazelandrye/photo/7678907398077074696',
    });
    const later = nextStep(rules, watched(), {
      call: 'photo-status',
      sent,
      reply: status({ status: 'PUBLISH_COMPLETE' }),
    });
    expect(later).to.include({ kind: 'published', linkPending: true });
  });

  it('looks again while TikTok fetches and while its answer says nothing, and asks a person after two days', () => {
    const look = (reply: Failure | ReturnType<typeof status>, facts: Partial<Situation> = {}): string =>
      word(() => nextStep(rules, watched(facts), { call: 'photo-status', sent: { ...sent, looks: 9 }, reply }));
    expect(look(status({ status: 'PROCESSING_DOWNLOAD' }))).to.equal('processing');
    expect(look(failure('server_unavailable', 502))).to.equal('processing');
    expect(look(failure('rate_limit_exceeded', 429))).to.equal('processing');
    expect(look(failure('invalid_publish_id'))).to.equal('attention status_unknown maybe');
    const late = { now: now + 49 * 60 * minute };
    expect(look(status({ status: 'PROCESSING_DOWNLOAD' }), late)).to.equal('attention status_unresolved maybe');
  });

  it('begins again once where TikTok could not fetch, and ends with TikTok’s reason otherwise', () => {
    const fail = (failReason: string, facts: Partial<Situation> = {}): string =>
      word(() =>
        nextStep(rules, watched(facts), {
          call: 'photo-status',
          sent,
          reply: status({ status: 'FAILED', failReason }),
        }),
      );
    expect(fail('photo_pull_failed')).to.equal('start-over photo_pull_failed');
    const earlier = [{ startedAt: now, outcome: 'superseded', reason: 'photo_pull_failed' }];
    expect(fail('photo_pull_failed', { earlier })).to.equal('failed photo_pull_failed');
    expect(fail('internal', { earlier })).to.equal('start-over internal');
    expect(fail('picture_size_check_failed')).to.equal('failed picture_size_check_failed');
    expect(fail('photo_pull_failed', { askedAgainAt: now })).to.equal('failed photo_pull_failed');
  });
});
