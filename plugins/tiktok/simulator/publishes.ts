import { createHash, type Hash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChunkPlan } from './chunk-plan.ts';
import { randomDigits, randomHex } from './ids.ts';
import type { MediaFacts } from './media-check.ts';

export const privacyLevels = [
  'PUBLIC_TO_EVERYONE',
  'MUTUAL_FOLLOW_FRIENDS',
  'FOLLOWER_OF_CREATOR',
  'SELF_ONLY',
] as const;
export type PrivacyLevel = (typeof privacyLevels)[number];

/** One PUT as it came in, accepted or not; the range as the client wrote it. */
export interface ChunkRequest {
  readonly at: number;
  readonly range: string;
  readonly status: number;
}

export interface PostFlags {
  readonly disable_comment: boolean;
  readonly disable_duet: boolean;
  readonly disable_stitch: boolean;
  readonly brand_content_toggle: boolean;
  readonly brand_organic_toggle: boolean;
  readonly is_aigc: boolean;
}

/** One photo as it was fetched. */
export interface FetchedPhoto {
  readonly status: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly type: string;
  readonly width: number;
  readonly height: number;
}

/** What a post of photos asked for; the addresses themselves are kept out of every answer. */
interface PhotoOrder {
  readonly title: string;
  readonly addresses: readonly string[];
  readonly coverIndex: number;
  readonly autoAddMusic: boolean;
}

export interface PublishOrder {
  readonly clientKey: string;
  readonly accountId: string;
  readonly caption: string;
  readonly privacy: PrivacyLevel;
  readonly flags: PostFlags;
  readonly coverTimestampMs: number | undefined;
  readonly plan: ChunkPlan;
  readonly notes: readonly string[];
  readonly photos?: PhotoOrder;
}

/** One init and what became of it. Times are UTC ms. */
export interface Publish extends PublishOrder {
  readonly publishId: string;
  readonly uploadId: string;
  readonly uploadToken: string;
  readonly createdAt: number;
  readonly file: string;
  uploadEndsAt: number;
  isUploadForgotten: boolean;
  received: number;
  isReceiving: boolean;
  hash: Hash;
  readonly chunkRequests: ChunkRequest[];
  status: 'PROCESSING_UPLOAD' | 'PROCESSING_DOWNLOAD' | 'PUBLISH_COMPLETE' | 'FAILED';
  /** Of photos: what was fetched so far, in order; `isFetched` once there is nothing left to fetch. */
  fetched: FetchedPhoto[];
  isFetched: boolean;
  failReason: string | undefined;
  /** Decided when the last byte came; takes effect when processing ends. */
  plannedFailure: string | undefined;
  /** The moment of the last byte: from here on the post is out of the client's hands. */
  arrivedAt: number | undefined;
  sha256: string | undefined;
  media: MediaFacts | undefined;
  completedAt: number | undefined;
  postId: string | undefined;
  postIdShownAt: number | undefined;
}

/** Neither posted nor failed yet. */
export function isAtWork({ status }: Publish): boolean {
  return status === 'PROCESSING_UPLOAD' || status === 'PROCESSING_DOWNLOAD';
}

/** Every publish since the last reset; the received bytes are files in one directory. */
export class Publishes {
  readonly #directory: string;
  readonly #publishes = new Map<string, Publish>();
  readonly #uploads = new Map<string, Publish>();
  readonly #byAccount = new Map<string, Publish[]>();
  /** By app, then by account: when it last began a publish. */
  readonly #lastInits = new Map<string, Map<string, number>>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  create(order: PublishOrder, times: { readonly now: number; readonly uploadSeconds: number }): Publish {
    const isOfPhotos = order.photos !== undefined;
    const publishId = `${isOfPhotos ? 'p_pub_url~v2' : 'v_pub_file~v2-1'}.${randomDigits(19)}`;
    const uploadId = randomDigits(19);
    const file = join(this.#directory, `${uploadId}.bin`);
    writeFileSync(file, '');
    const publish: Publish = {
      ...order,
      publishId,
      uploadId,
      file,
      uploadToken: randomHex(40),
      createdAt: times.now,
      uploadEndsAt: times.now + times.uploadSeconds * 1000,
      isUploadForgotten: false,
      received: 0,
      isReceiving: false,
      hash: createHash('sha256'),
      chunkRequests: [],
      status: isOfPhotos ? 'PROCESSING_DOWNLOAD' : 'PROCESSING_UPLOAD',
      fetched: [],
      isFetched: false,
      failReason: undefined,
      plannedFailure: undefined,
      arrivedAt: undefined,
      sha256: undefined,
      media: undefined,
      completedAt: undefined,
      postId: undefined,
      postIdShownAt: undefined,
    };
    this.#publishes.set(publishId, publish);
    this.#uploads.set(uploadId, publish);
    this.#index(publish);
    return publish;
  }

  find(publishId: string): Publish | undefined {
    return this.#publishes.get(publishId);
  }

  findUpload(uploadId: string, token: string): Publish | undefined {
    const publish = this.#uploads.get(uploadId);
    return publish?.uploadToken === token && !publish.isUploadForgotten ? publish : undefined;
  }

  all(): readonly Publish[] {
    return [...this.#publishes.values()];
  }

  ofAccount(accountId: string): readonly Publish[] {
    return this.#byAccount.get(accountId) ?? [];
  }

  /** Accounts that began a publish with this app after that moment. */
  usersSince(clientKey: string, since: number): ReadonlySet<string> {
    const inits = [...(this.#lastInits.get(clientKey) ?? [])];
    return new Set(inits.flatMap(([accountId, at]) => (at > since ? [accountId] : [])));
  }

  clear(): void {
    for (const publish of this.all()) rmSync(publish.file, { force: true });
    for (const map of [this.#publishes, this.#uploads, this.#byAccount, this.#lastInits]) map.clear();
  }

  #index(publish: Publish): void {
    const { accountId, clientKey, createdAt } = publish;
    const ofAccount = this.#byAccount.get(accountId);
    if (ofAccount === undefined) this.#byAccount.set(accountId, [publish]);
    else ofAccount.push(publish);
    const inits = this.#lastInits.get(clientKey) ?? new Map<string, number>();
    this.#lastInits.set(clientKey, inits.set(accountId, createdAt));
  }
}
