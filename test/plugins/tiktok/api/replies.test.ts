import { expect } from 'chai';
import { parseExactJson } from '../../../../plugins/tiktok/api/json-text.ts';
import { presentable, readEmpty, readEnveloped, readFlat } from '../../../../plugins/tiktok/api/read-answer.ts';
import { creatorInfoReply, statusReply, tokenReply } from '../../../../plugins/tiktok/api/replies.ts';

const name = { place: 'api', call: 'post/publish/status/fetch' } as const;

function status(data: string): unknown {
  const text = `{"data":${data},"error":{"code":"ok","message":"","log_id":"L1"}}`;
  const reply = readEnveloped(name, { status: 200, text }, statusReply);
  return reply.ok ? reply.value : reply;
}

describe("TikTok's answers", () => {
  it('keep a 19-digit post id exact, whether in a list, alone, or as text', () => {
    for (const ids of [
      '[7678907398077074696]',
      '7678907398077074696',
      '["7678907398077074696"]',
      '"7678907398077074696"',
    ]) {
      const read = status(`{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":${ids}}`);
      expect(read).to.deep.include({ postIds: ['7678907398077074696'] });
    }
  });

  it('have no post id where the list is empty, absent or null', () => {
    for (const ids of ['[]', 'null', '""', '0']) {
      expect(status(`{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":${ids}}`)).to.deep.include({
        postIds: [],
      });
    }
    expect(status('{"status":"PUBLISH_COMPLETE"}')).to.deep.include({ postIds: [] });
  });

  it('leave digits inside texts and ordinary numbers alone', () => {
    const text = '{"a":"say \\"1234567890123456789\\", 1234567890123456789","b":[12,1.5e3,-7],"c":1700000000000}';
    expect(parseExactJson(text)).to.deep.equal({
      a: 'say "1234567890123456789", 1234567890123456789',
      b: [12, 1500, -7],
      c: 1_700_000_000_000,
    });
  });

  it('keep an unknown status as it came', () => {
    expect(status('{"status":"PROCESSING_SOMETHING_NEW"}')).to.deep.include({ status: 'PROCESSING_SOMETHING_NEW' });
  });

  it('are a failure with HTTP 200 when their code is not ok', () => {
    const text = '{"data":{},"error":{"code":"spam_risk_too_many_posts","message":"cap","log_id":"L2"}}';
    const reply = readEnveloped(name, { status: 200, text }, creatorInfoReply);
    expect(reply).to.deep.include({
      ok: false,
      code: 'spam_risk_too_many_posts',
      status: 200,
      logId: 'L2',
      detail: 'cap',
    });
  });

  it('are a failure of the OAuth endpoint with HTTP 200 when they hold an error', () => {
    const text = '{"error":"invalid_grant","error_description":"Authorization code is expired.","log_id":"L3"}';
    const reply = readFlat({ place: 'token', call: 'oauth/token' }, { status: 200, text }, tokenReply);
    expect(reply).to.deep.include({ ok: false, code: 'invalid_grant', logId: 'L3' });
  });

  it('are a failure of the OAuth endpoint when they hold neither a token nor an error', () => {
    const reply = readFlat({ place: 'token', call: 'oauth/token' }, { status: 200, text: '{}' }, tokenReply);
    expect(reply).to.deep.include({ ok: false, code: 'unreadable_answer' });
  });

  it('are a success of the revoke endpoint when they are empty', () => {
    expect(readEmpty({ place: 'token', call: 'oauth/revoke' }, { status: 200, text: '' }).ok).to.equal(true);
  });

  it('survive without JSON and tell their kind by the status', () => {
    const read = (status: number, text: string): unknown => readEnveloped(name, { status, text }, statusReply);
    expect(read(502, '<html><h1>Bad gateway</h1></html>')).to.deep.include({ ok: false, code: 'server_unavailable' });
    expect(read(200, '<html>')).to.deep.include({ ok: false, code: 'unreadable_answer' });
    expect(read(404, '<html>nginx</html>')).to.deep.include({ ok: false, code: 'gateway_404' });
    expect(read(404, '{"message":"no Route matched"}')).to.deep.include({ ok: false, code: 'gateway_404' });
    expect(read(404, 'Unsupported path(Janus)')).to.deep.include({ ok: false, code: 'unsupported_path' });
    expect(read(429, '')).to.deep.include({ ok: false, code: 'rate_limit_exceeded' });
    expect(read(200, '{"data":{"status":')).to.deep.include({ ok: false, code: 'unreadable_answer' });
  });

  it("pass TikTok's words on without tokens, addresses and markup", () => {
    const words = presentable(
      'Token act.canary-access!4521.e1 at https://open-upload.tiktokapis.com/upload?token=canary <b>is</b>\n wrong',
    );
    expect(words).to.equal('Token … at … is wrong');
  });
});
