import type { PluginChannels } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import { type Channel, viewOf } from './channel.ts';
import type { ChannelDeps } from './channel-deps.ts';

/** One plugin's door to its own channels: those of other networks are not there. */
export function pluginChannels(deps: ChannelDeps, pluginId: string): PluginChannels {
  const { store, avatars, credentials } = deps;
  const find = async (id: number): Promise<Channel | undefined> => {
    const channel = await store.findAcrossTeams(id);
    return channel?.plugin === pluginId && channel.disconnectedAt === null ? channel : undefined;
  };
  return {
    async find(id) {
      const channel = await find(id);
      return channel === undefined ? undefined : viewOf(channel);
    },
    all: async () => (await store.ofPlugin(pluginId)).map(viewOf),
    async access(id) {
      const channel = await find(id);
      if (channel === undefined) throw new NotFoundError(`There is no channel ${id}.`);
      return credentials.access(channel.credentialId);
    },
    async update(id, { avatar, ...words }) {
      const channel = await find(id);
      if (channel === undefined) return;
      const kept = avatar === undefined ? null : await avatars.keep(avatar);
      await store.change(id, { ...words, ...(kept === null ? {} : { avatar: kept }) });
      if (kept !== null && channel.avatar !== null) await avatars.remove(channel.avatar);
    },
  };
}
