import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ownCodes } from '../../../core/help/own-codes.ts';
import { ownErrors } from '../../../core/help/own-errors.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';

const texts = loadTexts({
  folders: [path.join(projectRoot, 'core/locales')],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

/** Codes in the sources that no page shows as a code of ours: a word of zod, good news, and what the setup check sees of an address. */
const shownNowhere = new Set(['custom', 'ok', 'private_address']);

describe("The installation's own errors", () => {
  it('are all in the book', () => {
    const core = path.join(projectRoot, 'core');
    const files = readdirSync(core, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const named = files.flatMap((file) => [
      ...readFileSync(path.join(core, file), 'utf8').matchAll(/\bcode: '([a-z_]+)'/g),
    ]);
    const codes = new Set(named.map(([, code = '']) => code));
    const missing = [...codes].filter((code) => !Object.hasOwn(ownCodes, code) && !shownNowhere.has(code));
    expect(missing, 'codes without a page: add them to core/help/own-codes.ts').to.deep.equal([]);
  });

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
