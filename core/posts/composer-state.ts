import type { Delivery } from '../deliveries/delivery.ts';
import type { FieldProblem } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { wallTimeAt } from '../time/zones.ts';
import { typedFields } from './draft-options.ts';
import { newNonce, type TypedPost } from './post-form.ts';
import { plannedWhen } from './planned-time.ts';
import type { Post } from './post-service.ts';
import type { WorkingCopy } from './working-copy-store.ts';

/** What the composer's form is drawn from. */
export interface ComposerState {
  readonly typed: TypedPost;
  readonly problems: readonly FieldProblem[];
  /** The post being edited; undefined for a new one. */
  readonly editing: { readonly post: Post; readonly deliveries: readonly Delivery[] } | undefined;
  /** What this person had typed over the post and not saved; the form shows it. */
  readonly copy: WorkingCopy | undefined;
  /** Drawn with what the networks say now; otherwise the page's script asks for it after the page. */
  readonly isAsked: boolean;
  /** Without script the dialog is part of the page. */
  readonly isMediaOpen: boolean;
  /** The post that this form has made already. */
  readonly usedFor: number | undefined;
}

export function stateOf(typed: TypedPost, more: Partial<ComposerState> = {}): ComposerState {
  return {
    typed,
    problems: [],
    editing: undefined,
    copy: undefined,
    isAsked: false,
    isMediaOpen: false,
    usedFor: undefined,
    ...more,
  };
}

/** The form of a new post: nothing chosen but what the link that led here names. */
export function blankPost(chosen: {
  readonly channelIds: readonly number[];
  readonly mediaIds: readonly number[];
}): TypedPost {
  return {
    nonce: newNonce(),
    version: '',
    caption: '',
    captions: new Map(),
    cover: null,
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

/**
 * The form of a new post that begins with another's captions and files, for one of its channels or for all that are not
 * cancelled. Options are chosen anew: the network asks each time.
 */
export function copyOf(post: Post, deliveries: readonly Delivery[], only: number | undefined): TypedPost {
  const copied = deliveries.filter(({ channelId, state }) =>
    only === undefined ? state !== 'cancelled' : channelId === only,
  );
  const channelIds = only === undefined ? copied.map(({ channelId }) => channelId) : [only];
  const captions = copied.flatMap(({ channelId, caption }): readonly [number, string][] =>
    caption === null ? [] : [[channelId, caption]],
  );
  const files = post.media.filter(({ deletedAt }) => deletedAt === null);
  const cover = files.length === post.media.length ? post.cover : null;
  const blank = blankPost({ channelIds, mediaIds: files.map(({ id }) => id) });
  return { ...blank, caption: post.caption, captions: new Map(captions), cover };
}

/** The form of a stored post. */
export function typedFrom(post: Post, deliveries: readonly Delivery[], plugins: PluginRegistry): TypedPost {
  const open = deliveries.filter(({ state }) => state === 'draft' || state === 'scheduled');
  const wall = open.find(({ dueWall }) => dueWall !== null)?.dueWall ?? null;
  const options = open.flatMap((delivery): readonly [number, Readonly<Record<string, string>>][] => {
    const composer = plugins.find(delivery.plugin)?.parts.composer;
    return composer === undefined ? [] : [[delivery.channelId, typedFields(delivery, composer)]];
  });
  const channelIds = open.map(({ channelId }) => channelId);
  const captions = open.flatMap(({ channelId, caption }): readonly [number, string][] =>
    caption === null ? [] : [[channelId, caption]],
  );
  return {
    ...blankPost({ channelIds, mediaIds: post.media.map(({ id }) => id) }),
    version: String(post.version),
    caption: post.caption,
    captions: new Map(captions),
    cover: post.cover,
    options: new Map(options),
    when: wall === null ? plannedWhen(post.planned) : 'schedule',
    date: wall?.slice(0, 10) ?? post.planned.date,
    time: wall?.slice(11) ?? post.planned.time,
    dueSeen: wall ?? '',
  };
}

/** The team has moved to another zone since it was scheduled: its moment stays, and reads as its clocks show it now. */
export function onClocksOf(typed: TypedPost, deliveries: readonly Delivery[], zone: string): TypedPost {
  const due = deliveries.find(({ state }) => state === 'scheduled');
  if (due === undefined || due.dueAt === null || due.dueZone === zone) return typed;
  const wall = wallTimeAt(due.dueAt, zone);
  return { ...typed, date: wall.slice(0, 10), time: wall.slice(11), dueSeen: wall };
}
