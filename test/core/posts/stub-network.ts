import path from 'node:path';
import {
  RemoteError,
  type ChannelPlugin,
  type Consent,
  type DraftProblem,
  type Json,
  type PluginParts,
  type PluginSettings,
  type PostCap,
} from '#plugin-api';
import type { ActivePlugin } from '../../../core/plugin-host/plugin-registry.ts';
import type { Network } from '../../../core/web/app.ts';

/** A network at the border of the posts' room: what it answers is the test's to say. */
export interface StubNetwork {
  readonly active: ActivePlugin;
  readonly forApp: Network;
  /** Channels whose options were asked for, in order. */
  readonly asked: number[];
  /** What `check` finds; nothing unless said. */
  problems: readonly DraftProblem[];
  /** Refuses `load` and `check` with this sentence. */
  refusal: string | undefined;
  isEnabled: boolean;
  /** What it takes in a day; tells no number unless said. */
  caps: readonly PostCap[];
}

const audiences = ['everyone', 'friends'];
const nowhere = (): never => {
  throw new Error('The posts do not ask for this.');
};

export function createStubNetwork(): StubNetwork {
  const stub: StubNetwork = {
    active: { plugin: stubPlugin, parts: partsOf(() => stub), settings: settingsOf(() => stub) },
    forApp: { id: 'stubnet', name: 'Stubnet', icon: 'broadcast', views: path.join(import.meta.dirname, 'stub-views') },
    asked: [],
    problems: [],
    refusal: undefined,
    isEnabled: true,
    caps: [],
  };
  return stub;
}

const stubPlugin: ChannelPlugin = {
  apiVersion: 1,
  id: 'stubnet',
  name: 'Stubnet',
  icon: 'broadcast',
  settings: {
    sets: [],
    modeEnvironment: 'STUB_MODE',
    defaultSet: 'live',
    appKeyField: 'app',
    fields: [],
    addresses: [],
  },
  activate: nowhere,
};

function settingsOf(stub: () => StubNetwork): PluginSettings {
  return {
    isEnabled: () => Promise.resolve(stub().isEnabled),
    active: nowhere,
    complete: nowhere,
    findByAppKey: nowhere,
    notes: nowhere,
    address: nowhere,
    withdraw: nowhere,
  };
}

function partsOf(stub: () => StubNetwork): PluginParts {
  const refuseIfTold = (): void => {
    const { refusal } = stub();
    if (refusal === undefined) return;
    const explanation = {
      sentence: refusal,
      who: 'network',
      nextStep: 'Try again later.',
      code: 'stub_refused',
    } as const;
    throw new RemoteError({ kind: 'rate-limited', explanation });
  };
  return {
    connector: {
      strategy: nowhere,
      readAccount: nowhere,
      refresh: nowhere,
      explain: nowhere,
      missingScopes: () => [],
    },
    publisher: {
      async check() {
        await Promise.resolve();
        refuseIfTold();
        return stub().problems;
      },
      caps: () => Promise.resolve(stub().caps),
      advance: nowhere,
    },
    composer: {
      view: 'options',
      captionLimit: 2_200,
      async load(channel) {
        await Promise.resolve();
        stub().asked.push(channel.id);
        refuseIfTold();
        return { audiences };
      },
      parse: ({ audience = '' }) =>
        audiences.includes(audience)
          ? { options: { audience } }
          : { problems: [{ field: 'audience', message: 'Choose who can see it.' }] },
      fields: (options) => ({ audience: audienceOf(options) }),
      describe: (options) => [{ label: 'Privacy', value: audienceOf(options) }],
      consent: agreement,
    },
    connectionTest: { run: nowhere },
  };
}

/** What is shared with friends only needs a longer declaration. */
function agreement(options: readonly Json[]): Consent {
  const isNarrow = options.some((one) => audienceOf(one) === 'friends');
  const text = isNarrow
    ? "By posting, you agree to Stubnet's Terms and Friends Policy"
    : "By posting, you agree to Stubnet's Terms";
  return {
    text,
    parts: [{ text: 'By posting, you agree to ' }, { text: text.slice(25), href: 'https://stubnet.example/terms' }],
    note: 'It may take a few minutes until it shows.',
  };
}

function audienceOf(options: Json): string {
  const audience: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, 'audience') : undefined;
  return typeof audience === 'string' ? audience : '';
}
