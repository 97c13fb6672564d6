import type { CredentialSet, MissingScope, Translate } from '#plugin-api';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { type Channel, channelAvatarPath } from './channel.ts';
import type { Waiting } from './channel-store.ts';

/** The network of a channel, as pages name it. */
export interface NetworkName {
  readonly id: string;
  readonly name: string;
  readonly icon: string;
}

/** A channel as a card of the list and as the head of its page. */
export interface ChannelCard {
  readonly id: number;
  readonly path: string;
  readonly network: NetworkName;
  readonly nickname: string;
  readonly username: string | null;
  readonly avatarPath: string | null;
  readonly state: Channel['state'];
  readonly isPaused: boolean;
  /** The app it publishes with; null where that is the usual one, which new channels use too. */
  readonly modeLabel: string | null;
  readonly missing: readonly MissingScope[];
  readonly waitingCount: number;
  readonly nextAt: number | null;
  readonly connectedBy: string | null;
  readonly connectedAt: number;
  /** Where a form posts to authorize it again. */
  readonly connectPath: string;
}

/** A network in the dialog Add Channel. */
export interface NetworkCard extends NetworkName {
  readonly connectPath: string;
  readonly readiness: 'ready' | 'disabled' | 'incomplete';
  /** The set new profiles are connected with, when it is not the usual one. */
  readonly modeLabel: string | null;
  /** What the network will ask the person to allow. */
  readonly asks: readonly string[];
  /** What is to be expected of a login, by what an admin has noted of the app; null where nothing is. */
  readonly expect: string | null;
}

interface CardDeps {
  readonly registry: PluginRegistry;
  readonly t: Translate;
}

export async function channelCards(
  deps: CardDeps,
  channels: readonly Channel[],
  waiting: ReadonlyMap<number, Waiting>,
): Promise<readonly ChannelCard[]> {
  const activeSets = await activeSetIds(deps.registry);
  return Promise.all(
    channels.map(async (channel): Promise<ChannelCard> => {
      const active = deps.registry.find(channel.plugin);
      const { id, nickname, username, state, isPaused, connectedAt } = channel;
      return {
        ...{ id, nickname, username, state, isPaused, connectedAt },
        path: `/team/${channel.teamId}/channels/${id}`,
        network: networkName(active, channel.plugin),
        avatarPath: channelAvatarPath(channel),
        modeLabel: modeLabelOf(deps, channel, activeSets.get(channel.plugin)),
        missing: active === undefined ? [] : await missingScopes(active, channel),
        waitingCount: waiting.get(id)?.count ?? 0,
        nextAt: waiting.get(id)?.nextAt ?? null,
        connectedBy: channel.connectedBy?.name ?? null,
        connectPath: `/team/${channel.teamId}/channels/connect/${channel.plugin}`,
      };
    }),
  );
}

/** What needs a person first, what is paused on purpose last; among equals the order stays. */
export function urgentFirst(cards: readonly ChannelCard[]): readonly ChannelCard[] {
  return [...cards].sort((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ state, missing }: ChannelCard): number {
  if (state === 'reconnect-needed') return 0;
  if (missing.length > 0) return 1;
  return state === 'connected' ? 2 : 3;
}

export async function networkCards(deps: CardDeps, teamId: number): Promise<readonly NetworkCard[]> {
  return Promise.all(
    deps.registry.all().map(async (active): Promise<NetworkCard> => {
      const { plugin, settings } = active;
      const [set, isEnabled] = await Promise.all([settings.active(), settings.isEnabled()]);
      return {
        ...networkName(active, plugin.id),
        connectPath: `/team/${teamId}/channels/connect/${plugin.id}`,
        readiness: !isEnabled ? 'disabled' : set === undefined ? 'incomplete' : 'ready',
        modeLabel: set === undefined ? null : modeLabel(active, set.id, deps.t),
        expect: set === undefined ? null : expectation(active, set, deps.t),
        asks: plugin.settings.fields.flatMap((field) =>
          field.kind === 'choices' && set !== undefined
            ? field.choices.filter(({ value }) => set.choices(field.id).includes(value)).map(({ why }) => deps.t(why))
            : [],
        ),
      };
    }),
  );
}

function expectation({ plugin }: ActivePlugin, { id, appState }: CredentialSet, t: Translate): string | null {
  const noted = plugin.settings.sets.find((set) => set.id === id)?.notes?.state;
  const key = appState === undefined ? undefined : noted?.expect?.[appState];
  return key === undefined ? null : t(key);
}

export function networkName(active: ActivePlugin | undefined, id: string): NetworkName {
  return active === undefined
    ? { id, name: id, icon: 'broadcast' }
    : { id, name: active.plugin.name, icon: active.plugin.icon };
}

/** By plugin: the set that new channels are connected with. */
async function activeSetIds(registry: PluginRegistry): Promise<ReadonlyMap<string, string | undefined>> {
  const entries = registry
    .all()
    .map(async ({ plugin, settings }) => [plugin.id, (await settings.active())?.id] as const);
  return new Map(await Promise.all(entries));
}

/** While new channels use another app than the usual one, every channel says which it has. */
function modeLabelOf(
  { registry, t }: CardDeps,
  { plugin, mode }: Channel,
  activeSet: string | undefined,
): string | null {
  const active = registry.find(plugin);
  if (active === undefined) return mode;
  const isAllUsual = activeSet === undefined || activeSet === active.plugin.settings.defaultSet;
  return isAllUsual ? modeLabel(active, mode, t) : setLabel(active, mode, t);
}

/** Null for the usual set: only what is different is worth a badge. */
function modeLabel(active: ActivePlugin, setId: string, t: Translate): string | null {
  return setId === active.plugin.settings.defaultSet ? null : setLabel(active, setId, t);
}

export function setLabel({ plugin }: ActivePlugin, setId: string, t: Translate): string {
  const label = plugin.settings.sets.find((set) => set.id === setId)?.label;
  return label === undefined ? setId : t(label);
}

async function missingScopes(active: ActivePlugin, channel: Channel): Promise<readonly MissingScope[]> {
  const set = await active.settings.findByAppKey(channel.appKey);
  return set === undefined ? [] : active.parts.connector.missingScopes(channel.scopes, set);
}
