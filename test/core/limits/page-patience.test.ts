import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import { askForPage, onePage } from '../../../core/limits/page-patience.ts';
import { failureOf } from '../../support/failure.ts';
import { givenTime } from '../../support/given-time.ts';

const t = (key: string): string => key;
const never = (): Promise<never> => new Promise(() => undefined);

describe('A page that asks networks', () => {
  it('P12: waits for all of them no longer than once, and asks nothing more afterwards', async () => {
    let asked = 0;
    const begun = performance.now();
    const ask = async (): Promise<void> => {
      const both = [failureOf(askForPage(t, never)), failureOf(askForPage(t, never))];
      for (const failure of await Promise.all(both)) {
        expect(failure).to.be.instanceOf(RemoteError).that.includes({ kind: 'temporary' });
        expect(failure).to.have.nested.property('explanation.sentence', 'limits:tooLong.sentence');
      }
      const next = askForPage(t, () => {
        asked += 1;
        return Promise.resolve();
      });
      expect(await failureOf(next)).to.be.instanceOf(RemoteError);
    };
    expect(await givenTime(() => onePage(ask, 40))).to.be.below(1_500);
    expect(asked).to.equal(0);
    expect(performance.now() - begun).to.be.at.least(35);
  });

  it('is patient anew for each page, and passes answers and errors on', async () => {
    await onePage(() => failureOf(askForPage(t, never)), 5);
    await onePage(async () => {
      expect(await askForPage(t, () => Promise.resolve(7))).to.equal(7);
      const failure = await failureOf(askForPage(t, () => Promise.reject(new Error('no'))));
      expect(failure.message).to.equal('no');
    }, 60_000);
    expect(await askForPage(t, () => Promise.resolve(8)), 'without a page').to.equal(8);
  });
});
