import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { GoingLiveFacts } from '#plugin-api';
import { projectRoot } from '../../../../core/project-root.ts';
import { everyScope, factsOf, setOf } from '../../../core/going-live/facts.ts';
import { part } from './part.ts';

function asking(scopes: readonly string[]): GoingLiveFacts {
  return factsOf({ reviewed: setOf({ scopes }) });
}

const namesFor = (scopes: readonly string[]) => part.explanations(asking(scopes)).map(({ name }) => name);
const shownBy = (scopes: readonly string[]) =>
  new Set(
    part.scenes(asking(scopes)).flatMap(({ points }) => points.flatMap(({ shows, demands }) => [...shows, ...demands])),
  );

describe("What TikTok's reviewers are told", () => {
  it('explains exactly the products and scopes that are ticked', () => {
    expect(namesFor(everyScope)).to.deep.equal([
      ...['App description', 'Login Kit', 'Content Posting API (Direct Post)'],
      ...everyScope,
    ]);
    expect(namesFor(['user.info.basic', 'video.list'])).to.deep.equal([
      ...['App description', 'Login Kit', 'user.info.basic', 'video.list'],
    ]);
  });

  it('has nothing to explain of a scope that nothing uses, and says so', () => {
    const unused = part.explanations(asking([...everyScope, 'video.upload'])).at(-1);
    expect(unused).to.include({ name: 'video.upload' }).and.not.to.have.property('text');
    expect(unused).to.have.property('warning').that.contains('Untick it');
  });

  it('R38: presents a service for creators and their original content, by its own name', () => {
    const texts = part.explanations(factsOf()).flatMap((one) => ('text' in one ? [one.text] : []));
    for (const text of texts) {
      expect(text).to.contain('Hazel Planner');
      expect(text).not.to.match(
        /\b(personal|private|internal|in-house|test)\b|our own (team|company|accounts)|log ?in(?! kit)/i,
      );
    }
    expect(texts.join(' '))
      .to.match(/people connect/i)
      .and.to.contain('creators and their teams');
    const [home] = part.scenes(factsOf());
    expect(home?.points[0]).to.deep.include({ demands: ['R38'] });
    expect(home?.points[0]?.say).to.contain('their own original videos');
  });

  it('R38: makes sure first that it is for others than oneself', () => {
    expect(part.steps[0]).to.include({ id: 'use' });
    expect(part.steps[0]?.about).to.contain('wide audience').and.to.contain('other platforms');
  });

  it('R40: films R1 to R32 from end to end, and ends with the post visible on TikTok', () => {
    const shown = shownBy(everyScope);
    const asked = Array.from({ length: 32 }, (_, n) => `R${n + 1}`);
    expect(asked.filter((point) => !shown.has(point))).to.deep.equal([]);
    const last = part.scenes(factsOf()).at(-1);
    expect(last).to.include({ place: 'network' });
    expect(last?.points.map(({ demands }) => demands)).to.deep.equal([['R40']]);
  });

  it('R40: shows every product and every scope that is ticked, and no other', () => {
    for (const scopes of [everyScope, ['user.info.basic', 'user.info.stats'], ['user.info.basic', 'video.publish']]) {
      const shown = shownBy(scopes);
      expect([...shown].filter((name) => everyScope.includes(name)).sort()).to.deep.equal([...scopes].sort());
      expect(shown.has('Login Kit')).to.equal(true);
      expect(shown.has('Content Posting API')).to.equal(scopes.includes('video.publish'));
    }
  });

  it('names each click by the words that stand on the page', () => {
    const words = englishWords();
    const clicks = part.scenes(factsOf()).flatMap((scene) => scene.clicks);
    const named = clicks.flatMap((click) => [...click.matchAll(/\*\*(.+?)\*\*/g)].map(([, word = '']) => word));
    expect(named).to.include('Add Channel').and.to.include('Publish');
    expect(named.filter((word) => !words.has(word))).to.deep.equal([]);
  });
});

/** Every English text of the interface. */
function englishWords(): ReadonlySet<string> {
  const words = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') words.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  for (const folder of ['core/locales/en', 'plugins/tiktok/locales/en']) {
    const place = path.join(projectRoot, folder);
    for (const file of readdirSync(place)) walk(JSON.parse(readFileSync(path.join(place, file), 'utf8')));
  }
  return words;
}
