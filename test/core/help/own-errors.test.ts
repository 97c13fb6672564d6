import { expect } from 'chai';
import path from 'node:path';
import { ownErrors } from '../../../core/help/own-errors.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';

const texts = loadTexts({
  folders: [path.join(projectRoot, 'core/locales')],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

describe("The installation's own errors", () => {
  for (const language of ['en', 'th'] as const) {
    it(`each say what they mean, whether it is tried again and what to do, in ${language}`, () => {
      for (const { code, sections } of ownErrors(texts.speech(language).t)) {
        for (const { where, told, about, retry, you, admin } of sections) {
          for (const text of [where, told, about, retry.text, ...you, ...admin]) {
            expect(text.trim(), code).not.to.equal('');
            expect(/[฀-๿]/.test(text), `${code}: ${text}`).to.equal(language === 'th');
          }
          expect(you.length + admin.length, code).to.be.above(0);
        }
      }
    });
  }
});
