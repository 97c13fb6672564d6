import { expect } from 'chai';
import { loadTexts } from '../../../../core/web/texts.ts';
import path from 'node:path';
import { projectRoot } from '../../../../core/project-root.ts';
import {
  type CallAnswer,
  type CheckFacts,
  conclude,
  conclusionKinds,
  lockOf,
} from '../../../../plugins/tiktok/check/conclude.ts';

const all = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];
const publish = 'video.publish';
const withoutPublish = all.filter((scope) => scope !== publish);

type Change = Partial<Omit<CheckFacts, 'answers'>> & { readonly answers?: Readonly<Record<string, CallAnswer['is']>> };

/** A Live app that works, but for the change. */
function facts({ answers = {}, ...change }: Change = {}): CheckFacts {
  return {
    app: { isSandbox: false, state: 'live', isAudited: true },
    isLost: false,
    isEnding: false,
    asked: all,
    granted: all,
    answers: new Map(all.map((scope) => [scope, { is: answers[scope] ?? 'ok' }])),
    ...change,
  };
}

const sandbox = { isSandbox: true, state: undefined, isAudited: undefined };
const noted = (state: NonNullable<CheckFacts['app']>['state']) => ({ isSandbox: false, state, isAudited: undefined });
const refused = { [publish]: 'no-scope' } as const;
const everything = (is: CallAnswer['is']) => Object.fromEntries(all.map((scope) => [scope, is]));

/** What is found, the conclusion, how it stands, and who can put it right. */
const table: readonly (readonly [string, Change, string, string, string])[] = [
  ['everything is taken', {}, 'works', 'ok', 'you'],
  ['the audit is not noted', { app: noted('live') }, 'works', 'ok', 'you'],
  ['a sandbox works', { app: sandbox }, 'works-sandbox', 'ok', 'you'],
  ['an app without audit', { app: { ...noted('live'), isAudited: false } }, 'works-unaudited', 'ok', 'you'],
  ['the grant ends soon', { isEnding: true }, 'ending', 'warning', 'team'],
  ['the app was taken out of the settings', { app: undefined, isLost: true }, 'app-gone', 'failed', 'team'],
  ['the access is lost', { isLost: true, answers: {} }, 'lost', 'failed', 'team'],
  ['a renewed access is refused', { answers: everything('dead') }, 'dead', 'failed', 'team'],
  ['the app is refused, a sandbox', { app: sandbox, answers: refused }, 'app-sandbox', 'failed', 'admin'],
  ['the app is refused, a draft', { app: noted('draft'), answers: refused }, 'app-draft', 'failed', 'admin'],
  ['… in review', { app: noted('in-review'), answers: refused }, 'app-in-review', 'failed', 'network'],
  ['… not approved', { app: noted('not-approved'), answers: refused }, 'app-not-approved', 'failed', 'admin'],
  ['… though it is live', { app: noted('live'), answers: refused }, 'app-live', 'failed', 'admin'],
  ['… and nothing is noted', { app: noted(undefined), answers: refused }, 'app-not-noted', 'failed', 'admin'],
  [
    'TikTok says that the app is not approved, and the scope was not even granted',
    { granted: withoutPublish, answers: { [publish]: 'not-approved' } },
    'app-live',
    'failed',
    'admin',
  ],
  [
    'the app is refused something that posting does not need',
    { app: noted('live'), answers: { 'video.list': 'no-scope' } },
    'app-live',
    'warning',
    'admin',
  ],
  [
    'the person switched off something that posting does not need',
    { granted: all.filter((scope) => scope !== 'user.info.stats'), answers: { 'user.info.stats': 'no-scope' } },
    'person',
    'warning',
    'team',
  ],
  ['the person switched it off', { granted: withoutPublish, answers: refused }, 'person', 'failed', 'team'],
  [
    '… and TikTok does not answer',
    { granted: withoutPublish, answers: everything('later') },
    'person',
    'failed',
    'team',
  ],
  [
    'publishing is not asked for',
    { asked: withoutPublish, granted: withoutPublish, answers: refused },
    'not-asked',
    'failed',
    'admin',
  ],
  [
    'the list of videos is not asked for',
    {
      asked: all.filter((scope) => scope !== 'video.list'),
      granted: all.filter((scope) => scope !== 'video.list'),
      answers: { 'video.list': 'no-scope' },
    },
    'works',
    'ok',
    'you',
  ],
  ['TikTok takes a scope that the token does not list', { granted: withoutPublish }, 'works', 'ok', 'you'],
  ['the profile is banned from posting', { answers: { [publish]: 'blocked' } }, 'blocked', 'warning', 'network'],
  ['a code that says nothing of scopes', { answers: { 'video.list': 'refused' } }, 'refused', 'failed', 'network'],
  ['TikTok is silent', { answers: everything('later') }, 'silent', 'warning', 'network'],
  ['there is no room for one call', { answers: { [publish]: 'later' } }, 'later', 'warning', 'network'],
];

describe('What a connection check comes to', () => {
  for (const [what, change, kind, state, who] of table) {
    it(`is "${kind}" where this is found: ${what}`, () => {
      expect(conclude(facts(change))).to.include({ kind, state, who });
    });
  }

  it('knows no conclusion that the table does not try', () => {
    expect([...new Set(table.map(([, , kind]) => kind))]).to.have.members([...conclusionKinds]);
  });

  it('names publishing first, and beside the app’s lock what the person did not grant', () => {
    const answers = { 'user.info.stats': 'no-scope', 'video.list': 'no-scope', [publish]: 'no-scope' } as const;
    const granted = all.filter((scope) => scope !== 'video.list');
    const found = conclude(facts({ granted, answers }));
    expect(found).to.deep.include({
      kind: 'app-live',
      scopes: [publish, 'user.info.stats'],
      notGranted: ['video.list'],
      decidedBy: publish,
    });
  });

  it('tells the two locks of a scope apart', () => {
    const shut = facts({ answers: refused });
    expect(lockOf(shut, publish)).to.equal('app');
    expect(lockOf({ ...shut, granted: withoutPublish }, publish)).to.equal('person');
    expect(lockOf({ ...shut, granted: withoutPublish, asked: withoutPublish }, publish)).to.equal('not-asked');
    expect(lockOf(facts({ answers: { [publish]: 'later' } }), publish)).to.equal('unknown');
  });

  for (const language of ['en', 'th'] as const) {
    it(`has words for each in ${language}`, () => {
      const missing: string[] = [];
      const folders = [path.join(projectRoot, 'plugins/tiktok/locales')];
      const { t } = loadTexts({ folders, onMissing: (key) => void missing.push(key) }).speech(language);
      for (const kind of conclusionKinds) {
        t(`tiktok-check:conclusion.${kind}.next`);
        const isOfApp = kind.startsWith('app-') && kind !== 'app-gone';
        if (!isOfApp) t(`tiktok-check:conclusion.${kind}.sentence`);
      }
      for (const about of ['publishing', 'sentence']) t(`tiktok-check:conclusion.app.${about}`);
      expect(missing).to.deep.equal([]);
    });
  }
});
