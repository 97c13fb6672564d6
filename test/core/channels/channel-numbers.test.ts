import { expect } from 'chai';
import type { ChannelOverview, ChannelOverviews, PluginParts } from '#plugin-api';
import { createDesk, type Desk } from './connect-desk.ts';

const none = { value: null, change: null };
const nothing: ChannelOverview = { followers: none, likes: none, videos: none, published: null, readAt: 1, notes: [] };

describe('The numbers on the cards of channels', () => {
  let desk: Desk;
  let told: Partial<ChannelOverview> | Error;
  let shown: { readonly channels: number; readonly limit: number } | undefined;
  let asked: { readonly channels: number; readonly days: number }[];
  const channelOverviews: ChannelOverviews = {
    load: (channels, { days }) => {
      asked.push({ channels: channels.length, days });
      if (told instanceof Error) return Promise.reject(told);
      const overview = { ...nothing, ...told };
      return Promise.resolve(new Map(channels.map(({ id }) => [id, overview])));
    },
    best: () => Promise.resolve([]),
    find: () => Promise.resolve([]),
    latest: (channels, limit) => {
      shown = { channels: channels.length, limit };
      const bun = { caption: 'Buns <b>', cover: '/covers/1', href: '/videos/1' };
      return Promise.resolve(new Map(channels.map(({ id }) => [id, [bun, { ...bun, caption: '' }]])));
    },
  };

  async function open(parts: Partial<PluginParts>): Promise<void> {
    desk = await createDesk(parts);
    await desk.connect('code-1');
    await desk.connect('code-2');
  }
  beforeEach(() => {
    told = {};
    asked = [];
  });
  afterEach(() => desk.close());

  /** Of the first card, as it is read. */
  async function numbers(): Promise<string> {
    const { text } = await desk.browser.get(`/team/${desk.team.id}/channels`);
    const [, list = ''] = /<dl class="nums">(.*?)<\/dl>/su.exec(text) ?? [];
    return list
      .replaceAll(/<[^>]+>/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim();
  }

  it('are followers with their change over a week, and videos, asked for all channels at once', async () => {
    await open({ channelOverviews });
    told = { followers: { value: 48_214, change: 811 }, videos: { value: 214, change: 3 } };
    expect(await numbers()).to.equal('Followers, 7 days 48,214 +811 Videos 214 Next post None');
    expect(asked).to.deep.equal([{ channels: 2, days: 7 }]);
  });

  it('have no change where none is known, rather than none that happened', async () => {
    await open({ channelOverviews });
    told = { followers: { value: 48_214, change: null } };
    expect(await numbers()).to.equal('Followers 48,214 Videos – Next post None');
    told = { followers: { value: 48_214, change: 0 } };
    expect(await numbers()).to.equal('Followers, 7 days 48,214 ±0 Videos – Next post None');
  });

  it('stand below what each published last, but where somebody must log in first', async () => {
    await open({ channelOverviews });
    const { text } = await desk.browser.get(`/team/${desk.team.id}/channels`);
    expect(text).to.contain('<a href="/videos/1" aria-label="Buns &lt;b&gt;"><img class="cd-cover" src="/covers/1"');
    expect(text).to.contain('aria-label="No caption"');
    expect(shown).to.deep.equal({ channels: 2, limit: 5 });
    const first = (await desk.world.channels.list(desk.team.id))[0];
    await desk.world.db.knex('credentials').where({ id: first?.credentialId }).update({ state: 'reconnect-needed' });
    await desk.browser.get(`/team/${desk.team.id}/channels`);
    expect(shown?.channels).to.equal(1);
  });

  it('are left out where the network tells none, and where it cannot tell them now', async () => {
    await open({ channelOverviews });
    told = new Error('The table is locked.');
    expect(await numbers()).to.equal('Next post None');
    await desk.close();
    await open({});
    expect(await numbers()).to.equal('Next post None');
  });
});
