import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { dump } from '../../support/replay.ts';
import { addTeamRecords, type TeamRecords } from '../../support/team-records.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

const appKey = 'awexample0000000';
const secret = 'example-client-secret';
const address = '/webhooks/tiktok';
const hours = 3_600;

describe('The address where networks tell us something', () => {
  let whole: WholePanel;
  let records: TeamRecords;
  beforeEach(async () => {
    const environment = { TIKTOK_MODE: 'live', TIKTOK_CLIENT_KEY: appKey, TIKTOK_CLIENT_SECRET: secret };
    whole = await openWholePanel({ environment });
    records = await addTeamRecords(whole.web);
  });
  afterEach(() => whole.close());

  const now = (): number => Math.floor(whole.web.clock.now() / 1_000);
  const eventOf = (facts: Readonly<Record<string, unknown>> = {}): string =>
    JSON.stringify({
      ...{ client_key: appKey, event: 'post.publish.complete', create_time: now(), user_openid: 'open-id-1' },
      content: JSON.stringify({ publish_id: records.reference, publish_type: 'DIRECT_POST' }),
      ...facts,
    });
  const sign = (body: string | Buffer, at = now(), key = secret): string =>
    `t=${at},s=${createHmac('sha256', key).update(`${at}.`).update(body).digest('hex')}`;
  /** As TikTok calls: no cookie, no Origin, JSON. A list sends the header once for each. */
  const call = (body: string, signature: string | string[] | null) => {
    const request = whole.web.stranger().send('post', address).type('application/json');
    return request.set(signature === null ? {} : { 'TikTok-Signature': signature }).send(body);
  };
  const runsAt = async (): Promise<unknown> =>
    Reflect.get(Object(await whole.web.db.knex('jobs').where({ key: '1' }).first('run_at')), 'run_at');

  it('S39: takes a signed event, also 72 hours late, and looks earlier; that is its only effect', async () => {
    const before = await dump(whole.web.db, ['jobs', 'webhook_events']);
    const body = eventOf();
    const late = await call(body, sign(body, now() - 72 * hours));
    expect([late.status, late.body]).to.deep.equal([200, { received: true }]);
    expect(await runsAt()).to.equal(whole.web.clock.now());
    expect(await dump(whole.web.db, ['jobs', 'webhook_events'])).to.equal(before);
  });

  it('S39: thanks for a repeated event and does nothing more', async () => {
    const body = eventOf();
    expect((await call(body, sign(body))).status).to.equal(200);
    await whole.web.db.knex('jobs').update({ run_at: records.runAt });
    const before = await dump(whole.web.db);
    const again = await Promise.all([call(body, sign(body)), call(body, sign(body, now() - hours))]);
    expect(again.map(({ status }) => status)).to.deep.equal([200, 200]);
    expect(await dump(whole.web.db)).to.equal(before);
  });

  it('wakes at the repetition of an event that it could not act on the first time', async () => {
    const { knex } = whole.web.db;
    const body = eventOf();
    await knex.schema.renameTable('attempts', 'attempts_away');
    expect((await call(body, sign(body))).status).to.equal(500);
    await knex.schema.renameTable('attempts_away', 'attempts');
    expect((await call(body, sign(body))).status).to.equal(200);
    expect(await runsAt()).to.equal(whole.web.clock.now());
  });

  it('S39: refuses with 400 or 413 whatever is not exactly what TikTok signed, without any effect', async () => {
    const body = eventOf();
    const good = sign(body);
    const rewritten = JSON.stringify(JSON.parse(body), null, 1);
    const foreign = eventOf({ client_key: 'awanother0000000' });
    const large = eventOf({ padding: 'x'.repeat(1_000_000) });
    const middling = eventOf({ padding: 'x'.repeat(256 * 1_024) });
    const before = await dump(whole.web.db, []);
    const tries: Readonly<Record<string, readonly [string, string | string[] | null, number]>> = {
      'no signature': [body, null, 400],
      'an empty signature': [body, '', 400],
      'another secret': [body, sign(body, now(), 'another'), 400],
      'an empty secret': [body, sign(body, now(), ''), 400],
      'an altered byte': [body.replace('DIRECT', 'dIRECT'), good, 400],
      'a space more': [`${body} `, good, 400],
      'the same JSON written anew': [rewritten, good, 400],
      'the header twice': [body, [good, good], 400],
      'a forged header before the right one': [body, [sign(body, now(), 'another'), good], 400],
      'the signature twice': [body, `${good},s=${'0'.repeat(64)}`, 400],
      'the time twice': [body, `t=1,${good}`, 400],
      'another time than signed': [body, good.replace(/t=\d+/, `t=${now() - 1}`), 400],
      'the future': [body, sign(body, now() + 10 * 60), 400],
      'more than 72 hours ago': [body, sign(body, now() - 72 * hours - 1), 400],
      'the event of another app': [foreign, sign(foreign), 400],
      'no event': ['null', sign('null'), 400],
      'no JSON': ['{', sign('{'), 400],
      'an empty body': ['', sign(''), 400],
      'a list': ['[]', sign('[]'), 400],
      'a megabyte': [large, sign(large), 413],
      'a quarter of a megabyte': [middling, sign(middling), 413],
    };
    for (const [what, [text, signature, status]] of Object.entries(tries)) {
      const answer = await call(text, signature);
      expect(answer.status, what).to.equal(status);
      expect(answer.headers, what).not.to.have.property('set-cookie');
    }
    expect(await dump(whole.web.db, [])).to.equal(before);
  });

  it('S39: takes what it cannot connect with a publish of ours without waking anything', async () => {
    const before = await dump(whole.web.db, ['webhook_events']);
    for (const facts of [
      { content: JSON.stringify({ publish_id: 'v_pub_file~v2-1.2' }) },
      { content: JSON.stringify({ publish_id: { $ne: '' } }) },
      { content: '[]' },
      { content: JSON.stringify({ publish_id: "' or 1=1 -- " }) },
      { event: 'authorization.removed', user_openid: 'open-id-2' },
      { event: '__proto__' },
    ]) {
      const body = eventOf(facts);
      expect((await call(body, sign(body))).status, JSON.stringify(facts)).to.equal(200);
    }
    expect(await dump(whole.web.db, ['webhook_events'])).to.equal(before);
  });

  it('S39: is there for networks that call, and for POST alone', async () => {
    const body = eventOf();
    for (const plugin of ['nobody', '__proto__', 'constructor', 'TikTok']) {
      const request = whole.web.stranger().send('post', `/webhooks/${plugin}`).set('TikTok-Signature', sign(body));
      expect((await request.type('json').send(body)).status, plugin).to.equal(404);
    }
    expect((await whole.web.stranger().get(address)).status).to.equal(404);
  });
});
