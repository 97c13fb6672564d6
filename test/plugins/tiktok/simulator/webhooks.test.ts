import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import { signature } from '../../../../plugins/tiktok/simulator/webhooks.ts';
import * as tt from './support.ts';

interface Received {
  readonly body: string;
  readonly signature: string;
}

const eventShape = z.object({
  client_key: z.string(),
  event: z.string(),
  create_time: z.number(),
  user_openid: z.string().optional(),
  content: z.string().transform((content) => z.record(z.string(), z.unknown()).parse(JSON.parse(content))),
});

/** A receiver that answers with the statuses in `plan`, then with 200. */
class Receiver {
  readonly received: Received[] = [];
  plan: number[] = [];
  #server: Server | undefined;
  #waiting: { count: number; resolve: () => void } | undefined;

  async open(): Promise<string> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        this.received.push({ body, signature: String(request.headers['tiktok-signature']) });
        response.writeHead(this.plan.shift() ?? 200).end();
        if (this.#waiting && this.received.length >= this.#waiting.count) this.#waiting.resolve();
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/webhooks/tiktok`;
  }

  async until(count: number): Promise<readonly z.infer<typeof eventShape>[]> {
    if (this.received.length < count) await new Promise<void>((resolve) => (this.#waiting = { count, resolve }));
    return this.received.map(({ body }) => eventShape.parse(JSON.parse(body)));
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

describe('TikTok simulator, webhooks', () => {
  let stage: tt.Stage;
  let receiver: Receiver;
  let tokens: tt.Tokens;
  beforeEach(async () => {
    stage = await tt.openStage();
    receiver = new Receiver();
    stage.simulator.control.putApp({ client_key: demoApps.live.client_key, webhook_url: await receiver.open() });
    tokens = await tt.connect(stage);
  });
  afterEach(async () => {
    receiver.close();
    await stage.close();
  });

  const publish = async (privacy = 'PUBLIC_TO_EVERYONE'): Promise<string> => {
    const { publishId, uploadUrl } = await tt.begin(stage, tokens.access_token, {
      post: { ...tt.publicPost(), privacy_level: privacy },
    });
    await tt.putWhole(uploadUrl, tt.someBytes(1000));
    return publishId;
  };

  it('signs as TikTok’s vector says', () => {
    const body =
      '{"client_key":"awexample0000000","event":"post.publish.complete","create_time":1700000000,"user_openid":"open-id-1","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.1\\",\\"publish_type\\":\\"DIRECT_POST\\"}"}';
    expect(Buffer.byteLength(body)).to.equal(200);
    expect(signature('example-client-secret', body, 1_700_000_005_000)).to.equal(
      't=1700000005,s=07d92db19015b04bc92bc4bbb38186014962f90c9a8f40c8192e41e506d8fbe6',
    );
  });

  it('tells of a finished and then of a publicly visible post, content as a string of JSON, signed', async () => {
    const publishId = await publish();
    const events = await receiver.until(2);
    const named = new Map(events.map((event) => [event.event, event]));
    const done = named.get('post.publish.complete');
    expect(done).to.deep.equal({
      client_key: demoApps.live.client_key,
      event: 'post.publish.complete',
      create_time: tt.START / 1000,
      user_openid: tokens.open_id,
      content: { publish_id: publishId, publish_type: 'DIRECT_POST' },
    });
    expect(named.get('post.publish.publicly_available')?.content['post_id']).to.match(/^\d{19}$/);
    for (const { body, signature: sign } of receiver.received)
      expect(sign).to.equal(signature(demoApps.live.client_secret, body, tt.START));
  });

  it('tells of a failed publish with its reason', async () => {
    stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'spam_risk' }],
    });
    await publish();
    const [event] = await receiver.until(1);
    expect([event?.event, event?.content['reason']]).to.deep.equal(['post.publish.failed', 'spam_risk']);
  });

  it('tries again, ever later, until the answer is 200', async () => {
    receiver.plan = [500, 302];
    await publish('SELF_ONLY');
    await receiver.until(1);
    const attempts = (): number => stage.simulator.control.webhooks()[0]?.attempts.length ?? 0;
    for (let n = 1; n < 3; n += 1) {
      while (attempts() < n) await new Promise((resolve) => setImmediate(resolve));
      stage.simulator.control.advanceClock(1000 * 2 ** (n - 1));
      await receiver.until(n + 1);
    }
    while (attempts() < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(stage.simulator.control.webhooks()[0]).to.include({ isDelivered: true });
    expect(new Set(receiver.received.map(({ body }) => body)).size).to.equal(1);
  });

  it('sends duplicates and swaps the order when switches say so', async () => {
    stage.simulator.control.setSwitches({ webhook_duplicates: true, webhook_out_of_order: true });
    await publish();
    const events = (await receiver.until(4)).map((event) => event.event);
    expect(events.filter((event) => event === 'post.publish.complete')).to.have.length(2);
    expect(events[0]).to.equal('post.publish.publicly_available');
  });

  it('tells of a withdrawn authorization after the tokens are dead', async () => {
    stage.simulator.control.revokeAuthorization({ account: 'hazelandrye', reason: 1 });
    const [event] = await receiver.until(1);
    expect(event).to.deep.include({
      event: 'authorization.removed',
      user_openid: tokens.open_id,
      content: { reason: 1 },
    });
    expect((await tt.userInfo(stage, tokens.access_token, 'open_id')).status).to.equal(401);
  });

  it('sends the portal’s test ping, with its time in milliseconds', async () => {
    stage.simulator.control.sendWebhook({ client_key: demoApps.live.client_key });
    const [event] = await receiver.until(1);
    expect(event).to.deep.include({
      event: 'tiktok.ping',
      create_time: tt.START,
      content: { reason: 'testing Webhook' },
    });
  });

  it('sends nothing while webhooks are off', async () => {
    stage.simulator.control.setSwitches({ webhooks: 'off' });
    await publish();
    expect(stage.simulator.control.webhooks()).to.deep.equal([]);
  });
});
