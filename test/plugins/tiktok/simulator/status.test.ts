import { expect } from 'chai';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import * as tt from './support.ts';

describe('TikTok simulator, status and cancel', () => {
  let stage: tt.Stage;
  let token: string;
  beforeEach(async () => {
    stage = await tt.openStage();
    token = (await tt.connect(stage)).access_token;
  });
  afterEach(() => stage.close());

  const publish = async (patch: object = {}): Promise<string> => {
    const { publishId, uploadUrl } = await tt.begin(stage, token, { post: { ...tt.publicPost(), ...patch } });
    expect((await tt.putWhole(uploadUrl, tt.someBytes(1000))).status).to.equal(201);
    return publishId;
  };
  const look = async (publishId: string): Promise<unknown> => tt.data(await tt.status(stage, token, publishId));
  const cancel = (publishId: string): Promise<tt.Answer> =>
    tt.postJson(`${stage.url}/v2/post/publish/cancel/`, { publish_id: publishId }, token);

  it('processes for a while, then is complete, and names the post later still', async () => {
    stage.simulator.control.setSwitches({ processing_seconds: 30, post_id_delay_seconds: 120 });
    const publishId = await publish();
    expect(await look(publishId)).to.deep.equal({ status: 'PROCESSING_UPLOAD', uploaded_bytes: 1000 });
    stage.simulator.control.advanceClock(30_000);
    expect(await look(publishId)).to.deep.equal({ status: 'PUBLISH_COMPLETE' });
    stage.simulator.control.advanceClock(120_000);
    expect((await tt.status(stage, token, publishId)).text).to.match(/\[\d{19}\]/);
  });

  it('writes post ids as bare 19-digit numbers that JavaScript cannot hold', async () => {
    const answer = await tt.status(stage, token, await publish());
    const digits = /"publicaly_available_post_id":\[(\d{19})\]/.exec(answer.text)?.[1] ?? '';
    expect(stage.simulator.control.posts()[0]?.post_id).to.equal(digits);
    expect(String(Number(digits))).not.to.equal(digits);
  });

  it('writes them in the other shapes that were seen', async () => {
    const publishId = await publish();
    const shapes = { strings: /_post_id":\["\d{19}"\]/, scalar: /_post_id":\d{19}[,}]/, absent: /^((?!_post_id).)*$/ };
    for (const [shape, expected] of Object.entries(shapes)) {
      stage.simulator.control.setSwitches(
        shape === 'strings'
          ? { post_id_shape: 'strings' }
          : shape === 'scalar'
            ? { post_id_shape: 'scalar' }
            : { post_id_shape: 'absent' },
      );
      expect((await tt.status(stage, token, publishId)).text).to.match(expected);
    }
  });

  it('names no post that is not public', async () => {
    expect(await look(await publish({ privacy_level: 'SELF_ONLY' }))).to.deep.equal({ status: 'PUBLISH_COMPLETE' });
  });

  it('keeps processing until released while processing_hold is on', async () => {
    stage.simulator.control.setSwitches({ processing_hold: true });
    const publishId = await publish();
    stage.simulator.control.advanceClock(7_000_000);
    expect(await look(publishId)).to.include({ status: 'PROCESSING_UPLOAD' });
    expect(stage.simulator.control.release(publishId)).to.equal(1);
    expect(await look(publishId)).to.include({ status: 'PUBLISH_COMPLETE' });
  });

  it('fails with the reason a switch ordered, and the post never became real', async () => {
    stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'spam_risk_text' }],
    });
    expect(await look(await publish())).to.deep.equal({ status: 'FAILED', fail_reason: 'spam_risk_text' });
    expect(stage.simulator.control.posts()).to.deep.equal([]);
    expect(await look(await publish())).to.include({ status: 'PUBLISH_COMPLETE' });
  });

  it('fails with auth_removed when the person leaves during processing', async () => {
    stage.simulator.control.setSwitches({ processing_seconds: 60 });
    const publishId = await publish();
    stage.simulator.control.revokeAuthorization({ account: 'hazelandrye' });
    expect((await tt.status(stage, token, publishId)).status).to.equal(401);
    token = (await tt.connect(stage)).access_token;
    expect(await look(publishId)).to.deep.equal({ status: 'FAILED', fail_reason: 'auth_removed' });
  });

  it('refuses unknown ids and other people’s', async () => {
    const unknown = await tt.status(stage, token, 'v_pub_file~v2-1.1');
    expect([unknown.status, tt.code(unknown)]).to.deep.equal([400, 'invalid_publish_id']);
    const publishId = await publish();
    const others = [
      await tt.connect(stage, { account: 'ryeclub' }),
      await tt.connect(stage, { app: demoApps.sandbox }),
    ];
    for (const other of others) {
      const answer = await tt.status(stage, other.access_token, publishId);
      expect([answer.status, tt.code(answer)]).to.deep.equal([400, 'token_not_authorized_for_specified_publish_id']);
    }
  });

  it('cancels while bytes are missing and not afterwards', async () => {
    const { publishId, uploadUrl } = await tt.begin(stage, token);
    const done = await cancel(publishId);
    expect(done.text).to.match(/^\{"error":\{"code":"ok"/);
    expect(await look(publishId)).to.deep.equal({ status: 'FAILED', fail_reason: 'publish_cancelled' });
    expect((await tt.putWhole(uploadUrl, tt.someBytes(1000))).status).to.equal(404);
    stage.simulator.control.setSwitches({ processing_seconds: 60 });
    expect(tt.code(await cancel(await publish()))).to.equal('publish_not_cancellable');
  });

  it('refuses the thirty-first look in a minute', async () => {
    const publishId = await publish();
    for (let n = 0; n < 30; n += 1) expect((await tt.status(stage, token, publishId)).status).to.equal(200);
    expect((await tt.status(stage, token, publishId)).status).to.equal(429);
  });
});
