import path from 'node:path';
import type { ChannelPlugin, ConnectionTest, PluginParts } from '#plugin-api';
import { readKeys } from '../../../core/keys/key-ring.ts';
import { createVault, type Vault } from '../../../core/keys/vault.ts';
import { createPluginRegistry, type PluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { type SettingsDraft } from '../../../core/settings/settings-form.ts';
import type { SettingsOwner } from '../../../core/settings/settings-values.ts';

/** A network with every kind of field. */
export const exampleNetwork: SettingsOwner = {
  id: 'example',
  name: 'Example',
  settings: {
    sets: [
      {
        id: 'sandbox',
        label: 'example:sandbox.label',
        help: 'example:sandbox.help',
        notes: {
          testers: {
            label: 'example:testers.label',
            help: 'example:testers.help',
            noted: 'example:testers.noted',
            most: 3,
            check: (name) => (/^[a-z]+$/.test(name) ? { value: name } : { problem: { key: 'example:testers.name' } }),
          },
        },
      },
      {
        id: 'live',
        label: 'example:live.label',
        help: 'example:live.help',
        notes: {
          state: {
            label: 'example:state.label',
            help: 'example:state.help',
            states: {
              draft: 'example:state.draft',
              'in-review': 'example:state.inReview',
              live: 'example:state.live',
              'not-approved': 'example:state.notApproved',
            },
            expect: { draft: 'example:state.expectDraft' },
          },
          audit: { label: 'example:audit.label', help: 'example:audit.help' },
        },
      },
    ],
    modeEnvironment: 'EXAMPLE_MODE',
    defaultSet: 'live',
    appKeyField: 'key',
    fields: [
      {
        kind: 'text',
        id: 'key',
        label: 'example:key.label',
        environment: 'EXAMPLE_KEY',
        required: true,
        check: (value) => (/\s/.test(value) ? { problem: { key: 'example:key.space' } } : { value }),
      },
      { kind: 'secret', id: 'secret', label: 'example:secret', environment: 'EXAMPLE_SECRET', required: true },
      { kind: 'callback', id: 'callback', label: 'example:callback', environment: 'EXAMPLE_REDIRECT_URI' },
      {
        kind: 'choices',
        id: 'scopes',
        label: 'example:scopes.label',
        choices: [
          { value: 'see', why: 'example:scopes.see', byDefault: true, always: true },
          { value: 'post', why: 'example:scopes.post', byDefault: true },
          { value: 'draft', why: 'example:scopes.draft', byDefault: false },
        ],
      },
      { kind: 'confirmation', id: 'address', label: 'example:address' },
    ],
    addresses: [{ id: 'api', environment: 'EXAMPLE_API_URL', byDefault: 'https://api.example.test' }],
  },
};

/** Its texts. */
export const exampleTexts = path.join(import.meta.dirname, 'locales');

/** A vault under a fixed key. */
export function exampleVault(letter = 'a'): Vault {
  const read = readKeys(`${letter}:${Buffer.alloc(32, letter).toString('base64')}`);
  if (!('ring' in read)) throw new Error(read.problem);
  return createVault(() => read.ring);
}

/** What the browser sends for one set; the rest of the form is left as it is. */
export function draft(
  fields: Readonly<Record<string, string | readonly string[]>>,
  more: Partial<SettingsDraft> = {},
): SettingsDraft {
  const typed = Object.entries(fields).map(([name, value]): [string, readonly string[]] => [
    name,
    typeof value === 'string' ? [value] : value,
  ]);
  const { mode = 'live' } = more;
  const agreed = { agreedToCutOff: [], agreedToMode: [] };
  return { mode, isEnabled: true, ...agreed, sessionHash: 'session', typed: new Map(typed), ...more };
}

/** The registry with the one network in it, whose Test connection is the one given. */
export function registryWith(connectionTest: ConnectionTest): PluginRegistry {
  const registry = createPluginRegistry();
  const plugin: ChannelPlugin = {
    ...exampleNetwork,
    apiVersion: 1,
    icon: 'plug',
    activate: () => networkParts({ connectionTest }),
  };
  registry.add({
    plugin,
    parts: networkParts({ connectionTest }),
    settings: {
      isEnabled: () => Promise.resolve(true),
      active: () => Promise.resolve(undefined),
      complete: () => Promise.resolve([]),
      findByAppKey: () => Promise.resolve(undefined),
      address: () => '',
      notes: () => Promise.resolve({ state: undefined, isAudited: undefined, testers: [], testersNotedAt: undefined }),
      withdraw: () => Promise.resolve(),
    },
  });
  return registry;
}

/** Parts that nobody may ask, but for the ones given. */
export function networkParts(given: Partial<PluginParts>): PluginParts {
  const notAsked = () => {
    throw new Error('Nobody has any business with this part here.');
  };
  return {
    connectionTest: { run: notAsked },
    connector: {
      strategy: notAsked,
      readAccount: notAsked,
      refresh: notAsked,
      explain: notAsked,
      missingScopes: notAsked,
    },
    publisher: { check: notAsked, advance: notAsked },
    composer: {
      view: 'none',
      load: notAsked,
      parse: notAsked,
      fields: notAsked,
      describe: notAsked,
      consent: notAsked,
    },
    ...given,
  };
}
