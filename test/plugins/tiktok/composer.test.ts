import path from 'node:path';
import ejs from 'ejs';
import { expect } from 'chai';
import { type MediaView, RemoteError, type Translate } from '#plugin-api';
import { TikTokComposer } from '../../../plugins/tiktok/composer.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import { TikTokPublisher } from '../../../plugins/tiktok/publisher.ts';
import { type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
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
    simulator.control.setSwitches({ rate_limits: 'off' });
    token = (await connectAccount(simulator.url)).tokens.accessToken;
    const client = clientFor(simulator.url);
    const host = pluginHost({ url: simulator.url });
    composer = new TikTokComposer({ client, errors, timings: standardTimings }, host);
    publisher = new TikTokPublisher({ host, client, errors, timings: standardTimings });
  });
  after(() => simulator.close());

  async function render(
    facts: object = {},
    media: readonly MediaView[] = [video()],
    view = 'options',
  ): Promise<string> {
    const loaded = await composer.load(channel, account(token), media);
    const it = { ...loaded, channel, chosen: {}, problems: [], t, icon: () => '', ...facts };
    const file = path.join(root, `plugins/tiktok/views/${view}.ejs`);
    return ejs.renderFile(file, it, { strict: true, localsName: 'it', root: path.join(root, 'views'), async: false });
  }

  it('R1: asks TikTok each time the form is shown', async () => {
    const before = simulator.control.requests().length;
    await composer.load(channel, account(token), []);
    await composer.load(channel, account(token), []);
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
    expect(optionsIn(html)).to.deep.equal([
      ['', 'Choose who can see it', ' selected'],
      ['PUBLIC_TO_EVERYONE', 'Everyone', ''],
      ['MUTUAL_FOLLOW_FRIENDS', 'Friends', ''],
      ['SELF_ONLY', 'Only me', ''],
    ]);
    expect(html).to.match(/<select[^>]* required/u);
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

  it('R11: shows of the interactions only Allow Comment for photos, and no label for AI', async () => {
    const html = await render({}, [video({ kind: 'picture', type: 'image/jpeg' })]);
    expect(html).to.include('name="options.7.allowComment"');
    expect(html).to.not.match(/allowDuet|allowStitch|aiGenerated/u);
    expect(html).to.include('name="options.7.title"').and.include('name="options.7.autoMusic"');
    expect(await render()).to.not.match(/options\.7\.(?:title|autoMusic)/u);
  });

  it('R12 to R14: discloses nothing unless somebody turns it on, and explains the two kinds', async () => {
    const html = await render();
    for (const name of ['disclose', 'yourBrand', 'brandedContent'])
      expect(inputOf(html, name)).to.not.match(/ checked| disabled/u);
    expect(html).to.include('You are promoting yourself or your own business.');
    expect(html).to.include('You are promoting another brand or a third party.');
    expect(shownNotes(html)).to.deep.equal([]);
  });

  it('R15: says in TikTok’s words that something must be chosen', async () => {
    const html = await render({ chosen: { disclose: '1' } });
    const words = 'You need to indicate if your content promotes yourself, a third party, or both.';
    expect(shownNotes(html)).to.deep.equal([words]);
    expect(html).to.match(
      /data-when="unsaid" data-missing="You need to indicate [^>]*data-missing-for="options-7-yourBrand">/u,
    );
  });

  it('R16 to R18: names the label that TikTok will put on it', async () => {
    const promotional = 'Your video will be labeled “Promotional content”. This cannot be changed once it is posted.';
    const paid = 'Your video will be labeled “Paid partnership”. This cannot be changed once it is posted.';
    const noteOf = async (chosen: object): Promise<readonly string[]> =>
      shownNotes(await render({ chosen: { disclose: '1', ...chosen } }));
    expect(await noteOf({ yourBrand: '1' })).to.deep.equal([promotional]);
    expect(await noteOf({ brandedContent: '1' })).to.deep.equal([paid]);
    expect(await noteOf({ yourBrand: '1', brandedContent: '1' })).to.deep.equal([paid]);
    const photo = video({ kind: 'picture', type: 'image/webp' });
    const ofPhotos = await render({ chosen: { disclose: '1', yourBrand: '1' } }, [photo]);
    expect(shownNotes(ofPhotos)[0]).to.match(/^Your photos will be labeled “Promotional content”/u);
  });

  it('R19: keeps Branded content from what only the profile itself shall see, and says why', async () => {
    const html = await render({ chosen: { privacy: 'SELF_ONLY', disclose: '1' } });
    expect(inputOf(html, 'brandedContent')).to.match(/ disabled .*aria-describedby="options-7-brandedContent-why /u);
    expect(html).to.match(/id="options-7-brandedContent-why">Branded content visibility cannot be set to private\./u);
    expect(inputOf(html, 'yourBrand')).to.not.include('disabled');
  });

  it('R20: keeps “Only me” from branded content, in TikTok’s words', async () => {
    const html = await render({ chosen: { disclose: '1', brandedContent: '1' } });
    const words = 'Branded content visibility cannot be set to private.';
    expect(optionsIn(html).at(-1)).to.deep.equal(['SELF_ONLY', 'Only me', ` disabled title="${words}"`]);
    expect(html).to.match(/<select[^>]*aria-describedby="options-7-privacy-why" title="Branded content visibility/u);
    // R21: friends may see it.
    expect(optionsIn(html).at(-2)).to.deep.equal(['MUTUAL_FOLLOW_FRIENDS', 'Friends', '']);
  });

  it('R6 to R20: says the same in a row of the table of many videos, with nothing chosen', async () => {
    simulator.control.putAccount({ username: 'hazelandrye', duet_disabled: true });
    const row = (chosen: object): Promise<string> => render({ chosen }, [], 'options-row');
    const blank = await row({});
    expect(optionsIn(blank).map(([value]) => value)).to.deep.equal(optionsIn(await render()).map(([value]) => value));
    expect(blank).to.not.match(/ checked/u);
    expect(blank).to.match(/id="options-7-allowDuet"[^>]*aria-label="Allow Duet" disabled/u);
    expect(blank).to.include('Duets are switched off in this profile');
    expect(blank).to.match(/of-videos">Duet, Stitch and AI-generated are for videos only/u);
    expect(shownNotes(await row({ disclose: '1' }))[0]).to.match(/^You need to indicate/u);
    const paid = await row({ disclose: '1', brandedContent: '1' });
    expect(shownNotes(paid)[0]).to.include('“Paid partnership”');
    expect(optionsIn(paid).at(-1)?.[2]).to.include('disabled title="Branded content visibility');
    expect(inputOf(await row({ disclose: '1', privacy: 'SELF_ONLY' }), 'brandedContent')).to.include(' disabled');
    simulator.control.putAccount({ username: 'hazelandrye', duet_disabled: false });
  });

  it('R39: offers the label for what AI has made, off', async () => {
    const html = await render();
    expect(html).to.include('>AI-generated content</label>');
    expect(inputOf(html, 'aiGenerated')).to.not.match(/ checked| disabled/u);
  });

  it('R4: says before anything is sent what this profile cannot post of the file', async () => {
    simulator.control.putAccount({ username: 'hazelandrye', max_video_post_duration_sec: 60 });
    const loaded = await composer.load(channel, account(token), [video({ durationMs: 61_000 })]);
    expect(loaded).to.include({ maxDuration: '1:00' });
    expect(loaded['mediaProblems']).to.deep.equal([
      {
        message: 'buns.mp4 is 1:01 long; this profile may post up to 1:00. Trim it.',
        code: 'duration_check_failed',
      },
    ]);
    simulator.control.putAccount({ username: 'hazelandrye', max_video_post_duration_sec: 600 });
  });

  for (const field of ['privacy', 'brandedContent', 'allowComment', 'disclose']) {
    it(`leads from what is wrong with ${field} to its page of the error book`, async () => {
      const problems = [{ field, message: 'TikTok does not offer it.', code: 'option_not_offered' }];
      const errorHref = (code: string): string => `/help/errors/${code}`;
      const withFrame: Translate = (key, values) => (key === 'frame:fine.code' ? 'Code' : t(key, values));
      expect(await render({ problems, errorHref, t: withFrame })).to.contain('href="/help/errors/option_not_offered"');
    });
  }

  it('says before scheduling what TikTok allows a profile of a sandbox', async () => {
    const ofSandbox = { ...channel, mode: 'sandbox' };
    const noteOf = async (): Promise<unknown> => (await composer.load(ofSandbox, account(token), []))['auditNote'];
    expect(await noteOf()).to.have.property('tone', 'warn');
    expect(await publisher.check(draft({ channel: ofSandbox }), account(token))).to.have.nested.property(
      '[0].field',
      'channel',
    );
    simulator.control.putAccount({ username: 'hazelandrye', private: true });
    expect(await noteOf()).to.deep.equal({
      tone: 'info',
      text: 'Sandbox: TikTok takes posts of this app only with the privacy “Only me”.',
    });
    const check = async (privacy: string): Promise<readonly string[]> =>
      (
        await publisher.check(draft({ channel: ofSandbox, options: { ...publicOptions, privacy } }), account(token))
      ).map(({ field }) => field);
    expect(await check('MUTUAL_FOLLOW_FRIENDS')).to.deep.equal(['privacy']);
    expect(await check('SELF_ONLY')).to.deep.equal([]);
    simulator.control.putAccount({ username: 'hazelandrye', private: false });
  });

  it('keeps what was chosen and tells problems at their field', async () => {
    const problems = [{ field: 'privacy', message: 'Choose <who> can see it.' }];
    const html = await render({ chosen: { privacy: 'SELF_ONLY' }, problems });
    expect(html).to.match(/<option value="SELF_ONLY" selected>/u);
    expect(html).to.match(/<select[^>]*aria-invalid="true"[^>]*aria-describedby/u);
    expect(html).to.include('Choose &lt;who&gt; can see it.');
    const told = ['disclose', 'brandedContent', 'allowDuet'].map((field) => ({ field, message: `Not so: ${field}.` }));
    const others = await render({ problems: told });
    for (const { field, message } of told) {
      expect(inputOf(others, field)).to.match(/aria-invalid="true".*aria-describedby/u);
      expect(others).to.include(`<span>${message}</span>`);
    }
  });

  it('has no inline style, script or handler', async () => {
    expect(await render()).to.not.match(/ style=| on[a-z]+=|<script/u);
  });

  it('R3: explains when the profile can post nothing now, in the form and when checking', async () => {
    simulator.control.putAccount({ username: 'hazelandrye', daily_cap_reached: true });
    const error: unknown = await composer.load(channel, account(token), []).catch((reason: unknown) => reason);
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
    await composer.load(channel, renewed, []);
    expect(renewed.replaced).to.deep.equal(['act.refused']);
    const dead = account('act.refused', 'act.refused-too');
    const error: unknown = await composer.load(channel, dead, []).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RemoteError).and.include({ kind: 'reconnect' });
    expect(dead.replaced).to.have.length(1);
    expect(JSON.stringify(error)).to.not.include('act.refused');
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
      { label: 'Disclose content', value: 'No' },
      { label: 'AI-generated content', value: 'No' },
    ]);
    const paid = {
      ...publicOptions,
      disclose: true,
      yourBrand: true,
      brandedContent: true,
      title: 'Buns',
      autoMusic: true,
    };
    expect(composer.describe(paid)).to.deep.include.members([
      { label: 'Disclose content', value: 'Your brand, Branded content: “Paid partnership”' },
      { label: 'Title', value: 'Buns' },
      { label: 'Add music automatically', value: 'Yes' },
    ]);
    expect(composer.describe({ ...publicOptions, privacy: null })[0]?.value).to.equal('Not chosen yet');
    expect(composer.describe(null)).to.deep.equal([]);
  });
});

function optionsIn(html: string): readonly (readonly (string | undefined)[])[] {
  return [...html.matchAll(/<option value="([^"]*)"([^>]*)>([^<]*)</gu)].map(([, value, rest, label]) => [
    value,
    label,
    rest,
  ]);
}

/** The attributes of the field. */
function inputOf(html: string, field: string): string {
  return new RegExp(`<input[^>]*name="options\\.7\\.${field}"[^>]*>`, 'u').exec(html)?.[0] ?? 'absent disabled checked';
}

/** What the shown notes on disclosure say. */
function shownNotes(html: string): readonly string[] {
  const notes = [...html.matchAll(/<p[^>]* data-when="[^"]*"[^>]*>.*?<\/p>/gsu)].map(([note]) => note);
  return notes
    .filter((note) => !/^<p[^>]* hidden>/u.test(note))
    .map((note) => /<span>(.*)<\/span>/u.exec(note)?.[1] ?? '');
}
