/** Whose upload it is. Nobody else sees it or goes on with it, not even others of the team. */
export interface Uploader {
  readonly teamId: number;
  readonly personId: number;
}

/** A file that was begun and may come in pieces, over hours and connections. */
export interface Upload {
  /** 32 hexadecimal digits: its address, and the name of its file. */
  readonly id: string;
  readonly owner: Uploader;
  readonly fileName: string;
  /** Of the whole file, as announced when it was begun. */
  readonly bytes: number;
  /** Made of it, once all of it is there. */
  readonly mediaId: number | null;
  /** Why it was refused, in words for the person. */
  readonly problem: string | null;
  /** UTC milliseconds. */
  readonly createdAt: number;
}

/** What became of a file that arrived. */
export type Outcome = { readonly mediaId: number } | { readonly problem: string };

export function outcomeOf({ mediaId, problem }: Pick<Upload, 'mediaId' | 'problem'>): Outcome | undefined {
  if (mediaId !== null) return { mediaId };
  return problem === null ? undefined : { problem };
}

/** What is told of an upload that is not finished. */
export interface UnfinishedUpload extends Upload {
  /** How much of it has arrived. */
  readonly arrived: number;
}
