import type { ChannelPlugin, Composer, PluginHost, PluginParts } from '#plugin-api';
import { createConnector } from './connector.ts';
import { createPublisher } from './publisher.ts';
import { settings } from './settings.ts';

/** Paperboy prints captions in a newspaper of its own table. It shows all that a network needs, and nothing more. */
export const plugin: ChannelPlugin = {
  apiVersion: 1,
  id: 'paperboy',
  name: 'Paperboy',
  icon: 'newspaper',
  settings,
  activate(host: PluginHost): PluginParts {
    return {
      connector: createConnector(host),
      publisher: createPublisher(host),
      composer: createComposer(host),
      connectionTest: {
        run: ({ appKey }) => Promise.resolve({ ok: true, sentence: host.t('paperboy:test.ok', { agency: appKey }) }),
      },
      channelPage: {
        view: 'channel',
        load: async ({ id }) => ({ prints: await host.table('prints').where('channel_id', id).orderBy('id') }),
      },
      origins: { formAction: [new URL(host.settings.address('api')).origin] },
    };
  },
};

function createComposer({ t }: PluginHost): Composer {
  return {
    view: 'compose',
    load: () => Promise.resolve({ pages: ['front', 'back'] }),
    parse: ({ page = '' }) =>
      ['front', 'back'].includes(page)
        ? { options: { page } }
        : { problems: [{ field: 'page', message: t('paperboy:compose.choose') }] },
    fields: (options) => ({ page: pageOf(options) }),
    describe: (options) => [{ label: t('paperboy:compose.page'), value: pageOf(options) }],
    consent: () => {
      const text = t('paperboy:compose.consent');
      return { text, parts: [{ text }] };
    },
  };
}

function pageOf(options: unknown): string {
  const page: unknown = typeof options === 'object' && options !== null ? Reflect.get(options, 'page') : undefined;
  return page === 'back' ? 'back' : 'front';
}
