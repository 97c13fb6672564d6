import { expect } from 'chai';
import { hostsOf } from '../../../core/web/hosts.ts';

describe('The hosts of an installation', () => {
  const secure = hostsOf('https://panel.example');

  it('are the public address alone, with or without the port that its scheme means', () => {
    expect(['panel.example', 'PANEL.example', 'panel.example:443'].map(secure.isOwn)).to.deep.equal([true, true, true]);
    const others = ['panel.example:80', 'panel.example:8443', 'panel.example.evil', 'evil', '', undefined];
    expect(others.filter(secure.isOwn)).to.deep.equal([]);
    expect(['panel.example:80', 'panel.example:443'].map(hostsOf('http://panel.example').isOwn)).to.deep.equal([
      true,
      false,
    ]);
  });

  it('are all three names of loopback on the port of the public address', () => {
    const local = hostsOf('http://localhost:3000');
    expect(['localhost:3000', '127.0.0.1:3000', '[::1]:3000'].every(local.isOwn)).to.equal(true);
    expect(['localhost', 'localhost:80', '127.0.0.2:3000'].some(local.isOwn)).to.equal(false);
  });

  it('take a request as their own only from a page of the very same origin', () => {
    expect(secure.isOwnOrigin('https://panel.example', 'panel.example:443')).to.equal(true);
    expect(secure.isOwnOrigin('http://panel.example', 'panel.example')).to.equal(false);
    expect(hostsOf('http://localhost:3000').isOwnOrigin('http://127.0.0.1:3000', 'localhost:3000')).to.equal(false);
  });
});
