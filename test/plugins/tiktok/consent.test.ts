import { expect } from 'chai';
import type { Consent } from '#plugin-api';
import { loadTexts } from '../../../core/web/texts.ts';
import { consentTo } from '../../../plugins/tiktok/consent.ts';
import { publicOptions, t } from './support.ts';

describe('what a person agrees to by posting to TikTok', () => {
  it('R22 and R24: declares with TikTok’s own words and link', () => {
    const own = { ...publicOptions, disclose: true, yourBrand: true };
    for (const options of [[], [publicOptions], [publicOptions, own]]) {
      const consent = consentTo(options, t);
      expect(consent.text).to.equal("By posting, you agree to TikTok's Music Usage Confirmation");
      expect(consent.parts.map(({ text }) => text).join('')).to.equal(consent.text);
      expect(linksOf(consent)).to.deep.equal([['Music Usage Confirmation', musicTerms]]);
    }
  });

  it('R23 and R24: declares more as soon as one profile has branded content', () => {
    const paid = { ...publicOptions, disclose: true, brandedContent: true };
    for (const options of [[paid], [publicOptions, paid], [{ ...paid, yourBrand: true }]]) {
      const consent = consentTo(options, t);
      expect(consent.text).to.equal(
        "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation",
      );
      expect(consent.parts.map(({ text }) => text).join('')).to.equal(consent.text);
      expect(linksOf(consent)).to.deep.equal([
        ['Branded Content Policy', 'https://www.tiktok.com/legal/page/global/bc-policy/en'],
        ['Music Usage Confirmation', musicTerms],
      ]);
    }
  });

  it('keeps TikTok’s own sentence beside another language', () => {
    const thai = loadTexts({ folders: ['plugins/tiktok/locales'], onMissing: () => undefined }).speech('th').t;
    const paid = { ...publicOptions, disclose: true, brandedContent: true };
    expect(consentTo([], thai).text).to.contain(consentTo([], t).text);
    expect(consentTo([paid], thai).text).to.contain(consentTo([paid], t).text);
    expect(linksOf(consentTo([paid], thai)), 'links').to.have.length(2);
  });

  it('R31: tells that TikTok may need a few minutes', () => {
    expect(consentTo([], t).note).to.match(/few minutes/u);
  });
});

const musicTerms = 'https://www.tiktok.com/legal/page/global/music-usage-confirmation/en';

function linksOf({ parts }: Consent): readonly (readonly [string, string])[] {
  return parts.flatMap(({ text, href }) => (href === undefined ? [] : [[text, href] as const]));
}
