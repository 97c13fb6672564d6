/** What is read from a video's bytes. Pixels are as displayed: rotation and pixel shape are already applied. */
export interface VideoFacts {
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  /** Frames a second, averaged over the whole file. */
  readonly frameRate: number;
  /** In people's words: H.264, H.265, VP8, VP9, AV1, ProRes. */
  readonly codec: string;
  /** Degrees, clockwise, that the stored frames are turned by for display. */
  readonly rotation: number;
}

/**
 * Why a picture was made anew: not what networks take, too many pixels, lying on its side, other colours, too many bytes,
 * notes of its camera or its author (EXIF, XMP, IPTC, comments, what else lies in the file beside its pixels).
 */
export const pictureChanges = ['format', 'size', 'turned', 'colours', 'weight', 'notes'] as const;
export type PictureChange = (typeof pictureChanges)[number];

/** What was done to a picture when it came in. Pixels are those it came with. */
export interface PictureChanged {
  readonly what: readonly PictureChange[];
  /** In people's words, lower case: png, jpeg, webp. */
  readonly from: string;
  readonly width: number;
  readonly height: number;
}

/** What is known of a picture as it is kept. */
export interface PictureFacts {
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Of what is kept, in hex. */
  readonly sha256: string;
  /** Null where it is kept as it came. */
  readonly changed: PictureChanged | null;
}

/** A file of a team's library. `deletedAt` is set once the bytes are gone and only the facts remain. */
export interface Media extends Omit<VideoFacts, 'durationMs' | 'frameRate' | 'codec'> {
  readonly id: number;
  readonly teamId: number;
  readonly fileName: string;
  readonly storedName: string;
  readonly kind: 'video' | 'picture';
  readonly type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly durationMs: number | null;
  readonly frameRate: number | null;
  readonly codec: string | null;
  readonly posterName: string | null;
  /** What was done to a picture when it came in; null where nothing was. */
  readonly changed: PictureChanged | null;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

/** Facts of a new file, before the store has numbered it. */
export type NewMedia = Omit<Media, 'id' | 'createdAt' | 'deletedAt'>;

/** A file as it came in: complete, under a random name, still unread. */
export interface ReceivedFile {
  /** In hex, of the bytes that came in. */
  readonly sha256: string;
  readonly path: string;
  readonly fileName: string;
  readonly bytes: number;
  /**
   * 32 hexadecimal digits: the stored file is named so, and no second one can be. Such a file can be taken again after a
   * failure that is not its own, a full disk for example. Random unless said.
   */
  readonly storedAs?: string;
}
