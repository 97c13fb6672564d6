import type { ChunkRequest, FetchedPhoto, PostFlags, Publish } from './publishes.ts';
import type { World } from './world.ts';

/** One line of the ledger; times are UTC ms. Upload addresses and tokens never appear. */
export interface PublishRow extends PostFlags {
  readonly publish_id: string;
  readonly account: string;
  readonly client_key: string;
  /** How its content comes in. */
  readonly source: 'FILE_UPLOAD' | 'PULL_FROM_URL';
  readonly caption: string;
  readonly privacy_level: string;
  readonly video_cover_timestamp_ms: number | null;
  readonly status: string;
  readonly fail_reason: string | null;
  readonly video_size: number;
  readonly bytes: number;
  readonly chunk_size: number;
  readonly total_chunk_count: number;
  readonly sha256: string | null;
  readonly chunk_requests: readonly ChunkRequest[];
  readonly notes: readonly string[];
  readonly created_at: number;
  readonly arrived_at: number | null;
  readonly completed_at: number | null;
  /** 19 digits as text; only public posts, once TikTok shows it. */
  readonly post_id: string | null;
  /** Null for a video. */
  readonly photos: PhotosRow | null;
}

interface PhotosRow {
  readonly title: string;
  readonly count: number;
  readonly photo_cover_index: number;
  readonly auto_add_music: boolean;
  readonly fetched: readonly FetchedPhoto[];
}

export interface PostRow extends PublishRow {
  readonly sha256: string;
  readonly arrived_at: number;
}

/** Posts whose last byte came in, photos as soon as they were accepted, and that did not fail, in the order of that moment: what the judge counts. */
export function postsThatBecameReal(world: World): readonly PostRow[] {
  const rows = publishRows(world).flatMap((row) => {
    const { sha256, arrived_at: arrivedAt } = row;
    if (sha256 === null || arrivedAt === null || row.status === 'FAILED') return [];
    return [{ ...row, sha256, arrived_at: arrivedAt }];
  });
  return rows.sort((a, b) => a.arrived_at - b.arrived_at);
}

/** Every init and what became of it, oldest first. */
export function publishRows(world: World): readonly PublishRow[] {
  return world.publishes.all().map((publish) => row(world, publish));
}

function photosRow({ photos, fetched }: Publish): PhotosRow | null {
  if (photos === undefined) return null;
  const { title, addresses, coverIndex, autoAddMusic } = photos;
  return { title, count: addresses.length, photo_cover_index: coverIndex, auto_add_music: autoAddMusic, fetched };
}

function row(world: World, publish: Publish): PublishRow {
  return {
    publish_id: publish.publishId,
    account: world.accounts.get(publish.accountId).username,
    client_key: publish.clientKey,
    source: publish.photos === undefined ? 'FILE_UPLOAD' : 'PULL_FROM_URL',
    caption: publish.caption,
    privacy_level: publish.privacy,
    ...publish.flags,
    video_cover_timestamp_ms: publish.coverTimestampMs ?? null,
    status: publish.status,
    fail_reason: publish.failReason ?? null,
    video_size: publish.plan.videoSize,
    bytes: publish.received,
    chunk_size: publish.plan.chunkSize,
    total_chunk_count: publish.plan.chunkCount,
    sha256: publish.sha256 ?? null,
    chunk_requests: publish.chunkRequests,
    notes: publish.notes,
    created_at: publish.createdAt,
    arrived_at: publish.arrivedAt ?? null,
    completed_at: publish.completedAt ?? null,
    post_id: publish.postIdShownAt === undefined ? null : (publish.postId ?? null),
    photos: photosRow(publish),
  };
}
