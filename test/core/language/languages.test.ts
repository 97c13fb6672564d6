import { expect } from 'chai';
import { acceptedLanguage, languageOfEnvironment } from '../../../core/language/languages.ts';

describe('Languages', () => {
  it("the installation's is the first known one of LANGUAGE, which systems fill with lists of their own", () => {
    expect(['th', 'TH', 'th_TH.UTF-8:en', 'de_DE:th'].map(languageOfEnvironment)).to.deep.equal(Array(4).fill('th'));
    const others = [undefined, '', 'en_US:en', 'C', 'fr'].map(languageOfEnvironment);
    expect(others).to.deep.equal([undefined, undefined, 'en', undefined, undefined]);
  });

  it('a browser gets what it would rather have, of those there are', () => {
    expect(acceptedLanguage('th-TH,th;q=0.9,en;q=0.8')).to.equal('th');
    expect(acceptedLanguage('en;q=0.5, th;q=0.7')).to.equal('th');
    expect(acceptedLanguage('de, en-GB;q=0.3')).to.equal('en');
    expect(acceptedLanguage('th;q=0, de')).to.equal(undefined);
    expect(['', '*', ';;q=', 'th;q=x', undefined].map(acceptedLanguage)).to.deep.equal(Array(5).fill(undefined));
  });
});
