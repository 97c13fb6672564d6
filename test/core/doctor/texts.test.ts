import { expect } from 'chai';
import path from 'node:path';
import type { FindingOutcome } from '#plugin-api';
import { addressOutcomes } from '../../../core/doctor/look-at-address.ts';
import { databaseOutcomes } from '../../../core/doctor/look-at-database.ts';
import { legalOutcomes } from '../../../core/doctor/look-at-legal-pages.ts';
import { mailOutcomes } from '../../../core/doctor/look-at-mail.ts';
import { storageOutcomes } from '../../../core/doctor/look-at-storage.ts';
import { tokenOutcomes } from '../../../core/doctor/look-at-tokens.ts';
import { verificationOutcomes } from '../../../core/doctor/look-at-verification.ts';
import { workerOutcomes } from '../../../core/doctor/look-at-worker.ts';
import { runnerOutcomes } from '../../../core/doctor/run-checks.ts';
import { languages } from '../../../core/language/languages.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { callbackOutcomes } from '../../../plugins/tiktok/doctor/look-at-callback.ts';
import { clockOutcomes } from '../../../plugins/tiktok/doctor/look-at-clock.ts';
import { keyOutcomes } from '../../../plugins/tiktok/doctor/look-at-keys.ts';
import { scopeOutcomes } from '../../../plugins/tiktok/doctor/look-at-scopes.ts';
import { webhookOutcomes } from '../../../plugins/tiktok/doctor/look-at-webhook.ts';

const tables: Readonly<Record<string, Readonly<Record<string, FindingOutcome>>>> = {
  'doctor:address': addressOutcomes,
  'doctor:database': databaseOutcomes,
  'doctor:legal': legalOutcomes,
  'doctor:mail': mailOutcomes,
  'doctor:runner': runnerOutcomes,
  'doctor:storage': storageOutcomes,
  'doctor:tokens': tokenOutcomes,
  'doctor:verification': verificationOutcomes,
  'doctor:worker': workerOutcomes,
  'tiktok-doctor:callback': callbackOutcomes,
  'tiktok-doctor:clock': clockOutcomes,
  'tiktok-doctor:keys': keyOutcomes,
  'tiktok-doctor:scopes': scopeOutcomes,
  'tiktok-doctor:webhook': webhookOutcomes,
};

/** What every finding may name; the counted ones are asked for with a count. */
const values = { count: 2, total: 9 };

describe('The setup check', () => {
  const missing: string[] = [];
  const texts = loadTexts({
    folders: [`${projectRoot}/core/locales`, path.join(projectRoot, 'plugins/tiktok/locales')],
    onMissing: (key) => void missing.push(key),
  });

  for (const language of languages) {
    it(`says every finding with its meaning and all its steps in its language: ${language}`, () => {
      const { t } = texts.speech(language);
      const said: string[] = [];
      for (const [at, outcomes] of Object.entries(tables)) {
        for (const [kind, { tone, steps = 0 }] of Object.entries(outcomes)) {
          const names = ['sentence', ...(tone === 'ok' ? [] : ['meaning'])];
          for (let step = 1; step <= steps; step += 1) names.push(`step${step}`);
          said.push(...names.map((name) => t(`${at}.${kind}.${name}`, values)));
        }
      }
      expect(missing).to.deep.equal([]);
      expect(said.filter((text) => text === '')).to.deep.equal([]);
    });
  }

  it('says of everything that is not fine who can put it right, and how', () => {
    for (const [at, outcomes] of Object.entries(tables)) {
      if (at === 'doctor:runner') continue;
      for (const [kind, { tone, who, steps = 0 }] of Object.entries(outcomes)) {
        if (tone !== 'ok') expect([who !== undefined, steps > 0], `${at}.${kind}`).to.deep.equal([true, true]);
      }
    }
  });
});
