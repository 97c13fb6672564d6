/** What a team keeps for its posts: whole captions, and groups of hashtags. */
export const captionKinds = ['caption', 'hashtags'] as const;
type CaptionKind = (typeof captionKinds)[number];

/** Only ever put into the caption's field by a person, who may change it there. */
export interface SavedCaption {
  readonly id: number;
  readonly kind: CaptionKind;
  readonly name: string;
  readonly text: string;
}
