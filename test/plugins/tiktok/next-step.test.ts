import { expect } from 'chai';
import type { Step } from '#plugin-api';
import { planChunks } from '../../../plugins/tiktok/api/chunks.ts';
import type { Failure, Reply, VideoInit } from '../../../plugins/tiktok/api/replies.ts';
import { nextCall, nextStep } from '../../../plugins/tiktok/next-step.ts';
import type { Situation } from '../../../plugins/tiktok/situation.ts';
import { failure, minute, now, put, rules, situation, size, uploading, word } from './situations.ts';

describe('the next call', () => {
  const call = (facts: Partial<Situation>): string => {
    const next = nextCall(rules, situation(facts));
    return 'call' in next ? next.call : word(() => next);
  };
  const last = { progress: uploading({ offset: 20_000_000 }) };

  it('looks first, and again when the look is more than ten minutes old', () => {
    const { lookedAt, plan, sha256, username } = uploading();
    const ready = { stage: 'ready', lookedAt, plan, sha256, username } as const;
    expect(call({ progress: 'none' })).to.equal('look');
    expect(call({ progress: ready })).to.equal('init');
    expect(call({ progress: ready, now: now + 11 * minute })).to.equal('look');
  });

  it('sends a piece only in the process that knows where the upload stands', () => {
    expect(call({})).to.equal('put');
    expect(call({ writer: 'another' })).to.equal('status');
    expect(call({ progress: uploading({ uncertain: true }) })).to.equal('status');
    expect(call({ progress: uploading({ offset: 17 }) })).to.equal('status');
  });

  it('sends the last piece only after the point of no return was stored', () => {
    expect(call(last)).to.equal('publishing !');
    expect(call({ ...last, pointOfNoReturnAt: now })).to.equal('put');
    expect(call({ ...last, pointOfNoReturnAt: now, writer: 'another' })).to.equal('status');
  });

  it('crosses the point of no return at once for a file of one piece', () => {
    expect(call({ progress: uploading({ plan: planChunks(1000) }) })).to.equal('publishing !');
  });

  it('begins no piece that would not end within the link’s hour', () => {
    const at = (minutes: number, bytesPerMs: number | null): string =>
      call({ now: now + minutes * minute, progress: uploading({ bytesPerMs, offset: 10_000_000 }) });
    expect(at(57, 10_000)).to.equal('put');
    expect(at(58, 10_000)).to.equal('start-over url_expired');
    expect(at(55, null)).to.equal('put');
    expect(at(56, null)).to.equal('start-over url_expired');
    expect(call({ ...last, now: now + 58 * minute })).to.equal('start-over url_expired');
  });

  it('resumes past the point of no return only while the link is under 55 minutes old', () => {
    expect(call({ ...last, pointOfNoReturnAt: now, now: now + 54 * minute })).to.equal('put');
    expect(call({ ...last, pointOfNoReturnAt: now, now: now + 55 * minute })).to.equal('status');
  });

  it('does not take an upload host that was away for a slow connection, however often', () => {
    const earlier = [1, 2].map(() => ({ startedAt: now, outcome: 'superseded', reason: 'url_expired' }));
    const away = [uploading(), uploading({ offset: 10_000_000, tries: 7 })];
    for (const progress of away) {
      expect(call({ progress, earlier, now: now + 59 * minute })).to.equal('start-over upload_stalled');
    }
  });

  it('gives up notes that cannot be read, or has a person look when it may be posted', () => {
    expect(call({ progress: 'unreadable' })).to.equal('start-over progress_unreadable');
    expect(call({ progress: 'unreadable', pointOfNoReturnAt: now })).to.equal('attention progress_unreadable maybe');
  });

  it('sends nothing without a privacy that a person chose, and only looks after what may be posted', () => {
    expect(call({ privacy: null })).to.equal('failed options_unreadable');
    expect(call({ privacy: null, progress: 'none' })).to.equal('failed options_unreadable');
    expect(call({ privacy: null, ...last, pointOfNoReturnAt: now, writer: 'another' })).to.equal('status');
  });

  it('gives an upload up that was too slow three times', () => {
    const earlier = [1, 2].map(() => ({ startedAt: now, outcome: 'superseded', reason: 'url_expired' }));
    expect(call({ ...last, earlier, now: now + 59 * minute })).to.equal('failed upload_too_slow');
  });
});

describe('the step when there is no room for a call', () => {
  const after = (wait: number, because: 'calls' | 'posts' | 'users'): Step =>
    nextStep(rules, situation({}), { call: 'no-room', at: now + wait, because });

  it('waits without a word for up to ten minutes', () => {
    expect(after(10 * minute, 'calls')).to.deep.equal({ kind: 'wait', at: now + 10 * minute });
  });

  it('holds with an explanation when it is longer', () => {
    for (const because of ['calls', 'posts', 'users'] as const) {
      const step = after(11 * minute, because);
      expect(step).to.include({ kind: 'wait', hold: 'quota', at: now + 11 * minute });
      expect(step).to.have.nested.property('because.code', `room_${because}`);
    }
  });
});

describe('the step after an opening', () => {
  const after = (reply: Reply<VideoInit>, facts: Partial<Situation> = {}): string => {
    const { lookedAt, plan, sha256, username } = uploading();
    const ready = { stage: 'ready', lookedAt, plan, sha256, username } as const;
    const s = situation({ progress: ready, reference: null, ...facts });
    return word(() => nextStep(rules, s, { call: 'init', ready, askedAt: now, reply, hostIsTrusted: true }));
  };

  it('stores publish_id and address before any byte', () => {
    const value = { publishId: 'v_pub_file~v2-1.1', uploadUrl: 'https://open-upload.tiktokapis.com/x' };
    expect(after({ ok: true, value })).to.equal('publishing');
  });

  it('begins again after every answer that tells nothing', () => {
    const codes: readonly (readonly [string, number | null])[] = [
      ['no_answer', null],
      ['unreadable_answer', 200],
      ['server_unavailable', 502],
      ['internal_error', 500],
      ['brand_new', 503],
    ];
    for (const [code, http] of codes) expect(after(failure(code, http)), code).to.equal('start-over init_lost');
  });

  const refusals: Readonly<Record<string, string>> = {
    access_token_invalid: 'throw reconnect',
    scope_not_authorized: 'failed scope_not_authorized',
    invalid_params: 'failed invalid_params',
    invalid_param: 'failed invalid_param',
    privacy_level_option_mismatch: 'attention privacy_level_option_mismatch',
    privacy_level_not_authorized: 'attention privacy_level_not_authorized',
    unaudited_client_can_only_post_to_private_accounts: 'failed unaudited_client_can_only_post_to_private_accounts',
    reached_active_user_cap: 'wait',
    spam_risk_too_many_posts: 'wait',
    spam_risk_user_banned_from_posting: 'failed spam_risk_user_banned_from_posting',
    user_has_no_video_post_permission: 'failed user_has_no_video_post_permission',
    app_not_approved: 'failed app_not_approved',
    rate_limit_exceeded: 'throw rate-limited',
    brand_new: 'throw temporary',
    unsupported_path: 'failed unsupported_path',
    gateway_404: 'throw temporary',
    stopped: 'throw temporary',
  };
  for (const [code, expected] of Object.entries(refusals)) {
    it(`acts on ${code} as on a refusal, with nothing posted`, () => {
      expect(after(failure(code, code === 'rate_limit_exceeded' ? 429 : 403))).to.equal(expected);
    });
  }

  it('holds until TikTok’s cap may have room again', () => {
    const { lookedAt, plan, sha256, username } = uploading();
    const ready = { stage: 'ready', lookedAt, plan, sha256, username } as const;
    for (const code of ['reached_active_user_cap', 'spam_risk_too_many_posts']) {
      const answer = { call: 'init', ready, askedAt: now, reply: failure(code, 403), hostIsTrusted: true } as const;
      const step = nextStep(rules, situation({ progress: ready }), answer);
      expect(step).to.include({ kind: 'wait', hold: 'quota' });
      expect(step).to.have.nested.property('because.code', code);
      expect('at' in step ? step.at - now : 0).to.be.within(60 * minute, 75 * minute);
    }
  });

  it('waits with the third attempt within an hour, but not for those given up by an edit', () => {
    const { lookedAt, plan, sha256, username } = uploading();
    const ready = { stage: 'ready', lookedAt, plan, sha256, username } as const;
    const at = (reason: string): number => {
      const earlier = [20, 10].map((age) => ({ startedAt: now - age * minute, outcome: 'superseded', reason }));
      const answer = {
        call: 'init',
        ready,
        askedAt: now,
        reply: failure('no_answer', null),
        hostIsTrusted: true,
      } as const;
      const step = nextStep(rules, situation({ progress: ready, earlier }), answer);
      return 'at' in step ? (step.at - now) / minute : 0;
    };
    expect(at('init_lost')).to.equal(45);
    expect(at('edited')).to.equal(1);
  });

  it('asks for reconnecting when the profile did not grant the permission', () => {
    expect(after(failure('scope_not_authorized', 401), { scopes: ['user.info.basic'] })).to.equal('throw reconnect');
  });

  it('S27: sends nothing to an address that is not TikTok’s', () => {
    const { lookedAt, plan, sha256, username } = uploading();
    const ready = { stage: 'ready', lookedAt, plan, sha256, username } as const;
    const reply = { ok: true, value: { publishId: 'p', uploadUrl: 'https://evil.example/canary' } } as const;
    const answer = { call: 'init', ready, askedAt: now, reply, hostIsTrusted: false } as const;
    const step = nextStep(rules, situation({ progress: ready }), answer);
    expect(word(() => step)).to.equal('failed upload_host_refused');
    expect(JSON.stringify(step)).to.not.include('canary');
  });
});

describe('the step after a piece', () => {
  const first = uploading();
  const last = uploading({ offset: 20_000_000 });
  const early = (http: number | Failure, reported: number | null = null): Step =>
    nextStep(rules, situation({ progress: first }), put(first, http, reported));
  const late = (http: number | Failure, reported: number | null = null): Step =>
    nextStep(rules, situation({ progress: last, pointOfNoReturnAt: now }), put(last, http, reported));
  const notes = (step: Step): unknown => (step.kind === 'continue' ? step.progress : step.kind);

  it('goes on with the next piece after 206', () => {
    for (const reported of [null, 10_000_000, 9_999_999]) {
      expect(notes(early(206, reported))).to.include({ offset: 10_000_000, uncertain: false, tries: 0 });
    }
  });

  it('asks how far the upload is when 206 tells another progress', () => {
    expect(notes(early(206, 20_000_000))).to.include({ offset: 0, uncertain: true });
  });

  it('is processing after 201 for the last piece', () => {
    expect(word(() => late(201))).to.equal('processing');
    expect(notes(late(201))).to.include({ complete: true });
  });

  it('believes 201 before the last piece only after asking, past the point of no return', () => {
    expect(word(() => early(201))).to.equal('processing !');
    expect(notes(early(201))).to.include({ complete: false });
  });

  it('goes on where 416 says', () => {
    expect(notes(early(416, 20_000_000))).to.include({ offset: 20_000_000, uncertain: false });
    expect(notes(early(416, 9_999_999))).to.include({ offset: 10_000_000 });
    expect(notes(early(416))).to.include({ offset: 0, uncertain: true });
    expect(word(() => early(416, 5_000_000))).to.equal('start-over offset_unclear');
    expect(notes(late(416, 5_000_000))).to.include({ uncertain: true });
    expect(notes(late(416, size))).to.include({ uncertain: true });
  });

  it('begins again after 403 and 404 before the point of no return, and asks after it', () => {
    for (const http of [403, 404]) {
      expect(word(() => early(http))).to.equal('start-over upload_refused');
      expect(notes(late(http))).to.include({ uncertain: true });
    }
  });

  it('tells an address that is over from one that TikTok refuses while it lives, the third time, too', () => {
    const after = (http: number, age: number, reason: string): string => {
      const earlier = [1, 2].map(() => ({ startedAt: now, outcome: 'superseded', reason }));
      return word(() => nextStep(rules, situation({ now: now + age, earlier }), put(first, http)));
    };
    for (const http of [403, 404]) {
      expect(after(http, minute, 'upload_refused')).to.equal('failed upload_refused');
      expect(after(http, minute, 'url_expired')).to.equal('start-over upload_refused');
      expect(after(http, 57 * minute, 'upload_refused')).to.equal('failed upload_refused');
      expect(after(http, 58 * minute, 'upload_refused')).to.equal('start-over url_expired');
      expect(after(http, 58 * minute, 'url_expired')).to.equal('failed upload_too_slow');
    }
  });

  it('fails after 400 before the point of no return, and asks after it', () => {
    expect(word(() => early(400))).to.equal('failed put_400');
    expect(notes(late(400))).to.include({ uncertain: true });
  });

  it('sends the same piece again after 5xx, five times at most, then asks', () => {
    let upload = first;
    for (let tries = 1; tries <= 4; tries += 1) {
      const step = nextStep(rules, situation({ progress: upload }), put(upload, 503));
      expect(notes(step)).to.include({ offset: 0, uncertain: false, tries });
      upload = { ...upload, tries };
    }
    expect(notes(nextStep(rules, situation({ progress: upload }), put(upload, 503)))).to.include({ uncertain: true });
  });

  it('asks after ever longer pauses when the last piece does not arrive', () => {
    const pauses = [0, 1, 2, 3, 4, 9].map((tries) => {
      const upload = { ...last, tries };
      const step = nextStep(rules, situation({ progress: upload, pointOfNoReturnAt: now }), put(upload, 404));
      return 'at' in step ? (step.at - now) / 1000 : undefined;
    });
    expect(pauses).to.deep.equal([5, 10, 20, 30, 60, 60]);
  });

  it('does not follow 416 from piece to piece for ever', () => {
    const restless = { ...first, tries: 4 };
    const step = nextStep(rules, situation({ progress: restless }), put(restless, 416, 20_000_000));
    expect(notes(step)).to.include({ uncertain: true, tries: 5 });
  });

  it('asks after no answer and after an answer that nobody documents', () => {
    for (const http of [failure('no_answer', null), 302, 418, 206] as const) {
      expect(notes(late(http))).to.include({ uncertain: true });
    }
    expect(notes(early(failure('no_answer', null)))).to.include({ uncertain: true });
  });

  it('fails when the file is gone or changed, unless it may be posted: then it asks', () => {
    const gone = { ...failure('media_changed', null), place: 'own' } as const;
    expect(word(() => early(gone))).to.equal('failed media_changed');
    expect(notes(late(gone))).to.include({ uncertain: true });
  });

  it('decides nothing when this process was stopped', () => {
    expect(word(() => late(failure('stopped', null)))).to.equal('throw temporary');
  });
});
