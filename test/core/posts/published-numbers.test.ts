import { expect } from 'chai';
import type { ChannelView } from '#plugin-api';
import { numbersHref } from '../../../core/posts/published-numbers.ts';
import { createDesk } from '../channels/connect-desk.ts';

describe('The numbers of a published post', () => {
  it('are linked once its network has shown it, and never of a disconnected channel', async () => {
    const ofPublished = (_channel: ChannelView, ids: readonly string[]) =>
      Promise.resolve(ids.includes('7301234567890123456') ? '?print=7301234567890123456' : undefined);
    const desk = await createDesk({ channelPage: { view: 'channel', load: () => Promise.resolve({}), ofPublished } });
    await desk.connect();
    const channel = await desk.onlyChannel();
    const { channels, forCommands } = desk.world;
    const href = (remoteIds: readonly string[], disconnectedAt: number | null = null) =>
      numbersHref(
        { channels, plugins: forCommands.registry },
        { ...channel, disconnectedAt },
        { plugin: channel.plugin, remoteIds },
      );
    const base = `/team/${desk.team.id}/channels/${channel.id}`;
    expect(await href(['7301234567890123456'])).to.equal(`${base}?print=7301234567890123456`);
    expect(await href(['1'])).to.equal(null);
    expect(await href([])).to.equal(null);
    expect(await href(['7301234567890123456'], 1)).to.equal(null);
    await desk.close();
  });
});
