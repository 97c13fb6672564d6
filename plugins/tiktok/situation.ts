import type { Attempt, Translate } from '#plugin-api';
import type { Chunk, ChunkPlan } from './api/chunks.ts';
import type { ContentInit, CreatorInfo, PublishStatus, PutReply, Reply, VideoInit } from './api/replies.ts';
import type { RuleProblem } from './draft-rules.ts';
import type { ErrorBook } from './errors.ts';
import type { PrivacyLevel } from './post-options.ts';
import type { PhotosReady, PhotosSent, Processing, Progress, Ready, Uploading } from './progress.ts';
import type { Timings } from './timings.ts';

/** What decisions are made with; all of it pure. */
export interface Rules {
  readonly errors: ErrorBook;
  readonly t: Translate;
  readonly timings: Timings;
}

/** All that a decision depends on besides TikTok's answer. Times are UTC milliseconds. */
export interface Situation {
  /** What was noted; `none` for a new attempt, `unreadable` for what is none of ours. */
  readonly progress: Progress | 'none' | 'unreadable';
  /** TikTok's publish_id. */
  readonly reference: string | null;
  readonly pointOfNoReturnAt: number | null;
  /** A person has asked to look again: nothing is sent any more, and the time of looking counts from here. */
  readonly askedAgainAt?: number;
  readonly attemptStartedAt: number;
  /** Attempts before this one, since a person last had the delivery sent again. */
  readonly earlier: Attempt['earlier'];
  /** What the person chose; null where their options cannot be read any more. */
  readonly privacy: PrivacyLevel | null;
  readonly scopes: readonly string[];
  readonly now: number;
  /** From 0 to 1: spreads repeats. */
  readonly jitter: number;
  /** This process. */
  readonly writer: string;
  /** Of photos only. */
  readonly photos?: {
    /** Whether this process has noted the point of no return itself and has sent nothing since. */
    readonly holdsTicket: boolean;
  };
}

/** The one call that a situation asks for. */
export type NextCall =
  | { readonly call: 'look' }
  | { readonly call: 'init'; readonly ready: Ready }
  | { readonly call: 'put'; readonly upload: Uploading; readonly chunk: Chunk }
  | { readonly call: 'status'; readonly upload: Uploading | Processing }
  | { readonly call: 'look-at-photos' }
  | { readonly call: 'content-init'; readonly ready: PhotosReady }
  | { readonly call: 'photo-status'; readonly sent: PhotosSent }
  | { readonly call: 'photo-list'; readonly ready: PhotosReady };

interface Looked {
  readonly reply: Reply<CreatorInfo>;
  readonly file: 'right' | 'missing' | 'changed';
  readonly problems: readonly RuleProblem[];
}

export interface LookAnswer extends Looked {
  readonly call: 'look';
  readonly plan: ChunkPlan;
  readonly sha256: string;
}

export interface InitAnswer {
  readonly call: 'init';
  readonly ready: Ready;
  /** Before the call: the link's hour cannot have begun earlier. */
  readonly askedAt: number;
  readonly reply: Reply<VideoInit>;
  /** Whether the upload address is one of TikTok's hosts. */
  readonly hostIsTrusted: boolean;
}

export interface PutAnswer {
  readonly call: 'put';
  readonly upload: Uploading;
  readonly chunk: Chunk;
  /** `media_changed`, a code of ours: nothing was sent, because the file is gone or another one. */
  readonly reply: Reply<PutReply>;
  readonly tookMs: number;
}

export interface StatusAnswer {
  readonly call: 'status';
  readonly upload: Uploading | Processing;
  readonly reply: Reply<PublishStatus>;
}

/** `not-public`: TikTok cannot reach this installation. `unverified`: no admin has confirmed that it is known at TikTok. */
export type PhotoAddressState = 'ready' | 'not-public' | 'unverified';

export interface PhotoLookAnswer extends Looked {
  readonly call: 'look-at-photos';
  /** Whether TikTok may fetch photos here: `ready`, or why not. */
  readonly address: PhotoAddressState;
  /** A new one, of this process. */
  readonly ticket: string;
}

/** The answer to the one call that posts photos. */
export interface ContentInitAnswer {
  readonly call: 'content-init';
  readonly ready: PhotosReady;
  readonly reply: Reply<ContentInit>;
}

interface PhotoStatusAnswer {
  readonly call: 'photo-status';
  readonly sent: PhotosSent;
  readonly reply: Reply<PublishStatus>;
}

/** What TikTok's list of the profile's public posts shows of photos whose publish_id nobody heard. */
export interface ListedPhotos {
  /** Posts since the photos were sent. */
  readonly seen: number;
  /** How many of them could be these photos, and belong to no other post of ours. */
  readonly alike: number;
  /** The one that is; null where it is none, or could be another one's. */
  readonly id: string | null;
}

interface PhotoListAnswer {
  readonly call: 'photo-list';
  readonly ready: PhotosReady;
  readonly reply: Reply<ListedPhotos>;
}

export type PhotoAnswer = PhotoLookAnswer | ContentInitAnswer | PhotoStatusAnswer | PhotoListAnswer;

/** The call was not made: so many were made lately that TikTok would refuse it. */
export interface NoRoom {
  readonly call: 'no-room';
  /** When there is room again. */
  readonly at: number;
  /** Which number is reached. */
  readonly because: 'calls' | 'posts' | 'users';
}

type VideoAnswer = LookAnswer | InitAnswer | PutAnswer | StatusAnswer;
export type Answer = VideoAnswer | PhotoAnswer | NoRoom;
