import { expect } from 'chai';
import { createTabCounts } from '../../../core/posts/tab-counts.ts';
import type { DeliveryState } from '../../../core/deliveries/delivery.ts';
import { createTestClock } from '../../support/clock.ts';

describe('The numbers of the tabs', () => {
  it('count what is full again after ten seconds, and what is not at once', async () => {
    const posts = new Map<DeliveryState, number>([
      ['published', 5_000],
      ['draft', 3],
    ]);
    const asked: string[] = [];
    const countByState = (_team: number, limit: number, states: readonly DeliveryState[] = []) => {
      asked.push(states.join(' '));
      const found = states.flatMap((state) => [[state, Math.min(posts.get(state) ?? 0, limit)] as const]);
      return Promise.resolve(new Map(found.filter(([, n]) => n > 0)));
    };
    const clock = createTestClock();
    const count = createTabCounts({ store: { countByState }, clock });
    const read = async () => Object.fromEntries(await count(1, 1_001));
    expect(await read()).to.deep.equal({ published: 1_001, draft: 3 });
    posts.set('draft', 4).set('published', 2);
    expect(await read()).to.deep.equal({ draft: 4, published: 1_001 });
    expect(asked.at(-1)).to.not.contain('published');
    clock.advance(10_000);
    expect(await read()).to.deep.equal({ draft: 4, published: 2 });
  });
});
