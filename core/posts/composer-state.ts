import type { Delivery } from '../deliveries/delivery.ts';
import type { FieldProblem } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { typedFields } from './draft-options.ts';
import { newNonce, type TypedPost } from './post-form.ts';
import type { Post } from './post-service.ts';

/** What the composer's form is drawn from. */
export interface ComposerState {
  readonly typed: TypedPost;
  readonly problems: readonly FieldProblem[];
  /** The post being edited; undefined for a new one. */
  readonly editing: { readonly post: Post; readonly deliveries: readonly Delivery[] } | undefined;
  /** Without script the dialog is part of the page. */
  readonly isMediaOpen: boolean;
  /** The post that this form has made already. */
  readonly usedFor: number | undefined;
}

export function stateOf(typed: TypedPost, more: Partial<ComposerState> = {}): ComposerState {
  return { typed, problems: [], editing: undefined, isMediaOpen: false, usedFor: undefined, ...more };
}

/** The form of a new post: nothing chosen but what the link that led here names. */
export function blankPost(chosen: {
  readonly channelIds: readonly number[];
  readonly mediaId: number | null;
}): TypedPost {
  return {
    nonce: newNonce(),
    version: '',
    caption: '',
    ...chosen,
    options: new Map(),
    when: 'schedule',
    date: '',
    time: '',
    dueSeen: '',
    declarations: new Map(),
    mediaBefore: null,
    act: undefined,
  };
}

/** The form of a new post that begins with another's caption and file. Options are chosen anew: the network asks each time. */
export function copyOf(post: Post, channelIds: readonly number[]): TypedPost {
  const file = post.media.find(({ deletedAt }) => deletedAt === null);
  return { ...blankPost({ channelIds, mediaId: file?.id ?? null }), caption: post.caption };
}

/** The form of a stored post. */
export function typedFrom(post: Post, deliveries: readonly Delivery[], plugins: PluginRegistry): TypedPost {
  const open = deliveries.filter(({ state }) => state === 'draft' || state === 'scheduled');
  const wall = open.find(({ dueWall }) => dueWall !== null)?.dueWall ?? null;
  const options = open.flatMap((delivery): readonly [number, Readonly<Record<string, string>>][] => {
    const composer = plugins.find(delivery.plugin)?.parts.composer;
    return composer === undefined ? [] : [[delivery.channelId, typedFields(delivery, composer)]];
  });
  return {
    ...blankPost({ channelIds: open.map(({ channelId }) => channelId), mediaId: post.media[0]?.id ?? null }),
    version: String(post.version),
    caption: post.caption,
    options: new Map(options),
    when: wall === null ? 'draft' : 'schedule',
    date: wall?.slice(0, 10) ?? post.planned.date,
    time: wall?.slice(11) ?? post.planned.time,
    dueSeen: wall ?? '',
  };
}
