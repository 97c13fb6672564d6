import { expect } from 'chai';
import type { DraftProblem } from '#plugin-api';
import { ownCodes } from '../../../core/help/own-codes.ts';
import { createErrorBook } from '../../../plugins/tiktok/error-book/book.ts';
import { t } from './support.ts';

const book = new Set([...createErrorBook(t).entries.map(({ code }) => code), ...Object.keys(ownCodes)]);
const stillToChoose = [t('tiktok:check.privacyMissing'), t('tiktok-options:disclosure.unsaid')];

/** What TikTok would refuse leads to its page of the error book; what is only still to be chosen has none. */
export function expectPages(problems: readonly Pick<DraftProblem, 'message' | 'code'>[]): void {
  for (const { message, code } of problems) {
    if (stillToChoose.includes(message)) expect(code, message).to.equal(undefined);
    else expect([...book], message).to.include(code);
  }
}
