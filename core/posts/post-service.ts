import type { DeliveryState, Due } from '../deliveries/delivery-desk.ts';
import type { Media } from '../media/media.ts';

/** Who composes, in which team and in which zone the team's times are meant. */
export interface Member {
  readonly id: number;
  readonly name: string;
  readonly teamId: number;
  readonly zone: string;
}

/** What a member composed, as typed; the service reads and checks every part again. */
export interface PostDraft {
  readonly caption: string;
  readonly channelIds: readonly number[];
  readonly mediaIds: readonly number[];
  /** Each channel's typed option fields, without prefix. */
  readonly typedOptions: ReadonlyMap<number, Readonly<Record<string, string>>>;
  /** null = a draft: nothing is due and nothing agreed to. */
  readonly due: Due | null;
  /** The declarations that stood above the button when it was pressed, by plugin. */
  readonly declarations: ReadonlyMap<string, string>;
}

/** The form's own number and the SHA-256 of everything it carried but the CSRF token. */
export interface FormIdentity {
  readonly nonce: string;
  readonly bodyHash: string;
}

export interface Post {
  readonly id: number;
  readonly teamId: number;
  readonly caption: string;
  readonly media: readonly Media[];
  readonly createdBy: { readonly id: number; readonly name: string } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The worst of its deliveries' states. */
  readonly state: DeliveryState;
  readonly dueAt: number | null;
}

export interface PostService {
  /**
   * Stores post, media, deliveries, consent and jobs in one transaction. The same form again returns the same post.
   * @throws InputError every problem at its field; ConflictError `form-used` when the form made another post
   */
  schedule(member: Member, draft: PostDraft, form: FormIdentity): Promise<number>;
  /**
   * Replaces what is still ahead: caption, media, channels, options, due time; each delivery's revision goes up.
   * `version` is the one the form was drawn with. @throws InputError, ConflictError, NotFoundError
   */
  revise(member: Member, change: PostRevision, form: FormIdentity): Promise<void>;
  find(teamId: number, postId: number): Promise<Post>;
  /** Deletes a post that is nothing but a draft. @throws ConflictError */
  deleteDraft(member: Member, postId: number): Promise<void>;
  /** Cancels every delivery that can still be cancelled. @throws ConflictError when none can */
  cancel(member: Member, postId: number): Promise<void>;
}

export interface PostRevision {
  readonly postId: number;
  readonly version: string;
  readonly draft: PostDraft;
}
