import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'node-html-parser';
import { tickSteps } from '../../../core/going-live/ticks.ts';
import { projectRoot } from '../../../core/project-root.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import { factsOf, setOf } from '../going-live/facts.ts';
import { part } from '../../plugins/tiktok/going-live/part.ts';

const { pages } = factsOf();
const unwritten = { ...pages.privacy, isPlaceholder: true, isLinked: false };
const empty = {
  ...{ isComplete: false, callbackUrl: 'http://localhost:3000/app/tiktok/profile' },
  ...{ connected: 0, granted: [], hasPublished: false },
};

/** Of an installation on which everything is still to be done. */
function linksOfGoingLive(): readonly string[] {
  const nothing = factsOf({
    homeWords: ['Our internal desk.'],
    pages: { privacy: unwritten, terms: unwritten },
    proofs: [],
    reviewed: setOf({ ...empty, scopes: ['user.info.basic', 'video.publish', 'video.upload'] }),
    trial: setOf(empty),
  });
  const checks = tickSteps(part.steps, nothing, new Map()).flatMap((step) => step.checks);
  return checks.flatMap(({ link }) => (link === undefined ? [] : [link.href]));
}

/** Every address that a check of the setup may name, as it stands in the sources. */
function linksOfDoctor(): readonly string[] {
  const folders = ['core/doctor', 'plugins/tiktok/doctor'].map((folder) => path.join(projectRoot, folder));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8')),
  );
  const found = sources.flatMap((source) => [...source.matchAll(/[`'](\/admin\/[^`']+)[`']/g)]);
  const written = found.map(([, href = '']) => href).filter((href) => !href.includes(':'));
  const texts = ['privacy', 'terms'];
  const fields = ['appId', 'appSecret', 'callbackUrl'].flatMap((field) => [
    ['sandbox', field],
    ['live', field],
  ]);
  return written.flatMap((href) => {
    if (href.includes('${text}')) return texts.map((text) => href.replace('${text}', text));
    if (href.includes('${field}'))
      return fields.map(([set = '', field = '']) => href.replace('${set}', set).replace('${field}', field));
    return [href.replace('${network.id}', 'tiktok')];
  });
}

describe('Every way to where something is put right', () => {
  let whole: WholePanel;
  let admin: TestBrowser;
  before(async () => {
    whole = await openWholePanel();
    admin = await whole.web.signIn(await createPerson(whole.web.db, { isAdmin: true }));
  });
  after(() => whole.close());

  const lead = async (hrefs: readonly string[]): Promise<void> => {
    for (const href of new Set(hrefs)) {
      const [page = '', anchor] = href.split('#');
      const { text } = await admin.get(page).expect(200);
      if (anchor !== undefined) expect(parse(text).getElementById(anchor), href).not.to.equal(null);
    }
  };

  it('leads from Going live to the very page and field', async () => {
    const hrefs = linksOfGoingLive();
    expect(hrefs).to.include.members(['/admin/site/legal/privacy', '/admin/site/legal/terms']);
    expect(hrefs).not.to.include('/admin/site');
    expect(hrefs).to.have.length.above(12);
    await lead(hrefs);
  });

  it('leads from the setup check to the very page and field', async () => {
    const hrefs = linksOfDoctor();
    expect(hrefs).to.include.members(['/admin/jobs', '/admin/site/verification', '/admin/site/legal/terms']);
    expect(hrefs.join()).not.to.contain('${');
    await lead(hrefs);
  });
});
