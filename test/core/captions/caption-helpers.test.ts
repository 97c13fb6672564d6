import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { projectRoot } from '../../../core/project-root.ts';
import { useBrowser } from '../../support/browser.ts';

const script = readFileSync(path.join(projectRoot, 'core/public/js/caption-helpers.js'), 'utf8');
const form = `<!doctype html><title>Post</title><form data-composer><input name="_csrf" value="t">
<textarea name="caption">Fresh buns</textarea><textarea name="captions.4"></textarea>
<details data-caption-menu="/menu" data-failed="Failed"><summary>Hashtag groups</summary><ul><li><a href="/captions" data-waiting="Wait">Manage</a></li></ul></details>
<p data-line-breaks hidden>TikTok may drop empty lines.</p><div role="status" data-same-text="/same-text"></div></form>
<script type="module" src="/script.js"></script>`;
const menu = '<li><button type="button" data-insert="#bakery #rye">Bakery</button></li>';

describe('the helpers below a caption, in a browser', function () {
  this.timeout(30_000);
  const browser = useBrowser();
  let page: Page;
  let asked: readonly string[] = [];
  beforeEach(async () => {
    page = await browser().newPage();
    asked = [];
    await page.route('http://panel.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/script.js') return route.fulfill({ contentType: 'text/javascript', body: script });
      if (pathname === '/menu') return route.fulfill({ contentType: 'text/html', body: menu });
      if (pathname !== '/same-text') return route.fulfill({ contentType: 'text/html', body: form });
      asked = [...asked, `${route.request().headers()['x-csrf-token'] ?? ''} ${route.request().postData() ?? ''}`];
      return route.fulfill({ contentType: 'text/html', body: '<p>Within a week</p>' });
    });
    await page.goto('http://panel.test/');
  });
  afterEach(() => page.close());

  const putIn = async () => {
    await page.locator('summary').click();
    await page.getByRole('button', { name: 'Bakery' }).click();
  };
  const caption = () => page.locator('[name=caption]');

  it('put a text in where the cursor stands, as one step of undo, and leave the cursor behind it', async () => {
    await caption().click();
    await caption().press('Home');
    for (let n = 0; n < 5; n += 1) await caption().press('ArrowRight');
    await putIn();
    expect(await caption().inputValue()).to.equal('Fresh #bakery #rye buns');
    await page.keyboard.type('!');
    expect(await caption().inputValue()).to.equal('Fresh #bakery #rye! buns');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await caption().inputValue()).to.equal('Fresh buns');
    expect(await page.locator('details').getAttribute('open')).to.equal(null);
  });

  it('put it behind everything in a field nobody has touched, and into the one that was typed into last', async () => {
    await putIn();
    expect(await caption().inputValue()).to.equal('Fresh buns #bakery #rye');
    await page.locator('[name="captions.4"]').click();
    await putIn();
    expect(await page.locator('[name="captions.4"]').inputValue()).to.equal('#bakery #rye');
  });

  it('hint at line breaks, and ask once whether the same text goes out twice', async () => {
    const hint = page.locator('[data-line-breaks]');
    // However long it takes here, the second text comes within the pause that a typing person makes.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await caption().fill('Fresh\nbuns');
    expect(await hint.isVisible()).to.equal(true);
    await caption().fill('Fresh rolls');
    expect(await hint.isVisible()).to.equal(false);
    await page.clock.runFor(1_000);
    await page.getByRole('status').filter({ hasText: 'Within a week' }).waitFor();
    expect(asked).to.have.lengthOf(1);
    expect(asked[0]).to.contain('t _csrf=t&caption=Fresh+rolls');
  });
});
