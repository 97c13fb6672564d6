import type { Strategy } from 'passport';
import type { Explanation } from './errors.ts';
import type { Json } from './json.ts';
import type { CredentialSet } from './settings.ts';

/** Times are UTC milliseconds, computed from the network's answer and never from constants. */
export interface TokenSet {
  readonly accessToken: string;
  readonly accessExpiresAt: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
  readonly scopes: readonly string[];
}

/** A permission the person switched off and what will not work without it. */
export interface MissingScope {
  readonly scope: string;
  readonly consequence: string;
}

/** What a plugin tells of the account that a person has just authorized. */
export interface ConnectedAccount {
  readonly accountId: string;
  /** Ids that stay equal across apps of one developer, used to recognise the account on reconnecting. */
  readonly unionId?: string;
  readonly nickname: string;
  readonly username?: string;
  /** Picture bytes as copied from the network: its links expire. */
  readonly avatar?: Uint8Array;
  readonly tokens: TokenSet;
}

/** A channel as a plugin sees it. Ids are the host's numbers. */
export interface ChannelView {
  readonly id: number;
  readonly teamId: number;
  readonly accountId: string;
  readonly nickname: string;
  readonly username: string | null;
  readonly mode: string;
  readonly appKey: string;
  readonly state: 'connected' | 'paused' | 'reconnect-needed';
  readonly scopes: readonly string[];
  readonly zone: string;
}

/** Access to one account for one piece of work. Refreshing is the host's: one at a time over all processes. */
export interface AccountAccess {
  readonly accountId: string;
  readonly scopes: readonly string[];
  /** A token fresh enough for a call now. @throws RemoteError kind reconnect */
  accessToken(): Promise<string>;
  /** The network refused this very token: refresh once and return the next one. @throws RemoteError kind reconnect */
  replace(refusedToken: string): Promise<string>;
  /**
   * Takes one place in a window before a call is made; over all processes no more than `limit` are given in any
   * `withinMs`. A place once taken is not given back. @throws RemoteError kind temporary when that cannot be told now
   */
  take(window: CallWindow): Promise<WindowAnswer>;
}

/**
 * So many calls in any stretch of time. A call counts for the network when it arrives, which is a little after its
 * place was taken: ask for less than the network allows, or for a longer stretch.
 */
export interface CallWindow {
  /** Among the windows of this plugin, e.g. `video/init`. */
  readonly name: string;
  /** Whose window it is: this account's access, or all accounts of the app together. */
  readonly per: 'account' | 'app';
  readonly limit: number;
  readonly withinMs: number;
  /** Counted once: whoever is in the window takes no second place, only a later time. E.g. a delivery's or account's id. */
  readonly member?: string;
  /** So many at once, or none; without it, one. */
  readonly places?: number;
}

/** `at`: the earliest moment (UTC ms) at which asking again makes sense. */
export type WindowAnswer = { readonly taken: true } | { readonly taken: false; readonly at: number };

/** What an OAuth start or callback is made with: a fresh strategy per request, state and verifier kept by the host. */
export interface ConnectContext {
  readonly set: CredentialSet;
  readonly state: string;
  readonly codeVerifier: string;
}

/** A stored credential handed to refresh and revoke. */
export interface CredentialView {
  readonly set: CredentialSet;
  readonly tokens: TokenSet;
}

export interface FailedLogin {
  readonly query: Readonly<Record<string, string>>;
  readonly error?: unknown;
  /** It was tried with; undefined where that is not known any more. */
  readonly set?: CredentialSet | undefined;
}

export interface Connector {
  /** The passport strategy whose authorized value is a ConnectedAccount (parsed by `readAccount`). */
  strategy(context: ConnectContext): Strategy;
  /** Turns the strategy's value into the account. @throws when it is not one */
  readAccount(value: unknown): ConnectedAccount;
  /** @throws RemoteError; kind reconnect only for a proven dead grant */
  refresh(credential: CredentialView): Promise<TokenSet>;
  revoke?(credential: CredentialView): Promise<void>;
  /** One cheap call with this access token, in a job. @throws RemoteError; kind reconnect when the token is refused */
  confirm?(accessToken: string): Promise<void>;
  /** A failed or cancelled login: the callback's query, or the error the strategy ended with. */
  explain(failure: FailedLogin): Explanation;
  missingScopes(granted: readonly string[], set: CredentialSet): readonly MissingScope[];
}

export interface PluginChannels {
  find(channelId: number): Promise<ChannelView | undefined>;
  /** Every channel of this plugin over all teams, for background work. */
  all(): Promise<readonly ChannelView[]>;
  access(channelId: number): Promise<AccountAccess>;
  /** New facts about the account (nickname, username, avatar), shown wherever the channel is. */
  update(channelId: number, facts: { nickname?: string; username?: string; avatar?: Uint8Array }): Promise<void>;
}

/** The channel's page body: a view of the plugin and what it shows. */
export interface ChannelPage {
  readonly view: string;
  /** For the head of the page, from what the plugin has stored: asked on every page of the channel. */
  about?(channel: ChannelView): Promise<ChannelAbout>;
  load(channel: ChannelView, query: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Where the numbers of what was published under one of these remote ids are, below the channel's own address: `/prints/7`
   * or `?print=7`. Undefined while they are not known.
   */
  ofPublished?(channel: ChannelView, remoteIds: readonly string[]): Promise<string | undefined>;
}

/** What an account says of itself at its network; null where that is not known. */
export interface ChannelAbout {
  /** The account's own page there, https. */
  readonly url: string | null;
  readonly bio: string | null;
  readonly isVerified: boolean;
}

export type { Json };
