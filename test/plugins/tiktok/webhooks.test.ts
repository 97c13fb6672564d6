import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import type { WebhookVerdict } from '#plugin-api';
import { TikTokWebhooks } from '../../../plugins/tiktok/webhooks.ts';
import { credentialSet, MovableClock, pluginSettings, t } from './support.ts';

const secret = 'example-client-secret';
const seconds = 1_700_000_005;
const body =
  '{"client_key":"awexample0000000","event":"post.publish.complete","create_time":1700000000,"user_openid":"open-id-1","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.1\\",\\"publish_type\\":\\"DIRECT_POST\\"}"}';
const vector = '07d92db19015b04bc92bc4bbb38186014962f90c9a8f40c8192e41e506d8fbe6';

type Headers = Parameters<TikTokWebhooks['receive']>[0]['headers'];

function sign(text: string, at = seconds, key = secret): string {
  return `t=${at},s=${createHmac('sha256', key).update(`${at}.${text}`).digest('hex')}`;
}

async function receive(headers: Headers, text = body, now = seconds * 1000): Promise<WebhookVerdict> {
  const set = credentialSet({ appKey: 'awexample0000000', secret });
  const settings = pluginSettings(set, '');
  return new TikTokWebhooks({ settings, clock: new MovableClock(now), t }).receive({
    headers,
    body: Buffer.from(text),
  });
}

async function expectRefusal(headers: Headers, text = body, now = seconds * 1000): Promise<void> {
  const verdict = await receive(headers, text, now);
  expect(verdict.accepted).to.equal(false);
  expect(verdict).to.have.property('reason').that.is.a('string').and.not.equal('');
}

describe("TikTok's webhook", () => {
  it('S39: accepts the signature over the raw bytes as documented and wakes the publish it names', async () => {
    expect(Buffer.byteLength(body)).to.equal(200);
    const verdict = await receive({ 'tiktok-signature': `t=${seconds},s=${vector}` });
    expect(verdict).to.deep.include({ accepted: true, event: 'post.publish.complete', wake: ['v_pub_file~v2-1.1'] });
  });

  it('S39: takes the header in any case and an event up to 72 hours late', async () => {
    const late = (seconds + 72 * 3600) * 1000;
    expect((await receive({ 'TikTok-Signature': `t=${seconds},s=${vector}` }, body, late)).accepted).to.equal(true);
  });

  it('S39: gives the same event the same identity, whenever it was signed', async () => {
    const one = await receive({ 'tiktok-signature': sign(body) });
    const two = await receive({ 'tiktok-signature': sign(body, seconds + 60) });
    const other = body.replace('1700000000', '1700000001');
    const three = await receive({ 'tiktok-signature': sign(other) }, other);
    const identities = [one, two, three].map((verdict) => (verdict.accepted ? verdict.identity : ''));
    expect(identities[0]).to.equal(identities[1]).and.not.equal(identities[2]);
  });

  it('S39: refuses an event without a signature', () => expectRefusal({}));

  it('S39: refuses an event signed with another secret', () =>
    expectRefusal({ 'tiktok-signature': sign(body, seconds, 'another secret') }));

  it('S39: refuses an event with one altered byte', () =>
    expectRefusal({ 'tiktok-signature': sign(body) }, body.replace('v2-1.1', 'v2-1.2')));

  it('S39: refuses the same JSON written anew', () =>
    expectRefusal({ 'tiktok-signature': sign(body) }, JSON.stringify(JSON.parse(body), null, 1)));

  it('S39: refuses two headers, as a list, joined, or by two spellings', async () => {
    await expectRefusal({ 'tiktok-signature': [sign(body), sign(body)] });
    await expectRefusal({ 'tiktok-signature': `${sign(body)}, ${sign(body)}` });
    await expectRefusal({ 'tiktok-signature': sign(body), 'TikTok-Signature': sign(body) });
  });

  it('S39: refuses a header that names the signature or the time twice, or in another form', async () => {
    const good = sign(body);
    await expectRefusal({ 'tiktok-signature': `${good},s=${vector}` });
    await expectRefusal({ 'tiktok-signature': `s=${vector},${good}` });
    await expectRefusal({ 'tiktok-signature': `t=1,${good}` });
    await expectRefusal({ 'tiktok-signature': good.toUpperCase() });
    await expectRefusal({ 'tiktok-signature': `t=${seconds},s=` });
    await expectRefusal({ 'tiktok-signature': `t=${seconds}` });
  });

  it('S39: refuses another app’s event, even one signed with this secret', () => {
    const other = body.replace('awexample0000000', 'awother000000000');
    return expectRefusal({ 'tiktok-signature': sign(other) }, other);
  });

  it('S39: refuses a time in the future or more than 72 hours ago', async () => {
    await expectRefusal({ 'tiktok-signature': sign(body) }, body, (seconds - 120) * 1000);
    await expectRefusal({ 'tiktok-signature': sign(body) }, body, (seconds + 72 * 3600 + 1) * 1000);
  });

  it('S39: refuses a body of a megabyte and a body that is no event', async () => {
    const large = body.replace('open-id-1', 'x'.repeat(1_000_000));
    await expectRefusal({ 'tiktok-signature': sign(large) }, large);
    for (const text of ['', 'null', '[]', '"text"', '{"client_key":"awexample0000000"}', '{']) {
      await expectRefusal({ 'tiktok-signature': sign(text) }, text);
    }
  });

  it('S39: refuses everything while the app has no secret', async () => {
    const set = credentialSet({ appKey: 'awexample0000000', secret: '' });
    const receiver = new TikTokWebhooks({
      settings: pluginSettings(set, ''),
      clock: new MovableClock(seconds * 1000),
      t,
    });
    const verdict = await receiver.receive({
      headers: { 'tiktok-signature': sign(body, seconds, '') },
      body: Buffer.from(body),
    });
    expect(verdict.accepted).to.equal(false);
  });

  it('S39: only records what is not about a publish, known or not', async () => {
    for (const event of ['authorization.removed', 'tiktok.ping', 'something.new']) {
      const text = JSON.stringify({
        client_key: 'awexample0000000',
        event,
        create_time: 1_700_000_000_000,
        content: '{"reason":1,"publish_id":"v_pub_file~v2-1.1"}',
      });
      const verdict = await receive({ 'tiktok-signature': sign(text) }, text);
      expect(verdict).to.deep.include({ accepted: true, event, wake: [] });
    }
  });

  it('S39: asks about the profile that a removed authorization names, by app and open id', async () => {
    const facts = { client_key: 'awexample0000000', event: 'authorization.removed', create_time: 1 };
    const text = JSON.stringify({ ...facts, user_openid: 'open-id-1', content: '{"reason":1}' });
    const verdict = await receive({ 'tiktok-signature': sign(text) }, text);
    expect(verdict).to.deep.include({
      wake: [],
      confirm: [{ appKey: 'awexample0000000', accountId: 'open-id-1' }],
    });
  });

  it('S39: wakes nothing when the content of a publish event is not readable', async () => {
    for (const content of ['', '{', '{"publish_id":7}', '[]']) {
      const text = JSON.stringify({
        client_key: 'awexample0000000',
        event: 'post.publish.failed',
        create_time: 1,
        content,
      });
      expect(await receive({ 'tiktok-signature': sign(text) }, text)).to.deep.include({ accepted: true, wake: [] });
    }
  });
});
