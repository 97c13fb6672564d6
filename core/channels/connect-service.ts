import { createHash, randomBytes } from 'node:crypto';
import type { Strategy } from 'passport';
import type {
  ChannelView,
  Clock,
  CredentialSet,
  Explanation,
  Log,
  MissingScope,
  PluginParts,
  Translate,
} from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { verifierPlace } from '../keys/sealed-places.ts';
import type { Vault } from '../keys/vault.ts';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Standing } from '../web/route.ts';
import type { Channel } from './channel.ts';
import { type AccountKeeper, type KeptAccount } from './keep-account.ts';
import type { OAuthState, OAuthStateStore } from './oauth-state-store.ts';

const stateLifeMs = 10 * 60_000;

/** Which connection a page or a message is about. */
interface ConnectPlace {
  readonly plugin: string;
  readonly teamId: number;
  /** The channel to reconnect; null = a new one. */
  readonly channelId: number | null;
  readonly inPopup: boolean;
  /** Begun where channels are reconnected one after the other: the way back leads there. */
  readonly inWalk: boolean;
}

export interface ConnectFailure {
  readonly explanation: Explanation;
  /** The account is fine, but belongs to no channel of the team: offer to add it. */
  readonly canAddAsNew: boolean;
  /** Null where nothing is known of how it began: forged, double, or too old. */
  readonly place: ConnectPlace | null;
  /** The set it was tried with. */
  readonly setId: string | null;
  readonly appKey: string | null;
}

/** A connection that may go on: the strategy belongs to this one login. */
export interface ConnectAttempt {
  readonly place: ConnectPlace;
  readonly userId: number;
  readonly set: CredentialSet;
  readonly strategy: Strategy;
}

type Started =
  | { readonly kind: 'go'; readonly attempt: ConnectAttempt }
  | { readonly kind: 'failed'; readonly failure: ConnectFailure };

interface Callback {
  readonly plugin: string;
  /** Every value of every parameter, decoded once. */
  readonly query: URLSearchParams;
  readonly sessionHash: string;
  readonly userId: number | null;
}

type Completed =
  | { readonly kind: 'connected'; readonly channel: Channel; readonly missing: readonly MissingScope[] }
  | { readonly kind: 'failed'; readonly failure: ConnectFailure };

export interface ConnectService {
  start(place: ConnectPlace, by: { readonly userId: number; readonly sessionHash: string }): Promise<Started>;
  /** Takes the callback's state: once, in the session, team and network it was made for. No remote call. */
  claim(callback: Callback): Promise<Started>;
  /** Stores the account that the strategy came back with. */
  complete(attempt: ConnectAttempt, value: unknown): Promise<Completed>;
  /** What to tell of a strategy that ended badly. */
  failed(attempt: ConnectAttempt, query: URLSearchParams, error: unknown): ConnectFailure;
}

export interface ConnectDeps {
  readonly states: OAuthStateStore;
  readonly registry: PluginRegistry;
  readonly keeper: AccountKeeper;
  readonly findStanding: (userId: number) => Promise<Standing | undefined>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  readonly t: Translate;
}

export function createConnectService(deps: ConnectDeps): ConnectService {
  return {
    start: (place, by) => start(deps, place, by),
    claim: (callback) => claim(deps, callback),
    complete: (attempt, value) => complete(deps, attempt, value),
    failed: (attempt, query, error) => failedAt(deps, attempt, { query, error }),
  };
}

async function start(
  deps: ConnectDeps,
  place: ConnectPlace,
  by: { readonly userId: number; readonly sessionHash: string },
): Promise<Started> {
  const active = deps.registry.get(place.plugin);
  const set = await usableSet(active);
  if (typeof set === 'string') return failure(deps, { code: set, place });
  const state = randomBytes(32).toString('base64url');
  // 43 characters of their own: a verifier equal to the state would be in every address.
  const codeVerifier = randomBytes(32).toString('base64url');
  const stateHash = hash(state);
  await deps.states.forgetExpired(deps.clock.now());
  await deps.states.add({
    ...place,
    ...by,
    stateHash,
    setId: set.id,
    sealedVerifier: deps.vault.seal(codeVerifier, verifierPlace(stateHash)),
    expiresAt: deps.clock.now() + stateLifeMs,
  });
  const strategy = active.parts.connector.strategy({ set, state, codeVerifier });
  return { kind: 'go', attempt: { place, userId: by.userId, set, strategy } };
}

async function claim(deps: ConnectDeps, callback: Callback): Promise<Started> {
  const active = deps.registry.get(callback.plugin);
  if (repeatsParameter(callback.query)) return failure(deps, { code: 'repeated_parameter', callback });
  const state = callback.query.get('state') ?? '';
  const found = state === '' ? undefined : await deps.states.find(hash(state));
  const problem = await whyNotThis(deps, callback, found);
  if (problem !== undefined || found === undefined) {
    // Without a state of ours the network may still say why: it is told, and nothing is done.
    const told = callback.query.has('error') ? explainQuery(active, callback.query, undefined) : undefined;
    return failure(deps, { code: problem ?? 'state_unknown', callback, told });
  }
  const { teamId, plugin, channelId, inPopup, inWalk, setId } = found;
  const place: ConnectPlace = { teamId, plugin, channelId, inPopup, inWalk };
  if (!(await deps.states.consume(found.stateHash))) return failure(deps, { code: 'state_unknown', place });
  const set = await usableSet(active);
  if (callback.query.has('error') || !callback.query.has('code')) {
    const same = typeof set !== 'string' && set.id === setId ? set : undefined;
    const told = explainQuery(active, callback.query, same);
    return failure(deps, { code: 'no_code', place, told, setId, appKey: same?.appKey });
  }
  if (typeof set === 'string') return failure(deps, { code: set, place });
  if (set.id !== setId) return failure(deps, { code: 'mode_changed', place });
  const codeVerifier = deps.vault.open(found.sealedVerifier, verifierPlace(found.stateHash));
  const strategy = active.parts.connector.strategy({ set, state, codeVerifier });
  return { kind: 'go', attempt: { place, userId: found.userId, set, strategy } };
}

async function whyNotThis(
  deps: ConnectDeps,
  callback: Callback,
  state: OAuthState | undefined,
): Promise<string | undefined> {
  if (callback.userId === null) return 'signed_out';
  if (!callback.query.has('state')) return 'state_missing';
  const isOurs = state?.sessionHash === callback.sessionHash && state.userId === callback.userId;
  if (state === undefined || !isOurs || state.plugin !== callback.plugin) return 'state_unknown';
  if (state.expiresAt <= deps.clock.now()) return 'state_old';
  const standing = await deps.findStanding(callback.userId);
  const team = standing?.teams.find((one) => one.id === state.teamId);
  return team !== undefined && roleMay(team.role, 'channels.connect') ? undefined : 'not_allowed';
}

async function complete(deps: ConnectDeps, attempt: ConnectAttempt, value: unknown): Promise<Completed> {
  const { parts } = deps.registry.get(attempt.place.plugin);
  const { connector } = parts;
  const account = connector.readAccount(value);
  const kept: KeptAccount = await deps.keeper.keep({ ...attempt, account });
  if (kept.kind === 'refused') {
    const told = refusal(deps, attempt, kept);
    return { kind: 'failed', failure: told };
  }
  await tellPlugin(deps, parts, kept.view);
  return {
    kind: 'connected',
    channel: kept.channel,
    missing: connector.missingScopes(kept.channel.scopes, attempt.set),
  };
}

/** The channel is connected whatever the plugin makes of the news: what it fetches now comes with its next job. */
async function tellPlugin(deps: ConnectDeps, parts: PluginParts, channel: ChannelView): Promise<void> {
  try {
    await parts.connected?.(channel);
  } catch (error) {
    deps.log.error({ err: error, channel: channel.id }, 'The plugin could not take up a connected channel');
  }
}

function refusal(
  deps: ConnectDeps,
  attempt: ConnectAttempt,
  kept: Extract<KeptAccount, { kind: 'refused' }>,
): ConnectFailure {
  const explanation = ownExplanation(deps, kept.code, {
    ...kept.names,
    network: networkOf(deps, attempt.place.plugin),
  });
  return {
    explanation,
    canAddAsNew: kept.code === 'other_account',
    place: attempt.place,
    setId: attempt.set.id,
    appKey: attempt.set.appKey,
  };
}

function failedAt(
  deps: ConnectDeps,
  attempt: ConnectAttempt,
  ended: { query: URLSearchParams; error: unknown },
): ConnectFailure {
  const active = deps.registry.get(attempt.place.plugin);
  const explanation = active.parts.connector.explain({
    query: flat(ended.query),
    error: ended.error,
    set: attempt.set,
  });
  const { code, logId } = explanation;
  deps.log.warn({ plugin: attempt.place.plugin, code, logId, err: ended.error }, 'A login at the network failed');
  return { explanation, canAddAsNew: false, place: attempt.place, setId: attempt.set.id, appKey: attempt.set.appKey };
}

/** The set for new connections, or the code that says why there is none. */
async function usableSet(active: ActivePlugin): Promise<CredentialSet | string> {
  if (!(await active.settings.isEnabled())) return 'network_disabled';
  return (await active.settings.active()) ?? 'settings_incomplete';
}

/** The last value would win silently: a second `code` or `state` is somebody's trick. */
function repeatsParameter(query: URLSearchParams): boolean {
  return ['code', 'state', 'error'].some((name) => query.getAll(name).length > 1);
}

interface FailureParts {
  readonly code: string;
  readonly place?: ConnectPlace;
  readonly callback?: Callback;
  /** The network's own reason, where it gave one. */
  readonly told?: Explanation | undefined;
  readonly setId?: string;
  readonly appKey?: string | undefined;
}

function failure(deps: ConnectDeps, { code, place, callback, told, setId, appKey }: FailureParts): Started {
  const plugin = place?.plugin ?? callback?.plugin ?? '';
  const explanation = told ?? ownExplanation(deps, code, { network: networkOf(deps, plugin) });
  deps.log.info(
    { plugin, team: place?.teamId, code: explanation.code },
    'A login at a network did not connect a channel',
  );
  return {
    kind: 'failed',
    failure: { explanation, canAddAsNew: false, place: place ?? null, setId: setId ?? null, appKey: appKey ?? null },
  };
}

const whoCanFix: Readonly<Record<string, Explanation['who']>> = {
  network_disabled: 'admin',
  settings_incomplete: 'admin',
  not_allowed: 'team',
};

function ownExplanation(deps: ConnectDeps, code: string, names: Readonly<Record<string, string>>): Explanation {
  return {
    code,
    who: whoCanFix[code] ?? 'you',
    sentence: deps.t(`channels:failed.${code}.sentence`, names),
    nextStep: deps.t(`channels:failed.${code}.next`, names),
  };
}

function explainQuery(active: ActivePlugin, query: URLSearchParams, set: CredentialSet | undefined): Explanation {
  return active.parts.connector.explain({ query: flat(query), set });
}

function flat(query: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries(query);
}

function networkOf(deps: ConnectDeps, plugin: string): string {
  return deps.registry.find(plugin)?.plugin.name ?? plugin;
}

function hash(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}
