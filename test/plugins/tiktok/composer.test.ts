import path from 'node:path';
import ejs from 'ejs';
import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import { TikTokComposer } from '../../../plugins/tiktok/composer.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import { TikTokPublisher } from '../../../plugins/tiktok/publisher.ts';
import { startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { connectAccount } from './login.ts';
import { account, channel, clientFor, draft, errors, pluginHost, publicOptions, t, video } from './support.ts';

const root = path.join(import.meta.dirname, '../../..');

const nothingChosen = {
  ...{ privacy: null, allowComment: false, allowDuet: false, allowStitch: false },
  ...{ disclose: false, yourBrand: false, brandedContent: false, aiGenerated: false },
  ...{ title: '', autoMusic: false },
};

describe("TikTok's part of the composer", () => {
  let simulator: Simulator;
  let token: string;
  let composer: TikTokComposer;
  let publisher: TikTokPublisher;

  before(async () => {
    simulator = await startSimulator();
    token = (await connectAccount(simulator.url)).tokens.accessToken;
    const client = clientFor(simulator.url);
    composer = new TikTokComposer({ client, errors, timings: standardTimings }, t);
    const host = pluginHost({ url: simulator.url });
    publisher = new TikTokPublisher({ host, client, errors, timings: standardTimings });
  });
  after(() => simulator.close());

  async function render(facts: object = {}): Promise<string> {
    const loaded = await composer.load(channel, account(token));
    const it = { ...loaded, channel, chosen: {}, problems: [], t, icon: () => '', ...facts };
    const file = path.join(root, 'plugins/tiktok/views/options.ejs');
    return ejs.renderFile(file, it, { strict: true, localsName: 'it', root: path.join(root, 'views'), async: false });
  }

  it('R1: asks TikTok each time the form is shown', async () => {
    const before = simulator.control.requests().length;
    await composer.load(channel, account(token));
    await composer.load(channel, account(token));
    const asked = simulator.control.requests().slice(before);
    expect(asked.map(({ endpoint }) => endpoint)).to.deep.equal(['creator_info/query', 'creator_info/query']);
  });

  it('R2: tells the nickname that TikTok gives where it is another than the group is named by', async () => {
    expect(await render()).to.not.include('now names');
    simulator.control.putAccount({ username: 'hazelandrye', nickname: 'Rye & Co' });
    expect(await render()).to.include('TikTok now names Rye &amp; Co (@hazelandrye)');
    simulator.control.putAccount({ username: 'hazelandrye', nickname: 'Hazel & Rye' });
  });

  it('R6 and R7: offers exactly what TikTok offers, after an empty first entry, with nothing chosen', async () => {
    const html = await render();
    const options = [...html.matchAll(/<option value="([^"]*)"([^>]*)>([^<]*)</gu)].map(([, value, rest, label]) => [
      value,
      label,
      rest,
    ]);
    expect(options).to.deep.equal([
      ['', 'Choose who can see it', ' selected'],
      ['PUBLIC_TO_EVERYONE', 'Everyone', ''],
      ['MUTUAL_FOLLOW_FRIENDS', 'Friends', ''],
      ['SELF_ONLY', 'Only me', ''],
    ]);
    expect(html).to.match(/<label[^>]*for="options-7-privacy"[^>]*>Privacy<\/label>/u);
    expect(html).to.include('name="options.7.privacy"');
  });

  it('R8 and R9: shows Allow Comment, Allow Duet and Allow Stitch, none of them ticked', async () => {
    const html = await render();
    for (const [name, label] of [
      ['allowComment', 'Allow Comment'],
      ['allowDuet', 'Allow Duet'],
      ['allowStitch', 'Allow Stitch'],
    ]) {
      expect(html).to.include(`name="options.7.${name}"`);
      expect(html).to.include(`>${label}<`);
    }
    expect(html).to.not.match(/ checked| disabled/u);
  });

  it('R10: greys out what the profile has switched off, says why, and never ticks it', async () => {
    simulator.control.putAccount({ username: 'hazelandrye', duet_disabled: true });
    const html = await render({ chosen: { allowDuet: '1', allowComment: '1' } });
    expect(html).to.match(/id="options-7-allowDuet"[^>]* disabled/u);
    expect(html).to.not.match(/id="options-7-allowDuet"[^>]* checked/u);
    expect(html).to.match(/id="options-7-allowComment"[^>]* checked/u);
    expect(html).to.include('Duets are switched off in this profile');
    simulator.control.putAccount({ username: 'hazelandrye', duet_disabled: false });
  });

  it('keeps what was chosen and tells problems at their field', async () => {
    const problems = [{ field: 'privacy', message: 'Choose <who> can see it.' }];
    const html = await render({ chosen: { privacy: 'SELF_ONLY' }, problems });
    expect(html).to.match(/<option value="SELF_ONLY" selected>/u);
    expect(html).to.match(/<select[^>]*aria-invalid="true"[^>]*aria-describedby/u);
    expect(html).to.include('Choose &lt;who&gt; can see it.');
  });

  it('has no inline style, script or handler', async () => {
    expect(await render()).to.not.match(/ style=| on[a-z]+=|<script/u);
  });

  it('R3: explains when the profile can post nothing now, in the form and when checking', async () => {
    simulator.control.putAccount({ username: 'hazelandrye', daily_cap_reached: true });
    const error: unknown = await composer.load(channel, account(token)).catch((reason: unknown) => reason);
    expect(error)
      .to.be.instanceOf(RemoteError)
      .and.have.nested.property('explanation.code', 'spam_risk_too_many_posts');
    const problems = await publisher.check(draft(), account(token));
    expect(problems.map(({ field }) => field)).to.deep.equal(['channel']);
    simulator.control.putAccount({ username: 'hazelandrye', daily_cap_reached: false });
  });

  it('checks a draft on the server by the same rules', async () => {
    expect(await publisher.check(draft(), account(token))).to.deep.equal([]);
    const problems = await publisher.check(
      draft({ options: { ...publicOptions, privacy: 'FOLLOWER_OF_CREATOR' }, media: [video({ durationMs: 700_000 })] }),
      account(token),
    );
    expect(problems.map(({ field }) => field)).to.deep.equal(['privacy', 'media']);
    expect(simulator.control.publishes()).to.have.length(0);
  });

  it('replaces a refused token once and makes the same call once more', async () => {
    const renewed = account('act.refused', token);
    await composer.load(channel, renewed);
    expect(renewed.replaced).to.deep.equal(['act.refused']);
    const dead = account('act.refused', 'act.refused-too');
    const error: unknown = await composer.load(channel, dead).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RemoteError).and.include({ kind: 'reconnect' });
    expect(dead.replaced).to.have.length(1);
    expect(JSON.stringify(error)).to.not.include('act.refused');
  });

  it('R22 and R24: declares with TikTok’s own words and link', () => {
    const consent = composer.consent();
    expect(consent.text).to.equal("By posting, you agree to TikTok's Music Usage Confirmation");
    expect(consent.parts.map(({ text }) => text).join('')).to.equal(consent.text);
    expect(consent.parts[1]?.href).to.equal('https://www.tiktok.com/legal/page/global/music-usage-confirmation/en');
    expect(consent.note).to.match(/few minutes/u);
  });

  it('reads typed values into options and back, without any default', () => {
    const typed = { privacy: 'SELF_ONLY', allowDuet: '1', disclose: '1', yourBrand: '1', title: 'Buns' };
    const options = {
      ...{ ...nothingChosen, privacy: 'SELF_ONLY', allowDuet: true },
      ...{ disclose: true, yourBrand: true, title: 'Buns' },
    };
    expect(composer.parse(typed)).to.deep.equal({ options });
    expect(composer.fields(options)).to.deep.equal(typed);
    expect(composer.parse({})).to.deep.equal({ options: nothingChosen });
    expect(composer.parse({ privacy: 'EVERYBODY' })).to.have.nested.property('problems[0].field', 'privacy');
    expect(composer.fields({ other: 1 })).to.deep.equal({});
  });

  it('reads options that were stored before there were as many', () => {
    const old = { privacy: 'SELF_ONLY', allowComment: true, allowDuet: false, allowStitch: false };
    expect(composer.fields(old)).to.deep.equal({ privacy: 'SELF_ONLY', allowComment: '1' });
  });

  it('describes what was chosen for the post’s page', () => {
    expect(composer.describe(publicOptions)).to.deep.equal([
      { label: 'Privacy', value: 'Everyone' },
      { label: 'Allow Comment', value: 'Yes' },
      { label: 'Allow Duet', value: 'No' },
      { label: 'Allow Stitch', value: 'No' },
    ]);
    expect(composer.describe({ ...publicOptions, privacy: null })[0]?.value).to.equal('Not chosen yet');
    expect(composer.describe(null)).to.deep.equal([]);
  });
});
