import { expect } from 'chai';
import type { GoingLiveFacts } from '#plugin-api';
import { nextOf, tickSteps } from '../../../../core/going-live/ticks.ts';
import { everyScope, factsOf, setOf } from '../../../core/going-live/facts.ts';
import { part } from './part.ts';

const { pages } = factsOf();
const live = { appState: 'live', isAudited: true } as const;

/** What is changed of an app on which nothing is left to do, and which checks then say so. */
const table: readonly { readonly what: string; readonly facts: Partial<GoingLiveFacts>; readonly unmet: string[] }[] = [
  { what: 'nothing', facts: {}, unmet: [] },
  { what: 'a home page of the whole world', facts: { homeWords: ['For bakers and their agencies.'] }, unmet: [] },
  {
    what: 'a home page that speaks of a tool of one team, which is only a hint',
    facts: { homeWords: ['Our internal desk.', 'เครื่องมือภายในของเรา'] },
    unmet: ['use/words'],
  },
  { what: 'no icon that was checked', facts: { icon: undefined }, unmet: ['icon/icon'] },
  { what: 'an installation on this machine alone', facts: { isPublic: false }, unmet: ['pages/public'] },
  {
    what: 'a privacy policy that is a placeholder',
    facts: { pages: { ...pages, privacy: { ...pages.privacy, isPlaceholder: true } } },
    unmet: ['pages/privacy'],
  },
  {
    what: 'terms that are a placeholder',
    facts: { pages: { ...pages, terms: { ...pages.terms, isPlaceholder: true } } },
    unmet: ['pages/terms'],
  },
  {
    what: 'a home page that leads to neither text',
    facts: { pages: { ...pages, terms: { ...pages.terms, isLinked: false } } },
    unmet: ['pages/linked'],
  },
  { what: 'no verification file, which is only a hint', facts: { proofs: [] }, unmet: ['domain/proof'] },
  { what: "another network's verification file", facts: { proofs: ['google1a2b.html'] }, unmet: ['domain/proof'] },
  {
    what: 'a callback by plain http',
    facts: { reviewed: setOf({ ...live, callbackUrl: 'http://localhost:3000/app/tiktok/profile' }) },
    unmet: ['products/callback'],
  },
  {
    what: 'a callback on this machine',
    facts: { reviewed: setOf({ ...live, callbackUrl: 'https://127.0.0.1:3000/app/tiktok/profile' }) },
    unmet: ['products/callback'],
  },
  {
    what: 'a sandbox that asks for less',
    facts: { trial: setOf({ scopes: ['user.info.basic', 'video.publish'] }) },
    unmet: ['scopes/same', 'trial/granted'],
  },
  {
    what: 'a scope that nothing uses',
    facts: {
      reviewed: setOf({ ...live, scopes: [...everyScope, 'video.upload'] }),
      trial: setOf({ scopes: [...everyScope, 'video.upload'] }),
    },
    unmet: ['scopes/used'],
  },
  { what: 'a sandbox without its keys', facts: { trial: setOf({ isComplete: false }) }, unmet: ['trial/keys'] },
  {
    what: 'a sandbox that nobody has connected with',
    facts: { trial: setOf({ connected: 0, granted: [], hasPublished: false }) },
    unmet: ['trial/connected', 'trial/granted', 'trial/published'],
  },
  {
    what: 'a scope that the sandbox did not grant',
    facts: { trial: setOf({ granted: everyScope.slice(1) }) },
    unmet: ['trial/granted'],
  },
  { what: 'no post through the sandbox', facts: { trial: setOf({ hasPublished: false }) }, unmet: ['trial/published'] },
  {
    what: 'no post through the sandbox of an app that publishes nothing, nor an audit',
    facts: {
      reviewed: setOf({ appState: 'live', scopes: ['user.info.basic'] }),
      trial: setOf({ scopes: ['user.info.basic'], hasPublished: false }),
    },
    unmet: [],
  },
  {
    what: 'an app that is in review',
    facts: { reviewed: setOf({ appState: 'in-review' }) },
    unmet: ['live/approved', 'audit/audited'],
  },
  {
    what: 'an app that was not approved',
    facts: { reviewed: setOf({ appState: 'not-approved' }) },
    unmet: ['submit/submitted', 'live/approved', 'audit/audited'],
  },
  {
    what: 'an app whose state nobody has noted, without its keys',
    facts: { reviewed: setOf({ isComplete: false, connected: 0 }) },
    unmet: ['submit/submitted', 'live/approved', 'live/keys', 'live/connected', 'audit/audited'],
  },
  {
    what: 'an app that is not audited',
    facts: { reviewed: setOf({ appState: 'live', isAudited: false }) },
    unmet: ['audit/audited'],
  },
];

describe('The ticks of going live with TikTok', () => {
  const saidAll = new Map(part.steps.map(({ id }) => [id, { at: 1, by: 'Ines' }]));
  for (const { what, facts, unmet } of table) {
    it(`tell of ${what}`, () => {
      const ticked = tickSteps(part.steps, factsOf(facts), saidAll);
      const open = ticked.flatMap(({ step, checks }) =>
        checks.filter(({ isMet }) => !isMet).map(({ id }) => `${step.id}/${id}`),
      );
      expect(open).to.deep.equal(unmet);
    });
  }

  it('stand in the order of the portal, and begin with whom it is for', () => {
    const ticked = tickSteps(part.steps, factsOf(), new Map());
    expect(ticked.map(({ step }) => step.id)).to.deep.equal([
      ...['use', 'organization', 'icon', 'category', 'description', 'pages', 'domain', 'products', 'scopes', 'trial'],
      ...['import', 'film', 'submit', 'live', 'audit'],
    ]);
    expect(nextOf(ticked)?.step.id).to.equal('use');
  });

  it('are done when everything is seen and said', () => {
    const ticked = tickSteps(part.steps, factsOf(), saidAll);
    expect(new Set(ticked.map(({ state }) => state))).to.deep.equal(new Set(['done']));
    expect(nextOf(ticked)).to.equal(undefined);
  });

  it('have words for whatever they find', () => {
    for (const { facts } of table) {
      for (const { step, checks } of tickSteps(part.steps, factsOf(facts), new Map())) {
        for (const { text } of checks) expect(text, step.id).not.to.match(/tiktok-going-live|\{\{/);
      }
    }
  });
});
