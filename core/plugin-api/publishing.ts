import type { AccountAccess, CallWindow, ChannelView } from './channels.ts';
import type { Explanation } from './errors.ts';
import type { Json } from './json.ts';

/** Facts read from the file itself, never from its name or its sender. */
export interface MediaView {
  readonly id: number;
  readonly fileName: string;
  readonly kind: 'video' | 'picture';
  /** MIME type by content, e.g. video/mp4, video/quicktime, video/webm. */
  readonly type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number | null;
  readonly frameRate: number | null;
  readonly codec: string | null;
  /** Where the bytes are, for reading by this process. */
  readonly path: string;
}

/** A problem with one channel's part of a post, shown at that field of that channel. */
export interface DraftProblem {
  readonly field: string;
  readonly message: string;
  /** A few words that say the same, for a cell of a table, e.g. `1:11, takes 1:00`. */
  readonly short?: string;
  /**
   * The page of the error book that explains it: a code of the plugin's own book, or one of the host's, of which
   * `caption_too_long` and `option_not_offered` are meant for networks. Without it the sentence is all there is to say.
   */
  readonly code?: string;
}

/** What a network has against the files of a draft, told at the files before anything is sent. */
export type FileProblem = Pick<DraftProblem, 'message' | 'code'>;

export interface Draft {
  readonly channel: ChannelView;
  /** This channel's own where it has one, else the post's. */
  readonly caption: string;
  readonly media: readonly MediaView[];
  /** Of a video the milliseconds into it, of photos the place of one of them, from 0; null leaves it to the network. */
  readonly cover: number | null;
  /** What the plugin's own composer parsed. */
  readonly options: Json;
}

export interface PublishingDelivery extends Draft {
  readonly id: number;
  readonly dueAt: number;
}

/** One try at publishing a delivery. `progress` is the plugin's own, stored sealed, never read by core. */
export interface Attempt {
  readonly n: number;
  readonly startedAt: number;
  readonly reference: string | null;
  readonly progress: Json;
  readonly pointOfNoReturnAt: number | null;
  /**
   * UTC ms; only past the point of no return. A person has asked to look again: the time in which an outcome is looked
   * for counts from here, and the plugin only looks; it sends nothing, not even the rest of this upload.
   */
  readonly askedAgainAt?: number;
  /** Earlier attempts of this delivery since it was scheduled or a person last had it tried again, oldest first. */
  readonly earlier: readonly { readonly startedAt: number; readonly outcome: string; readonly reason: string | null }[];
}

/** One line of the delivery's timeline, stored in the same transaction as the step. */
export interface TimelineEntry {
  readonly sentence: string;
  /** E.g. `video/init`, `PUT`. */
  readonly call?: string;
  readonly code?: string;
  readonly logId?: string;
  readonly reference?: string;
}

interface StepBase {
  readonly timeline?: readonly TimelineEntry[];
}

/**
 * What one call of `advance` led to. The host stores it under the fence before anything else happens;
 * a step whose `at` is not in the future goes on under the same claim.
 */
export type Step = StepBase &
  (
    | {
        readonly kind: 'continue';
        readonly stage: 'publishing' | 'processing';
        readonly percent?: number;
        readonly progress: Json;
        readonly at: number;
        /** The network's id of this publish; unique per plugin; stored before any byte is sent. */
        readonly reference?: string;
        /** Committed under the fence; only the NEXT call may do what cannot be taken back. */
        readonly pointOfNoReturn?: true;
      }
    | {
        readonly kind: 'wait';
        readonly at: number;
        readonly hold?: 'reconnect' | 'quota';
        readonly because?: Explanation;
      }
    | {
        readonly kind: 'start-over';
        readonly reason: string;
        readonly at: number;
        /** Where the next attempt has to wait for long: what for, as of `wait`. */
        readonly hold?: 'quota';
        readonly because?: Explanation;
      }
    | { readonly kind: 'failed'; readonly because: Explanation }
    | { readonly kind: 'needs-attention'; readonly because: Explanation; readonly mayBePosted: boolean }
    | {
        readonly kind: 'published';
        readonly remoteIds: readonly string[];
        readonly url?: string;
        /** The link may still come: ask `findLink` for up to a day. */
        readonly linkPending?: true;
        /** E.g. a private post: no public link will come. */
        readonly noLinkBecause?: string;
      }
  );

export interface PublishingTools {
  readonly account: AccountAccess;
  /** Aborted when the process must stop or the claim is lost. */
  readonly signal: AbortSignal;
}

/** So many posts of an account, or so many accounts of an app, in any stretch of time. */
export type PostCap = Pick<CallWindow, 'per' | 'limit' | 'withinMs'>;

export interface Publisher {
  /** Checks a draft against what the account allows; sends nothing that publishes. */
  check(draft: Draft, account: AccountAccess): Promise<readonly DraftProblem[]>;
  /**
   * The same for many drafts of one channel: the network is asked once, and its answer checks them all. Without it each
   * draft is checked by a question of its own. @throws RemoteError
   */
  checker?(
    channel: Pick<ChannelView, 'appKey'>,
    account: AccountAccess,
  ): Promise<(draft: Draft) => readonly DraftProblem[]>;
  /** Does one small piece of work, at most one remote call that changes something. @throws RemoteError */
  advance(delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools): Promise<Step>;
  /** Looks once more for the public link of a published delivery. */
  findLink?(delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools): Promise<FoundLink>;
  /** What the network, or an admin, allows in a day through this app: a person is warned where more is planned. */
  caps?(appKey: string): Promise<readonly PostCap[]>;
  /**
   * Reads the link that a person has typed to say that the post is there; asks nobody. Without it any https address is
   * taken. @returns the post's id at the network and its address as it is kept, or a sentence that says what is wrong
   */
  readLink?(typed: string, channel: ChannelView): ReadLink;
}

export type ReadLink = { readonly remoteId: string; readonly url: string } | { readonly problem: string };

export type FoundLink =
  | { readonly found: true; readonly remoteIds: readonly string[]; readonly url: string | null }
  | { readonly found: false };

/**
 * What the compose form is drawn with. Three things the host reads itself: told in another shape, the channel takes no
 * post, and the log says what was wrong.
 */
export interface LoadedOptions {
  /** UTF-16 units, at least 1; instead of {@link Composer.captionLimit}. */
  readonly captionLimit?: number;
  /** The longest video, in words such as `10:00`; null where there is no limit to show. */
  readonly maxDuration?: string | null;
  /** What the account has against these files; null or absent where nobody looked. Plain strings are refused. */
  readonly mediaProblems?: readonly FileProblem[] | null;
  /** Whatever else the view needs. */
  readonly [local: string]: unknown;
}

/** The part of the compose form that only this network has, drawn for one channel from what the network says now. */
export interface Composer {
  /**
   * A view of the plugin; it gets `channel`, `chosen` (typed values), `problems`, `media` and what `load` returned. What
   * is still missing it tells the page by `data-missing` (the reason), `data-missing-words` (what to choose) and
   * `data-missing-for` (the field's id) at any element that is not hidden, what the post will be labelled with by
   * `data-label`.
   */
  readonly view: string;
  /**
   * The same choices in one row, where many posts are planned and each channel has a row: the same names of fields, the
   * same locals without a file. Its children are cells: `.cell` (the first of them `.wide`) with a short label `.lbl`, and
   * `.under` for whatever stands below all of them; `.of-videos` in it shows only while the table has posts of photos.
   * Without it `view` is drawn there, too.
   */
  readonly rowView?: string;
  /** Files of the plugin's public folder that the page with the form loads as modules, e.g. `options.js`. */
  readonly scripts?: readonly string[];
  /** The longest caption in UTF-16 units, for the counter; `check` is what refuses. */
  readonly captionLimit?: number;
  /**
   * Asks the network; called each time the form is shown, with the files chosen so far: a video has other options than
   * photos. @throws RemoteError, shown at that channel only
   */
  load(channel: ChannelView, account: AccountAccess, media: readonly MediaView[]): Promise<LoadedOptions>;
  /**
   * `mediaProblems` of other files, chosen after `load`, without asking anybody: `maxDuration` is what `load` told. Only
   * for the page; without it the network is asked anew.
   */
  fileProblems?(media: readonly MediaView[], maxDuration: string | null): readonly FileProblem[];
  /** Reads this channel's typed values (flat names without prefix). */
  parse(fields: Readonly<Record<string, string>>): { options: Json } | { problems: readonly DraftProblem[] };
  /** Of values that were chosen once for many posts those that a post of these files has; without it, all of them. */
  fitting?(
    fields: Readonly<Record<string, string>>,
    media: readonly Pick<MediaView, 'kind'>[],
  ): Readonly<Record<string, string>>;
  /** Options back as typed values, for editing. */
  fields(options: Json): Readonly<Record<string, string>>;
  /** Label and value pairs for the post's page. */
  describe(options: Json): readonly { readonly label: string; readonly value: string }[];
  /** The declaration the person agrees to by pressing the button: plain text and links. */
  consent(options: readonly Json[]): Consent;
  /** This network's options as columns of a table that people fill in elsewhere and import. */
  readonly columns?: readonly OptionColumn[];
}

/** One option as a column of a table. */
export interface OptionColumn {
  /** As it stands in the first line: lower-case words joined by underscores, e.g. `allow_comment`. */
  readonly name: string;
  /** The typed field that it fills. */
  readonly field: string;
  /** One sentence: what may stand in it. */
  readonly help: string;
  /** E.g. `Only me`. */
  readonly example: string;
  /** A person must choose it: while it is empty, nothing is scheduled. */
  readonly isChoice?: true;
  /** Texts that stand for a value, as pages say them: the host knows them again in every language. */
  readonly words?: readonly { readonly value: string; readonly text: string }[];
  /** Reads a cell that is not empty; one that says one of the words comes as its value. */
  read(cell: string): { readonly value: string } | { readonly problem: string };
}

export interface Consent {
  /** The whole sentence as shown, kept with the delivery. */
  readonly text: string;
  /** The sentence in pieces, links where they belong. */
  readonly parts: readonly { readonly text: string; readonly href?: string }[];
  /** What to expect after sending. */
  readonly note?: string;
}
