import { expect } from 'chai';
import type { ChannelView, CredentialSet, DoctorLook, OwnAnswer, WebhookTrace } from '#plugin-api';
import { TikTokClient } from '../../../../plugins/tiktok/api/client.ts';
import { TikTokConnector } from '../../../../plugins/tiktok/connector.ts';
import { createDoctor } from '../../../../plugins/tiktok/doctor/index.ts';
import { demoApps, type Simulator, startSimulator } from '../../../../plugins/tiktok/simulator/index.ts';
import { allScopes, credentialSet, errors, MovableClock, pluginHost } from '../support.ts';

const publicUrl = 'http://localhost:3000';
const nothing: WebhookTrace = { lastTakenAt: undefined, refusedAt: {} };
const answers = (status: number): OwnAnswer => {
  return { kind: 'answer', status, contentType: 'text/html', location: '', body: new Uint8Array() };
};

function appOf(name: 'live' | 'sandbox', more: Partial<CredentialSet> = {}): CredentialSet {
  const { client_key: appKey, client_secret: secret } = demoApps[name];
  return { ...credentialSet({ appKey, secret }), id: name, ...more };
}

function channelWith(scopes: readonly string[], appKey: string = demoApps.live.client_key): ChannelView {
  return {
    ...{ id: 1, teamId: 1, accountId: 'a', nickname: 'Hazel & Rye', username: 'hazelandrye', mode: 'live', appKey },
    ...{ state: 'connected', scopes, zone: 'UTC' },
  };
}

describe('TikTok’s part of the setup check', () => {
  const clock = new MovableClock(Date.UTC(2026, 10, 21, 12));
  let simulator: Simulator;
  let sets: readonly CredentialSet[] = [];
  let channels: readonly ChannelView[] = [];
  let own: OwnAnswer = answers(400);
  let address = publicUrl;
  let trace = nothing;

  before(async () => {
    simulator = await startSimulator({ now: () => clock.now() });
  });
  after(() => simulator.close());
  beforeEach(() => {
    sets = [appOf('live'), appOf('sandbox')];
    channels = [];
    own = answers(400);
    address = publicUrl;
    trace = nothing;
    simulator.control.reset();
  });

  async function look(id: string) {
    const host = pluginHost({ url: simulator.url, clock });
    const settings = {
      ...host.settings,
      active: () => Promise.resolve(sets[0]),
      complete: () => Promise.resolve(sets),
    };
    const client = new TikTokClient(host.http, simulator.url);
    const urls = { ...host.urls, publicUrl: address, callbackUrl: `${address}/app/tiktok/profile` };
    const whole = { ...host, urls, settings, channels: { ...host.channels, all: () => Promise.resolve(channels) } };
    const { checks } = createDoctor({
      host: whole,
      client,
      errors,
      connector: new TikTokConnector(whole, client, errors),
    });
    const around: DoctorLook = {
      signal: new AbortController().signal,
      fetchOwn: () => Promise.resolve(own),
      webhooks: () => Promise.resolve(trace),
    };
    const check = checks.find((one) => one.id === id);
    if (check === undefined) throw new Error(`There is no check ${id}.`);
    return check.run(around);
  }

  describe('keys', () => {
    it('are fine where TikTok accepts those of both sets', async () => {
      expect(await look('keys')).to.include({ tone: 'ok', kind: 'ok', sentence: 'accepted by TikTok (Live)' });
    });

    it('are missing while the set in use is incomplete', async () => {
      sets = [];
      expect(await look('keys')).to.include({ tone: 'bad', kind: 'missing', who: 'admin' });
    });

    it('are refused with TikTok’s code and log id, and told where the right ones stand', async () => {
      sets = [appOf('live', { text: () => 'not-the-secret' })];
      const found = await look('keys');
      expect(found).to.include({ tone: 'bad', kind: 'refused', code: 'invalid_client', place: 'token' });
      expect(found.logId).to.match(/^\w{20,}$/u);
      expect(found.steps[0]).to.contain('Manage apps').and.to.contain('Production');
    });

    it('are told apart when App ID and App Secret were swapped, without asking TikTok', async () => {
      sets = [appOf('live', { appKey: demoApps.live.client_secret, text: () => demoApps.live.client_key })];
      expect(await look('keys')).to.include({ tone: 'bad', kind: 'swapped' });
      expect(simulator.control.requests()).to.deep.equal([]);
    });

    it('warn when a sandbox’s key stands in the set Live', async () => {
      sets = [appOf('sandbox', { id: 'live' })];
      expect(await look('keys')).to.include({ tone: 'warn', kind: 'wrong-set' });
    });

    it('warn when the kept set is refused', async () => {
      sets = [appOf('live'), appOf('sandbox', { text: () => 'not-the-secret' })];
      expect(await look('keys')).to.include({ tone: 'warn', kind: 'kept-refused', code: 'invalid_client' });
    });

    it('stay unknown while TikTok is not reached', async () => {
      simulator.control.setSwitches({ failures: [{ endpoint: 'oauth/token', kind: 'drop-before', times: 2 }] });
      expect(await look('keys')).to.include({ tone: 'warn', kind: 'unanswered', who: 'network' });
    });
  });

  describe('the callback', () => {
    const at = (callbackUrl: string) => [appOf('live', { callbackUrl })];

    it('is fine where TikTok receives it byte for byte and we answer there', async () => {
      address = 'https://panel.example.org';
      sets = at(`${address}/app/tiktok/profile`);
      expect(await look('callback')).to.include({ tone: 'ok', kind: 'ok' });
    });

    it('is what TikTok receives, and works for a trial where it is local', async () => {
      const found = await look('callback');
      expect(found).to.include({ tone: 'warn', kind: 'local' });
      expect(found.sentence).to.contain(`${publicUrl}/app/tiktok/profile`);
    });

    it('is refused with a trailing slash that the registered one has not', async () => {
      sets = at(`${publicUrl}/app/tiktok/profile/`);
      const found = await look('callback');
      expect(found).to.include({ tone: 'bad', kind: 'slash' });
      expect(found.steps[1]).to.contain('Login Kit, Redirect URI');
    });

    it('is to be looked at where it leads elsewhere', async () => {
      sets = at('https://other.example.org/app/tiktok/profile');
      expect(await look('callback')).to.include({ tone: 'warn', kind: 'elsewhere' });
    });

    it('is bad where nobody answers at it', async () => {
      own = answers(404);
      expect(await look('callback')).to.include({ tone: 'bad', kind: 'absent' });
      own = { kind: 'none', why: 'no-answer', code: 'ECONNREFUSED' };
      expect(await look('callback')).to.include({ tone: 'warn', kind: 'unreachable', code: 'ECONNREFUSED' });
    });

    it('waits for an app', async () => {
      sets = [];
      expect(await look('callback')).to.include({ tone: 'warn', kind: 'missing' });
    });
  });

  describe('scopes', () => {
    it('are fine before anybody connected, and where everybody granted all', async () => {
      expect(await look('scopes')).to.include({ tone: 'ok', kind: 'nobody' });
      channels = [channelWith(allScopes), channelWith(allScopes)];
      expect(await look('scopes')).to.include({ tone: 'ok', kind: 'ok' });
    });

    it('name what some did not grant, and do not count those of another app', async () => {
      const some = allScopes.filter((scope) => scope !== 'video.list');
      channels = [channelWith(allScopes), channelWith(some), channelWith([], demoApps.sandbox.client_key)];
      const found = await look('scopes');
      expect(found).to.include({ tone: 'warn', kind: 'missing', who: 'team' });
      expect(found.sentence).to.equal('One of 2 profiles did not grant video.list');
    });

    it('are bad where nobody ever granted one: the app does not have it', async () => {
      channels = [channelWith(allScopes.filter((scope) => scope !== 'video.publish'))];
      const found = await look('scopes');
      expect(found).to.include({ tone: 'bad', kind: 'never', who: 'admin' });
      expect(found.steps[0]).to.contain('video.publish').and.to.contain('Production');
    });
  });

  describe('the webhook', () => {
    const anHourAgo = clock.now() - 3_600_000;

    it('is fine with the time of the last signed event', async () => {
      trace = { lastTakenAt: anHourAgo, refusedAt: { wrongSignature: anHourAgo - 1000 } };
      expect(await look('webhook')).to.include({ tone: 'ok', kind: 'ok', at: anHourAgo });
    });

    it('says where to paste the address while nothing has come', async () => {
      const found = await look('webhook');
      expect(found).to.include({ tone: 'warn', kind: 'none' });
      expect(found.steps.join(' ')).to.contain('Webhooks').and.to.contain('Test URL');
    });

    it('hints at the wrong secret when signatures have failed since', async () => {
      trace = { lastTakenAt: anHourAgo, refusedAt: { wrongSignature: anHourAgo + 1000 } };
      const found = await look('webhook');
      expect(found).to.include({ tone: 'warn', kind: 'signature', at: anHourAgo + 1000 });
      expect(found.meaning).to.contain('App Secret');
    });

    it('tells of events from an app that is not ours', async () => {
      trace = { lastTakenAt: undefined, refusedAt: { otherApp: anHourAgo } };
      expect(await look('webhook')).to.include({ tone: 'warn', kind: 'other-app' });
    });
  });

  describe('the clock', () => {
    it('is fine within five seconds of TikTok’s Date header', async () => {
      simulator.control.setSwitches({ date_skew_seconds: 4 });
      expect(await look('clock')).to.include({ tone: 'ok', kind: 'ok' });
    });

    it('is bad where it runs ahead or behind, by how much', async () => {
      simulator.control.setSwitches({ date_skew_seconds: -30 });
      expect((await look('clock')).sentence).to.match(/^The clock is 29\.5 seconds ahead of TikTok/u);
      simulator.control.setSwitches({ date_skew_seconds: 30 });
      expect(await look('clock')).to.include({ tone: 'bad', kind: 'behind' });
    });

    it('is unknown while TikTok is not reached', async () => {
      simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind: 'drop-before' }] });
      expect(await look('clock')).to.include({ tone: 'warn', kind: 'unanswered' });
    });
  });
});
