import type { Translate } from '#plugin-api';
import type { Channel } from '../channels/channel-service.ts';
import { fileModel } from '../media/media-routes.ts';
import { describeOptions, typedFields } from '../posts/draft-options.ts';
import { faceOf, type ChannelFace } from '../posts/option-groups.ts';
import { readWallTime, wallTimeAt } from '../time/zones.ts';
import type { TeamContext, TeamOfMember } from '../web/route.ts';
import type { BatchParts } from './batch-parts.ts';
import { isOpen } from './batch-rows.ts';
import type { Batch, BatchRow } from './batch.ts';
import { hasOwnOptions } from './row-options.ts';

export interface RowPlace {
  readonly team: TeamOfMember;
  readonly t: Translate;
  readonly locale: string;
  /** Of the rows, by id. */
  readonly channels: ReadonlyMap<number, Channel>;
}

/** One line of the table. `n` counts from 1 over all pages. */
export function rowModel(
  parts: Pick<BatchParts, 'plugins'>,
  { team, t, locale, channels }: RowPlace,
  { row, n }: { row: BatchRow; n: number },
) {
  const { post, deliveries } = row;
  const [file] = post.media;
  const faces = deliveries.flatMap(({ channelId }): readonly ChannelFace[] => {
    const channel = channels.get(channelId);
    return channel === undefined ? [] : [faceOf(parts.plugins, channel)];
  });
  const postHref = `/team/${team.id}/posts/${post.id}`;
  return {
    n,
    postId: post.id,
    version: post.version,
    place: post.batch?.place ?? 0,
    isOpen: isOpen(row),
    state: post.state,
    caption: post.caption,
    length: file?.kind === 'picture' ? t('batches:row.photos', { count: post.media.length }) : null,
    isOfPhotos: file?.kind === 'picture',
    moreFiles: post.media.length - 1,
    file: file === undefined ? null : fileModel({ team }, file),
    faces,
    channelIds: deliveries.map(({ channelId }) => channelId),
    channelNames: faces.length === 0 ? t('batches:channels.none') : faces.map(({ nickname }) => nickname).join(', '),
    planned: post.planned,
    weekday: weekdayOf(post.planned.date, locale),
    dueAt: post.dueAt,
    own: ownOptions(parts, row, channels),
    href: isOpen(row) ? `${postHref}/edit` : postHref,
  };
}

/** `2026-12-10` → “Thu”; empty while it is no day. */
function weekdayOf(date: string, locale: string): string {
  if (readWallTime(date, '00:00') === undefined) return '';
  return new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(Date.parse(date));
}

/** What a row says about its options itself, in words: it was chosen in a file or in the composer, and is agreed to here. */
function ownOptions(
  parts: Pick<BatchParts, 'plugins'>,
  { deliveries }: BatchRow,
  channels: ReadonlyMap<number, Channel>,
) {
  return deliveries.flatMap((delivery): readonly string[] => {
    const composer = parts.plugins.find(delivery.plugin)?.parts.composer;
    if (composer === undefined || delivery.dueWall !== null) return [];
    if (!hasOwnOptions(typedFields(delivery, composer))) return [];
    const words = describeOptions(delivery, composer).map(({ label, value }) => `${label}: ${value}`);
    const name = channels.get(delivery.channelId)?.nickname ?? '';
    return words.length === 0 ? [] : [`${name} · ${words.join(', ')}`];
  });
}

/** “Uploaded today by Maja Lindqvist.” */
export function batchLine(
  batch: Batch,
  { team, t, locale, now }: Pick<TeamContext, 'team' | 't' | 'locale'> & { readonly now: number },
): string {
  const day = (at: number): string => wallTimeAt(at, team.zone).slice(0, 10);
  const isToday = day(batch.createdAt) === day(now);
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: team.zone });
  const when = isToday ? t('batches:line.today') : t('batches:line.on', { date: date.format(batch.createdAt) });
  const name = batch.createdBy?.name ?? t('batches:line.somebody');
  return batch.source === null
    ? t('batches:line.uploaded', { when, name })
    : t('batches:line.imported', { when, name, file: batch.source });
}
