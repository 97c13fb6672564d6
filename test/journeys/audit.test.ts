import path from 'node:path';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { wallTimeAt } from '../../core/time/zones.ts';
import { needs } from '../support/needs.ts';
import { makePicture } from '../support/pictures.ts';
import { sha256Of } from '../support/sha256.ts';
import { makeVideo } from '../support/videos.ts';
import { useWorld } from '../support/world.ts';
import { openStockedDesk } from './busy-team.ts';
import { inOrder, spokenAtComposer } from './spoken-order.ts';
import {
  becomes,
  chooseMedia,
  chooseWhen,
  deliveryIn,
  fillComposer,
  optionsOf,
  publishNow,
  scheduleAt,
} from './steps.ts';

const hourMs = 3_600_000;
const bakery = 'Hazel & Rye';
const club = 'Rye Club';
const workshops = 'Hazel & Rye Workshops';
const catering = 'Hazel & Rye Catering';
const interactions = ['Allow Comment', 'Allow Duet', 'Allow Stitch'];
const promotional = 'Your video will be labeled “Promotional content”. This cannot be changed once it is posted.';
const paid = 'Your video will be labeled “Paid partnership”. This cannot be changed once it is posted.';

describe('An auditor at the composer, with four profiles', function () {
  this.timeout(180_000);
  before(needs('ffmpeg'));
  const theWorld = useWorld();
  let page: Page;
  let fileName: string;
  let longName: string;
  let photoName: string;

  before(async () => {
    const world = theWorld();
    const { control } = world.simulator;
    const accounts = ['hazelandrye', 'ryeclub', 'hazelandrye.workshops', 'hazelandrye.catering'];
    const tooLong = await makeVideo({ seconds: 61, megabits: 0.2, frameRate: 24 });
    const photo = await makePicture();
    [longName, photoName] = [path.basename(tooLong), path.basename(photo)];
    ({ page, fileName } = await openStockedDesk(world, accounts, [tooLong, photo]));
    control.setSwitches({ processing_seconds: 0, post_id_delay_seconds: 0 });
    control.putAccount({ username: 'hazelandrye.workshops', comment_disabled: true });
    control.putAccount({ username: 'hazelandrye.catering', daily_cap_reached: true });
    await page.goto(`${world.teamPath}/posts/new`);
    await chooseWhen(page, 'Immediately');
  });

  const box = (nickname: string): Locator =>
    page.getByRole('group', { name: 'Channels', exact: true }).getByRole('checkbox', { name: nickname, exact: true });
  const privacyOf = (nickname: string): Locator => optionsOf(page, nickname).getByLabel('Privacy');
  const switchOf = (nickname: string, name: string): Locator =>
    optionsOf(page, nickname).getByLabel(name, { exact: true });
  const offered = (nickname: string): Promise<readonly string[]> =>
    privacyOf(nickname).locator('option').allInnerTexts();
  const publish = (): Locator => page.getByRole('button', { name: 'Publish', exact: true });
  const consent = (): Locator => page.locator('.cd-consent');
  const timesAsked = (): number =>
    theWorld()
      .simulator.control.requests()
      .filter(({ endpoint }) => endpoint === 'creator_info/query').length;

  it('R1: TikTok is asked for each profile, and again each time its options are shown', async () => {
    const before = timesAsked();
    await box(bakery).check();
    await privacyOf(bakery).waitFor();
    expect(timesAsked()).to.equal(before + 1);
    await box(bakery).uncheck();
    await box(bakery).check();
    await privacyOf(bakery).waitFor();
    expect(timesAsked()).to.equal(before + 2);
  });

  it('R2: the profile that receives the post is named', async () => {
    const group = optionsOf(page, bakery);
    expect(await group.getByRole('heading', { name: bakery, exact: true }).isVisible()).to.equal(true);
    expect(await group.getByText('@hazelandrye', { exact: true }).isVisible()).to.equal(true);
  });

  it('R3: a profile that can post nothing now is named with the reason and with when it can', async () => {
    await box(catering).check();
    await page
      .getByRole('status')
      .filter({ hasText: `${catering}: cannot post now` })
      .waitFor({ state: 'attached' });
    expect(await box(catering).getAttribute('aria-describedby')).to.match(/-why$/u);
    const group = optionsOf(page, catering);
    await group.getByText('The profile has reached TikTok’s number of posts'.replace('’', "'")).waitFor();
    expect(await group.innerText()).to.include('tomorrow at this time at the latest');
    expect(await group.getByLabel('Privacy').count()).to.equal(0);
    await box(catering).uncheck();
  });

  it('R4: a video that is too long for one profile is told at once, with the limit', async () => {
    await box(workshops).check();
    await privacyOf(workshops).waitFor();
    await chooseMedia(page, longName);
    await page.getByText(`${longName} is 1:01 long; this profile may post up to 1:00. Trim it.`).first().waitFor();
    expect(await page.getByText('this profile may post up to 10:00').count()).to.equal(0);
    expect(await publish().getAttribute('aria-disabled')).to.equal('true');
  });

  it('R5: the caption is typed by a person, and R29: what stands in it can be changed', async () => {
    await page.getByLabel('Caption', { exact: true }).fill('Something else');
    await page.getByLabel('Caption', { exact: true }).fill('Raisins, yes or no? #fika');
    expect(await page.getByLabel('Caption', { exact: true }).inputValue()).to.equal('Raisins, yes or no? #fika');
  });

  it('R6: each profile offers exactly what TikTok says of it', async () => {
    await box(club).check();
    await privacyOf(club).waitFor();
    expect(await offered(bakery)).to.deep.equal(['Choose who can see it', 'Everyone', 'Friends', 'Only me']);
    expect(await offered(club)).to.deep.equal(['Choose who can see it', 'Followers', 'Friends', 'Only me']);
  });

  it('R7: no privacy is chosen beforehand', async () => {
    for (const nickname of [bakery, club]) expect(await privacyOf(nickname).inputValue()).to.equal('');
  });

  it('R8: comments, duets and stitches can be allowed', async () => {
    for (const name of interactions) expect(await switchOf(bakery, name).isEnabled()).to.equal(true);
  });

  it('R9: none of them is on beforehand', async () => {
    for (const name of interactions) expect(await switchOf(bakery, name).isChecked()).to.equal(false);
  });

  it('R10: what a profile has switched off is greyed, cannot be ticked and says why', async () => {
    for (const [name, reason] of [
      ['Allow Comment', 'Comments are switched off in this profile'],
      ['Allow Duet', 'Duets are switched off in this profile'],
    ] as const) {
      const toggle = switchOf(workshops, name);
      expect(await toggle.isDisabled()).to.equal(true);
      const described = await toggle.getAttribute('aria-describedby');
      expect(await page.locator(`[id="${described}"]`).innerText()).to.include(reason);
    }
    expect(await switchOf(workshops, 'Allow Stitch').isDisabled()).to.equal(false);
  });

  it('R11: of photos only comments can be allowed', async () => {
    await choosePhoto(page, photoName);
    await switchOf(bakery, 'Allow Duet').waitFor({ state: 'detached' });
    expect(await switchOf(bakery, 'Allow Comment').isEnabled()).to.equal(true);
    expect(await switchOf(bakery, 'Allow Stitch').count()).to.equal(0);
    await chooseMedia(page, fileName);
    await switchOf(bakery, 'Allow Duet').waitFor();
    await page.locator('[data-group][aria-busy]').first().waitFor({ state: 'detached' });
  });

  it('R12: nothing is disclosed unless somebody turns it on', async () => {
    expect(await switchOf(bakery, 'Disclose content').isChecked()).to.equal(false);
    expect(await switchOf(bakery, 'Your brand').isVisible()).to.equal(false);
  });

  it('R13: by keyboard, the switch brings two kinds', async () => {
    await switchOf(bakery, 'Disclose content').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('name')).to.match(/\.yourBrand$/u);
    expect(await switchOf(bakery, 'Branded content').isVisible()).to.equal(true);
  });

  it('R14: both are explained', async () => {
    const group = optionsOf(page, bakery);
    await group.getByText('You are promoting yourself or your own business.').waitFor();
    await group.getByText('You are promoting another brand or a third party.').waitFor();
  });

  it('R15: as long as neither is chosen it says so, in TikTok’s words', async () => {
    const words = 'You need to indicate if your content promotes yourself, a third party, or both.';
    await optionsOf(page, bakery).getByText(words).waitFor();
    expect(await publish().getAttribute('aria-disabled')).to.equal('true');
    await becomes(() => publish().getAttribute('title'), words);
  });

  it('R16: the own brand is told to be labelled “Promotional content”', async () => {
    await page.keyboard.press('Space');
    await optionsOf(page, bakery).getByText(promotional).waitFor();
    await becomes(() => publish().getAttribute('title'), '');
  });

  it('R17: branded content is told to be labelled “Paid partnership”', async () => {
    await switchOf(bakery, 'Branded content').check();
    await switchOf(bakery, 'Your brand').uncheck();
    await optionsOf(page, bakery).getByText(paid).waitFor();
    expect(await optionsOf(page, bakery).getByText(promotional).isVisible()).to.equal(false);
  });

  it('R18: both are told to be labelled “Paid partnership”', async () => {
    await switchOf(bakery, 'Your brand').check();
    await optionsOf(page, bakery).getByText(paid).waitFor();
    expect(await optionsOf(page, bakery).getByText(promotional).isVisible()).to.equal(false);
  });

  it('R19: with “Only me” chosen first, “Branded content” is greyed and says why', async () => {
    await privacyOf(club).selectOption({ label: 'Only me' });
    await switchOf(club, 'Disclose content').check();
    const branded = switchOf(club, 'Branded content');
    expect(await branded.isDisabled()).to.equal(true);
    expect(await branded.getAttribute('aria-describedby')).to.match(/^\S+-brandedContent-why /u);
    await optionsOf(page, club)
      .getByText('Branded content visibility cannot be set to private. Choose another privacy to use it.')
      .waitFor();
    await privacyOf(club).selectOption({ label: 'Followers' });
    expect(await switchOf(club, 'Branded content').isDisabled()).to.equal(false);
    await switchOf(club, 'Disclose content').uncheck();
  });

  it('R20: with “Branded content” chosen first, “Only me” is greyed and says why', async () => {
    const words = 'Branded content visibility cannot be set to private.';
    const onlyMe = privacyOf(bakery).locator('option', { hasText: 'Only me' });
    expect(await onlyMe.isDisabled()).to.equal(true);
    expect(await onlyMe.getAttribute('title')).to.equal(words);
    expect(await privacyOf(bakery).getAttribute('aria-describedby')).to.match(/-privacy-why$/u);
    await optionsOf(page, bakery).getByText(words, { exact: true }).waitFor();
  });

  it('R21: friends may see branded content', async () => {
    await privacyOf(bakery).selectOption({ label: 'Friends' });
    expect(await privacyOf(bakery).inputValue()).to.equal('MUTUAL_FOLLOW_FRIENDS');
  });

  it('R22: with the own brand alone it names one', async () => {
    await switchOf(bakery, 'Branded content').uncheck();
    await consent().filter({ hasNotText: 'Branded Content Policy' }).waitFor();
    expect(await consent().innerText()).to.equal("By posting, you agree to TikTok's Music Usage Confirmation");
  });

  it('R23: with branded content the declaration names both texts and leads to them', async () => {
    await switchOf(bakery, 'Branded content').check();
    const words = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation";
    await consent().filter({ hasText: words }).waitFor();
    expect(await consent().innerText()).to.equal(words);
  });

  it('R24: its names lead to TikTok’s own pages', async () => {
    expect(await linksIn(consent())).to.deep.equal([
      ['Branded Content Policy', 'https://www.tiktok.com/legal/page/global/bc-policy/en'],
      ['Music Usage Confirmation', 'https://www.tiktok.com/legal/page/global/music-usage-confirmation/en'],
    ]);
  });

  it('R27: the preview shows the video, the caption and the label', async () => {
    const phone = page.getByRole('complementary', { name: 'Preview' });
    await phone.getByText('Paid partnership').waitFor();
    await phone.getByText('Raisins, yes or no? #fika').waitFor();
    expect(await phone.locator('video').count()).to.equal(1);
  });

  it('R39: what AI has made can be labelled, and is not beforehand', async () => {
    expect(await switchOf(bakery, 'AI-generated content').isChecked()).to.equal(false);
    await switchOf(bakery, 'AI-generated content').check();
  });

  it('is heard in the order of the guideline, every field with its name and its reason', async () => {
    expect(inOrder(await page.locator('[data-composer]').ariaSnapshot(), spokenAtComposer)).to.deep.equal(
      spokenAtComposer,
    );
    const allowComment = await switchOf(workshops, 'Allow Comment').getAttribute('aria-describedby');
    expect(await page.locator(`[id="${allowComment}"]`).innerText()).to.include('Comments are switched off');
    // What pressing declares is heard with the button itself.
    const described = (await publish().getAttribute('aria-describedby'))?.split(' ') ?? [];
    expect(described.at(-1)).to.equal('declaration');
    expect(await page.locator('#declaration').innerText()).to.include((await consent().innerText()).trim());
  });

  it('R25: only now something goes to TikTok', async () => {
    const { control } = theWorld().simulator;
    await switchOf(bakery, 'Allow Comment').check();
    await box(workshops).uncheck();
    expect(control.publishes()).to.deep.equal([]);
    await publishNow(page);
    await page.locator('[data-delivery][data-state="published"]').nth(1).waitFor();
  });

  it('R30: it is exactly what was chosen', () => {
    const { control } = theWorld().simulator;
    const rows = [...control.publishes()].sort((a, b) => a.account.localeCompare(b.account));
    expect(rows).to.have.length(2);
    expect(rows[0]).to.deep.include({
      ...{ account: 'hazelandrye', caption: 'Raisins, yes or no? #fika', privacy_level: 'MUTUAL_FOLLOW_FRIENDS' },
      ...{ disable_comment: false, disable_duet: true, disable_stitch: true, is_aigc: true },
      ...{ brand_organic_toggle: true, brand_content_toggle: true, video_cover_timestamp_ms: null },
    });
    expect(rows[1]).to.deep.include({
      ...{ account: 'ryeclub', privacy_level: 'FOLLOWER_OF_CREATOR', disable_comment: true, is_aigc: false },
      ...{ brand_organic_toggle: false, brand_content_toggle: false },
    });
  });

  it('R28: the file has arrived as it is', async () => {
    const digest = await sha256Of(await makeVideo());
    for (const row of theWorld().simulator.control.posts()) expect(row.sha256).to.equal(digest);
  });

  it('R26: sends nothing when the profile’s options have changed in between', async () => {
    const world = theWorld();
    const channels = [{ nickname: bakery, privacy: 'Everyone' }];
    await fillComposer(page, { teamPath: world.teamPath, channels, caption: 'Tomorrow at dawn', fileName });
    await scheduleAt(page, wallTimeAt(world.now() + hourMs, world.team.zone));
    await deliveryIn(page, 'scheduled');
    world.simulator.control.putAccount({ username: 'hazelandrye', private: true });
    const before = world.simulator.control.publishes().length;
    world.advance(2 * hourMs);
    const delivery = await deliveryIn(page, 'needs-attention');
    expect(await delivery.getAttribute('data-code')).to.equal('options_changed');
    expect(await delivery.innerText()).to.include('TikTok does not offer "Everyone" for this profile now.');
    expect(world.simulator.control.publishes()).to.have.length(before);
  });

  it('S4: nobody is told a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });
});

/** The words and addresses of the links in it. */
async function linksIn(within: Locator): Promise<readonly (readonly [string, string | null])[]> {
  const links = await within.getByRole('link').all();
  return Promise.all(links.map(async (link) => [await link.innerText(), await link.getAttribute('href')] as const));
}

async function choosePhoto(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add media' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose media' });
  await dialog.getByRole('checkbox', { name, exact: true }).check();
  await dialog.getByRole('button', { name: 'Use', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}
