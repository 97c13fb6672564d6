import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { projectRoot } from '../../../core/project-root.ts';
import { useBrowser } from '../../support/browser.ts';

const read = (file: string) => readFileSync(path.join(projectRoot, file), 'utf8');
const script = (name: string) => read(`core/public/js/${name}.js`);
const files: Readonly<Record<string, { readonly contentType: string; readonly body: string }>> = {
  '/library.js': { contentType: 'text/javascript', body: read('node_modules/chart.js/dist/chart.umd.min.js') },
  '/style.css': { contentType: 'text/css', body: read('core/public/css/channel.css') },
  ...Object.fromEntries(
    ['app', 'charts'].map((name) => [`/${name}.js`, { contentType: 'text/javascript', body: script(name) }]),
  ),
};

/** Two days, a week and a month; of the third nothing is known. */
const points = [
  ['2026-03-01', '1 Mar', '10'],
  ['2026-03-02', '2 Mar', '20'],
  ['2026-03-09', '9 Mar', ''],
  ['2026-04-09', '9 Apr', '90'],
];
const rows = points.map(
  ([day, words, views]) => `<tr><th data-day="${day}">${words}</th><td data-value="${views}">${views}</td></tr>`,
);
const content = `<!doctype html><html lang="en" data-locale="en-GB"><link rel="stylesheet" href="/style.css"><body>
<div data-with-chart="c" hidden><canvas id="c" data-chart="t" data-columns="1" data-library="/library.js" width="600" height="200"></canvas></div>
<table id="t"><thead><tr><th>Day</th><th>Views</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p class="cd-tipped"><a href="#x" aria-describedby="tip">Engagement</a><span class="cd-tip" role="tooltip" id="tip">The formula</span></p>
<script type="module" src="/app.js"></script><script type="module" src="/charts.js"></script>`;

describe('Charts and tips in a browser', function () {
  this.timeout(30_000);
  const browser = useBrowser();
  let page: Page;
  before(async () => {
    page = await browser().newPage();
    await page.route('http://panel.test/**', (route) => {
      const { pathname } = new URL(route.request().url());
      return route.fulfill(files[pathname] ?? { contentType: 'text/html', body: content });
    });
    await page.goto('http://panel.test/');
    await page.locator('canvas').waitFor();
  });
  after(() => page.close());

  const chart = (what: string): Promise<unknown> =>
    page.evaluate(`(() => { const chart = Chart.getChart('c'); return ${what}; })()`);

  it('stand as far apart as the days do, a gap a gap, and name days of the table', async () => {
    const places = await chart('chart.getDatasetMeta(0).data.map(({ x }) => Math.round(x))');
    const [first, second, third, last] = z.tuple([z.int(), z.int(), z.int(), z.int()]).parse(places);
    const dayAt = (x: number) => ((x - first) / (last - first)) * 39;
    expect(dayAt(second)).to.be.closeTo(1, 0.2);
    expect(dayAt(third)).to.be.closeTo(8, 0.2);
    expect(await chart('chart.getDatasetMeta(0).data.map(({ skip }) => skip)')).to.deep.equal([
      ...[false, false, true, false],
    ]);
    expect(await chart('chart.scales.x.ticks.map(({ label }) => label)')).to.deep.equal(['1 Mar', '9 Mar', '9 Apr']);
  });

  it('say a point’s day and number while the pointer is there, until Escape', async () => {
    const isShown = () =>
      chart('chart.tooltip.opacity > 0 && [...chart.tooltip.title, ...chart.tooltip.body[0].lines]');
    await page.locator('canvas').hover({ position: { x: 40, y: 60 } });
    await page.waitForFunction(`Chart.getChart('c').tooltip.opacity > 0`);
    const told = await isShown();
    expect(told).to.be.an('array').that.includes.oneOf(['1 Mar', '2 Mar']);
    await page.keyboard.press('Escape');
    await page.waitForFunction(`Chart.getChart('c').tooltip.opacity === 0`);
  });

  it('explain a word on hover and on focus, until Escape; they stay while the pointer is on them', async () => {
    const tip = page.locator('.cd-tip');
    const word = page.getByRole('link', { name: 'Engagement' });
    await word.hover();
    await tip.hover();
    expect(await tip.isVisible()).to.equal(true);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).to.equal(false);
    await page.mouse.move(0, 0);
    await word.hover();
    expect(await tip.isVisible()).to.equal(true);
    await page.mouse.move(0, 0);
    await word.focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await tip.isVisible()).to.equal(true);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).to.equal(false);
  });
});
