import type { AxiosInstance, CreateAxiosDefaults } from 'axios';
import type { Knex } from 'knex';
import type { ChannelCheck } from './channel-check.ts';
import type { ChannelPage, Connector, PluginChannels } from './channels.ts';
import type { ChannelView } from './channels.ts';
import type { ErrorBookPart } from './error-book.ts';
import type { DoctorCheck } from './doctor.ts';
import type { GoingLivePart } from './going-live.ts';
import type { Json } from './json.ts';
import type { ChannelOverviews } from './overview.ts';
import type { PrivacyFacts } from './privacy-facts.ts';
import type { Composer, MediaView, Publisher } from './publishing.ts';
import type { ConnectionTest, PluginSettings, SettingsShape } from './settings.ts';
import type { SiteVerification } from './site-verification.ts';

/** A query on one table; what comes back is parsed by whoever asked. */
export type PluginTable = Knex.QueryBuilder<Record<string, unknown>, Record<string, unknown>[]>;

/** The only source of the current time: UTC milliseconds. */
export interface Clock {
  now(): number;
}

export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/**
 * A text: `t('channels:page.back')`. What it answers becomes words where somebody reads it, in that person's language: it
 * may be handed on, stored and put into other texts, but never cut, counted, sorted, compared or changed in case. Views
 * get one that answers words.
 */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** A plugin is a value in `plugins/<id>/index.ts`, exported as `plugin`. */
export interface ChannelPlugin {
  readonly apiVersion: 1;
  /** Also URL segment, table prefix, view folder and text namespace: lower-case letters. */
  readonly id: string;
  /** The network's name as people write it. */
  readonly name: string;
  /** Name of a Bootstrap icon. */
  readonly icon: string;
  readonly settings: SettingsShape;
  activate(host: PluginHost): PluginParts | Promise<PluginParts>;
}

/** The plugin's only way out: no core imports, no process.env. */
export interface PluginHost {
  readonly log: Log;
  readonly clock: Clock;
  readonly t: Translate;
  readonly http: PluginHttp;
  readonly urls: { readonly publicUrl: string; readonly callbackUrl: string; readonly webhookUrl: string };
  readonly settings: PluginSettings;
  readonly channels: PluginChannels;
  readonly deliveries: PluginDeliveries;
  readonly jobs: PluginJobs;
  readonly mediaLinks: PluginMediaLinks;
  /**
   * A query on the plugin's own table `<id>_<name>`; other tables are out of reach.
   * @param by the index to read it by, by its name. MariaDB otherwise reads every row in front of a page in the middle of
   * a list; SQLite finds the index itself
   */
  table(name: string, by?: { readonly index: string }): PluginTable;
  /** Runs work on the plugin's own tables in one transaction. */
  transaction<T>(work: (table: (name: string) => PluginTable) => Promise<T>): Promise<T>;
  /** A folder of the plugin's own under DATA_DIR, for files that belong to no channel. */
  readonly folder: string;
  /** Where files about one channel lie, e.g. copied covers; it may not be there yet. The host removes it with the team. */
  channelFolder(channelId: number): string;
}

/** Addresses of ours under which a network fetches media, without signing in, for a while. */
export interface PluginMediaLinks {
  /** What all of them begin with, e.g. `https://panel.example.org/m/`: a network may want it verified. */
  readonly prefix: string;
  /** Whether others than this machine can reach them, by https. */
  readonly isPublic: boolean;
  /**
   * A new address each time: whoever has it can fetch the file until then. Never logged, shown or stored in the open.
   * @param until UTC milliseconds
   */
  make(media: Pick<MediaView, 'id' | 'type'>, until: number): string;
}

/**
 * Makes HTTP clients that time out, follow no redirects, use no proxy of the environment and connect to public addresses
 * only (to loopback while the plugin's own API is there). Their errors are `RequestFailed`, without any secret.
 */
export interface PluginHttp {
  create(defaults: CreateAxiosDefaults): AxiosInstance;
  /**
   * The same for calls that change nothing at the network and are answered with a text: a connection is used again, and
   * what was lost because it was just closing is asked once more over a new one. Never for what must not be done twice.
   */
  createReading(defaults: CreateAxiosDefaults): AxiosInstance;
  /**
   * While the host of this address does not answer, a call is not sent (ERR_BREAKER_OPEN): when to come again, UTC ms,
   * another moment for each who asks. Undefined: it may be sent. Asked before a place in a window is taken for it.
   */
  heldUntil(url: string): number | undefined;
}

export interface PluginDeliveries {
  /** Brings the next look at the delivery with this reference forward to now. Unknown references are ignored. */
  wake(reference: string): Promise<void>;
  /** Posts of this channel published by the installation, by remote id. */
  findByRemoteIds(channelId: number, remoteIds: readonly string[]): Promise<ReadonlyMap<string, PublishedPost>>;
  /** Posts of the last 30 days to this channel's account, through whichever channel, that have no public link yet. */
  linkless(channelId: number): Promise<LinklessPosts>;
  /**
   * What else a public post may be that looks like this delivery: everything of its account that was sent to its end in
   * the last 30 days and has no link, whatever became of it, without the delivery itself.
   */
  rivals(deliveryId: number): Promise<LinklessPosts>;
  /** The public link of such a post was found. Ignored where it has one by now, or where another post has this one. */
  linkFound(deliveryId: number, link: { readonly remoteId: string; readonly url: string }): Promise<void>;
}

export interface LinklessPosts {
  /** Newest first. */
  readonly posts: readonly LinklessPost[];
  /** Remote ids that belong to other posts of the account. */
  readonly linkedIds: ReadonlySet<string>;
}

/** Times are UTC milliseconds. */
export interface LinklessPost {
  readonly deliveryId: number;
  readonly caption: string;
  /** Of its first file; null of photos. */
  readonly durationMs: number | null;
  /** The point of no return: the network cannot have had all of it sooner. */
  readonly sentAt: number;
  readonly publishedAt: number;
}

export interface PublishedPost {
  readonly postId: number;
  readonly authorName: string;
}

export interface PluginJobs {
  /** Puts a job of one of the plugin's kinds into the queue; the same kind and key waits only once. */
  enqueue(job: { kind: string; key: string; payload: Json; runAt: number }): Promise<void>;
}

/** Background work of a plugin. */
export interface PluginJob {
  readonly kind: string;
  /** Milliseconds between runs per channel; absent = only when enqueued. */
  readonly everyMs?: number;
  /** One small piece of work; an answer with `again` continues later with a new payload. */
  run(job: { readonly key: string; readonly payload: Json }, signal: AbortSignal): Promise<JobResult>;
}

export type JobResult = { readonly done: true } | { readonly again: { readonly at: number; readonly payload: Json } };

/** Who may use a route of a channel; the host checks it before the handler runs. */
export type ChannelPermission = 'team.see' | 'posts.edit' | 'channels.connect' | 'channels.manage';

/** A route below `/team/:team/channels/:channel/`, e.g. `covers/:video`. Posts carry the host's CSRF token. */
export interface ChannelRoute {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly permission: ChannelPermission;
  handle(request: ChannelRequest): Promise<PluginAnswer>;
}

export interface ChannelRequest {
  readonly channel: ChannelView;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

export type PluginAnswer =
  | {
      /** A view below the head of the channel. */
      readonly kind: 'view';
      readonly view: string;
      readonly model: Readonly<Record<string, unknown>>;
      /** May show in a frame what `origins.frame` names; no other page may. */
      readonly isFraming?: true;
    }
  /** A view on a page of its own without any navigation, for printing. */
  | {
      readonly kind: 'sheet';
      readonly title: string;
      readonly view: string;
      readonly model: Readonly<Record<string, unknown>>;
    }
  /** A file that is made while it is sent; deferred texts in it become words. Each part is a whole line or more. */
  | { readonly kind: 'download'; readonly name: string; readonly type: string; readonly body: AsyncIterable<string> }
  | { readonly kind: 'back'; readonly flash?: { readonly tone: 'ok' | 'bad'; readonly text: string } }
  | { readonly kind: 'file'; readonly path: string; readonly type: string }
  | { readonly kind: 'absent' };

/** A signed call of the network to us, seen over the raw body. */
export interface WebhookReceiver {
  receive(request: {
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly body: Buffer;
  }): Promise<WebhookVerdict>;
}

export type WebhookVerdict =
  /** `code`: the reason in a word, for the plugin's own setup check; when it came up last is kept. */
  | { readonly accepted: false; readonly reason: string; readonly code?: string }
  | {
      readonly accepted: true;
      /** What makes the event the same event when it comes twice. */
      readonly identity: string;
      readonly event: string;
      /** Deliveries to look at sooner, by reference. */
      readonly wake: readonly string[];
      /** Accounts that are said to have thrown us out, by app: each is asked by `Connector.confirm` before anybody believes it. */
      readonly confirm?: readonly { readonly appKey: string; readonly accountId: string }[];
    };

export interface PluginParts {
  readonly connector: Connector;
  readonly publisher: Publisher;
  readonly composer: Composer;
  readonly connectionTest: ConnectionTest;
  /** Its part of the setup check. */
  readonly doctor?: { readonly checks: readonly DoctorCheck[] };
  readonly channelPage?: ChannelPage;
  /** How channels do beside each other, for the team's insights and its dashboard. */
  readonly channelOverviews?: ChannelOverviews;
  /** Says of a channel what works and who can put right what does not. */
  readonly channelCheck?: ChannelCheck;
  readonly channelRoutes?: readonly ChannelRoute[];
  readonly webhooks?: WebhookReceiver;
  readonly jobs?: readonly PluginJob[];
  /** What the network's codes mean. */
  readonly errorBook?: ErrorBookPart;
  /** How the network has the installation prove its address. */
  readonly siteVerification?: SiteVerification;
  /** What the starting text of the privacy policy says of this network. */
  readonly privacyFacts?: PrivacyFacts;
  /** The way to an app that the network has reviewed. */
  readonly goingLive?: GoingLivePart;
  /** Called after a channel was connected or reconnected. */
  connected?(channel: ChannelView): Promise<void>;
  /** Added to the Content-Security-Policy: where forms lead, on every page; what is in a frame, where an answer asks for it. */
  readonly origins?: { readonly formAction?: readonly string[]; readonly frame?: readonly string[] };
  close?(): Promise<void>;
}
