import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { compiledCommand } from '../../support/compiled.ts';

describe('The shipped code', function () {
  this.timeout(120_000);

  it('is held by Node in one byte for each letter: what all starts share has none beyond ASCII', () => {
    const folder = path.join(path.dirname(compiledCommand('web')), '..');
    const shared = readdirSync(folder).filter((name) => /^chunk-.*\.js$/.test(name));
    expect(shared).not.to.be.empty;
    const beyond = shared.flatMap(
      (name) => readFileSync(path.join(folder, name), 'utf8').match(/.{0,40}[^\0-\x7f]/g) ?? [],
    );
    // Texts are escaped when the code is put together, regular expressions are not: write \u0e01 there.
    expect(beyond).to.deep.equal([]);
  });

  it('gives no name to a function each time it is made: that was a seventh of what a page costs', () => {
    const folder = path.join(path.dirname(compiledCommand('web')), '..');
    const shared = readdirSync(folder).filter((name) => /^chunk-.*\.js$/.test(name));
    const naming = shared.filter((name) => readFileSync(path.join(folder, name), 'utf8').includes('__name('));
    expect(naming).to.deep.equal([]);
  });
});
