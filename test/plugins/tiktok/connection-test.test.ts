import { expect } from 'chai';
import type { ConnectionTestResult } from '#plugin-api';
import { createConnectionTest } from '../../../plugins/tiktok/connection-test.ts';
import { demoApps, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { clientFor, errors, t } from './support.ts';

describe('Test connection', () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());

  function ask(appKey: string, secret: string): Promise<ConnectionTestResult> {
    const test = createConnectionTest(clientFor(simulator.url), errors, t);
    return test.run({ appKey, text: (field) => (field === 'appSecret' ? secret : '') });
  }

  it('says that TikTok accepts App ID and App Secret', async () => {
    const { client_key: key, client_secret: secret } = demoApps.live;
    expect(await ask(key, secret)).to.include({ ok: true, code: 'ok' });
  });

  it('shows TikTok’s code and log id and explains them when it does not, whatever the status', async () => {
    for (const status of ['200', '400'] as const) {
      simulator.control.setSwitches({ oauth_error_status: status });
      const result = await ask(demoApps.live.client_key, 'canary-secret');
      expect(result).to.include({ ok: false, code: 'invalid_client' });
      expect(result.logId).to.be.a('string');
      expect(result.sentence).to.match(/App ID together with the App Secret/u);
      expect(JSON.stringify(result)).to.not.include('canary');
    }
  });

  it('asks nothing while a value is missing', async () => {
    const before = simulator.control.requests().length;
    expect(await ask('', 'x')).to.include({ ok: false });
    expect(await ask('x', '')).to.include({ ok: false });
    expect(simulator.control.requests()).to.have.length(before);
  });

  it('says so when TikTok does not answer or answers with a page', async () => {
    simulator.control.setSwitches({
      failures: [
        { endpoint: 'oauth/token', kind: 'drop-before' },
        { endpoint: 'oauth/token', kind: 'html-body' },
      ],
    });
    expect(await ask('a', 'b')).to.include({ ok: false, code: 'no_answer' });
    const page = await ask('a', 'b');
    expect(page.ok).to.equal(false);
    expect(page.sentence).to.not.match(/[<>]/u);
  });
});
