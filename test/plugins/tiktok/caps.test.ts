import { expect } from 'chai';
import type { CredentialSet } from '#plugin-api';
import { checkCap, dayWindows } from '../../../plugins/tiktok/caps.ts';

const day = 86_400_000;
const post = { deliveryId: 12, accountId: 'open-id-1' };

function typed(values: Readonly<Record<string, string>>): CredentialSet {
  const unasked = { choices: () => [], isConfirmed: () => false };
  return { id: 'live', appKey: 'a', callbackUrl: '', text: (field) => values[field] ?? '', ...unasked };
}

describe('The caps of a day', () => {
  it('are the documented 15 posts of a profile unless an admin types something, each delivery counted once', () => {
    const documented = [{ name: 'posts', per: 'account', limit: 15, withinMs: day, member: '12' }];
    expect(dayWindows(typed({}), post)).to.deep.equal(documented);
    expect(dayWindows(undefined, post)).to.deep.equal(documented);
  });

  it('are what an admin types, the profiles over the whole app', () => {
    expect(dayWindows(typed({ postsPerDay: '3', profilesPerDay: '5' }), post)).to.deep.equal([
      { name: 'posts', per: 'account', limit: 3, withinMs: day, member: '12' },
      { name: 'users', per: 'app', limit: 5, withinMs: day, member: 'open-id-1' },
    ]);
  });

  it('take whole numbers from one on, or nothing', () => {
    for (const good of ['', ' 5 ', '1000']) expect(checkCap(good), good).to.deep.equal({ value: good.trim() });
    for (const bad of ['0', '-1', '1.5', 'ten', '1001', '1e3']) expect(checkCap(bad), bad).to.have.property('problem');
  });
});
