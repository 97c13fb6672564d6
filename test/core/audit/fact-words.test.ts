import path from 'node:path';
import { expect } from 'chai';
import type { GoingLivePart } from '#plugin-api';
import { factWords } from '../../../core/audit/fact-words.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { plugin as tiktok } from '../../../plugins/tiktok/index.ts';
import { createStubNetwork } from '../posts/stub-network.ts';

describe('What an act is about, in the audit', () => {
  const folders = ['core', 'plugins/tiktok'].map((room) => path.join(projectRoot, room, 'locales'));
  const texts = loadTexts({ folders, onMissing: (key) => expect.fail(`There is no text for ${key}.`) });
  const goingLive: GoingLivePart = {
    sets: { reviewed: 'live', trial: 'sandbox' },
    steps: [{ id: 'icon', title: 'The app’s icon', about: '', todo: [], checks: [] }],
    explanations: () => [],
    scenes: () => [],
    filmRules: [],
    refusals: [],
    portal: { label: 'Portal', href: 'https://network.example' },
  };
  const { active } = createStubNetwork();
  const network = { ...active, plugin: tiktok, parts: { ...active.parts, goingLive } };
  const registry = { find: (id: string) => (id === 'tiktok' ? network : undefined) };
  const words = (kind: string, facts: Readonly<Record<string, unknown>>, language: 'en' | 'th' = 'en') => {
    const [subject, subjectId] = kind.startsWith('site.') ? ['site', 'x'] : ['plugin', 'tiktok'];
    return factWords(registry, { kind, subject, subjectId, facts }, texts.speech(language).t);
  };

  it('names the sets of credentials as the settings do.', () => {
    expect(words('settings.secret-replaced', { set: 'sandbox', field: 'appSecret' })).to.deep.equal({ set: 'Sandbox' });
    expect(words('settings.saved', { mode: 'live' })).to.deep.equal({ mode: 'Live' });
  });

  it('names a step on the way to going live by its title.', () => {
    expect(words('going-live.step-done', { step: 'icon' })).to.deep.equal({ step: 'The app’s icon' });
  });

  it('names fields, pages and logos of the site in the reader’s language.', () => {
    expect(words('site.changed', { fields: 'accent, home-title.th, sender-name' })).to.deep.equal({
      fields: 'Accent colour, Heading (ไทย), Sender name',
    });
    expect(words('site.changed', { fields: 'name' }, 'th')).to.deep.equal({ fields: 'ชื่อ' });
    expect(words('site.legal-saved', { page: 'privacy' })).to.deep.equal({ page: 'Privacy policy' });
    expect(words('site.logo-changed', { kind: 'wide' })).to.deep.equal({ kind: 'Wide logo' });
  });

  it('leaves what nobody knows any more as it was recorded.', () => {
    expect(words('settings.secret-removed', { set: 'third' })).to.deep.equal({});
    expect(words('going-live.step-done', { step: 'gone' })).to.deep.equal({});
    expect(words('site.changed', { fields: 'motto' })).to.deep.equal({ fields: 'motto' });
  });
});
