import { expect } from 'chai';
import { accentStylesheet, defaultAccent } from '../../../core/web/accent.ts';

describe('accentStylesheet', () => {
  it('sets one custom property and nothing else', () => {
    expect(accentStylesheet('#F2C200')).to.equal(':root { --cd-accent: #f2c200; }\n');
    expect(accentStylesheet(defaultAccent)).to.contain(defaultAccent);
  });

  it('refuses whatever is not six hexadecimal digits, so that a setting never becomes a rule', () => {
    for (const bad of ['', 'red', '#fff', '#0a6a7g', '#0a6a76;}', '#0a6a76\n', ' #0a6a76']) {
      expect(() => accentStylesheet(bad), bad).to.throw('hexadecimal');
    }
  });
});
