import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import type { AccountAccess, CallWindow } from '#plugin-api';
import type { Reply } from '../../../plugins/tiktok/api/replies.ts';
import { askCreator } from '../../../plugins/tiktok/creator.ts';
import { pageWindow, windowOf, withPlace } from '../../../plugins/tiktok/places.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import { failure } from './situations.ts';
import { account, clientFor, errors } from './support.ts';

const window = windowOf(standardTimings, 'video/init');
const parts = { client: clientFor('http://127.0.0.1:9'), errors, timings: standardTimings };
const done: Reply<string> = { ok: true, value: 'done' };

/** An account with so many places left; the last answer says when there are more. */
function accountWithPlaces(places: number): AccountAccess & { readonly asked: CallWindow[] } {
  const asked: CallWindow[] = [];
  return {
    ...account('first', 'second'),
    asked,
    take: (wanted) => {
      asked.push(wanted);
      return Promise.resolve(asked.length <= places ? { taken: true } : { taken: false, at: 7 });
    },
  };
}

function caller(replies: readonly Reply<string>[]): {
  readonly tokens: string[];
  call: (token: string) => Promise<Reply<string>>;
} {
  const tokens: string[] = [];
  return {
    tokens,
    call: (token) => {
      tokens.push(token);
      return Promise.resolve(replies[tokens.length - 1] ?? done);
    },
  };
}

describe('a call that TikTok counts', () => {
  it('is made after its place was taken', async () => {
    const { call, tokens } = caller([done]);
    const who = accountWithPlaces(1);
    expect(await withPlace(parts, who, { name: window.name, windows: [window], call })).to.equal(done);
    expect(who.asked).to.deep.equal([window]);
    expect(tokens).to.deep.equal(['first']);
  });

  it('is not made without a place, and says from when there is one', async () => {
    const { call, tokens } = caller([]);
    const answer = await withPlace(parts, accountWithPlaces(0), { name: window.name, windows: [window], call });
    expect(answer).to.deep.equal({ call: 'no-room', at: 7, because: 'calls' });
    expect(tokens).to.deep.equal([]);
  });

  it('takes no place and no token while TikTok does not answer, and says when to come again', async () => {
    const heldBack = (call: string) => ({ ...failure('not_sent', null), call, retryAt: 7 });
    const { call, tokens } = caller([]);
    const who = accountWithPlaces(1);
    const told = await withPlace({ client: { heldBack }, errors }, who, { name: 'look', windows: [window], call });
    expect(told).to.include({ ok: false, code: 'not_sent', call: 'look', retryAt: 7 });
    expect([who.asked, tokens]).to.deep.equal([[], []]);
  });

  it('takes a place of its own when it is made again with a new token', async () => {
    const refused = failure('access_token_invalid', 401);
    const { call, tokens } = caller([refused, done]);
    const who = accountWithPlaces(2);
    expect(await withPlace(parts, who, { name: window.name, windows: [window], call })).to.equal(done);
    expect([who.asked.length, tokens]).to.deep.equal([2, ['first', 'second']]);
    const again = await withPlace(parts, accountWithPlaces(1), {
      name: window.name,
      windows: [window],
      call: caller([refused]).call,
    });
    expect(again).to.deep.include({ call: 'no-room' });
  });

  it('leaves pages some looks that workers do not take', () => {
    const [pages, workers] = [pageWindow(standardTimings), windowOf(standardTimings, 'creator_info/query')];
    expect(pages).to.include({ name: workers.name, per: workers.per, withinMs: workers.withinMs });
    expect([workers.limit, pages.limit]).to.deep.equal([16, 20]);
  });

  it('tells a person at a page that the minute is used up', async () => {
    const reply = await askCreator(parts, accountWithPlaces(0));
    if (reply.ok) throw new Error('There was no room.');
    const error = errors.remoteError(reply);
    expect(error).to.be.instanceOf(RemoteError).and.to.include({ kind: 'rate-limited' });
    expect(error.explanation.sentence).to.match(/only so many calls a minute/u);
  });
});
