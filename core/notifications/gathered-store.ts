import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount, rowId, rowJson } from '../db/rows.ts';
import { ownTitleOf } from '../posts/post-title.ts';
import { type GatheredKind, gatheredFacts } from './notification.ts';
import { insertReaders, type OutboxDeps, putNotification } from './outbox-store.ts';

/** One person does something to one post of another, and may do the same to many. */
export interface Gathering {
  readonly kind: GatheredKind;
  readonly teamId: number;
  readonly postId: number;
  /** Whose post it is: the notification is about what is theirs. */
  readonly ownerId: number;
  /** Who did it. */
  readonly by: number;
}

/**
 * Tells of many posts as of one thing: as long as one reader has not read what the same person did, the next post is
 * added to it, and whoever has read it is told anew. To be called in the transaction that makes it true.
 */
export async function gatherNotification(sql: Sql, deps: OutboxDeps, gathering: Gathering): Promise<void> {
  const { kind, teamId, postId, ownerId: subjectId, by } = gathering;
  // One after the other: of two posts at once each would find that nothing was told yet.
  await sql('members').where({ team_id: teamId, user_id: subjectId }).forUpdate().select('user_id');
  const told = await selectLast(sql, gathering);
  const isOpen = told !== undefined && told.facts.by === by && told.unread > 0;
  if (isOpen && told.read === 0 && told.facts.posts.includes(postId)) return;
  const { post, byName } = await selectNames(sql, { postId, by });
  if (!isOpen) {
    const facts = { by, byName, posts: [postId], post };
    await putNotification(sql, deps, { kind, teamId, subjectId, facts, only: onlyFor(gathering) });
    return;
  }
  const others = told.facts.posts.filter((id) => id !== postId).slice(-mostPosts);
  const posts = [...(kind === 'posts-submitted' ? await selectWaiting(sql, teamId, others) : others), postId];
  await addTo(sql, deps, { id: told.id, gathering, facts: { by, byName, posts, post } });
}

/** A list must not grow without bound; beyond it the oldest are not counted. */
const mostPosts = 2_000;

/** What is submitted concerns everybody who may approve it. */
function onlyFor({ kind, ownerId }: Gathering): readonly number[] | undefined {
  return kind === 'posts-approved' ? [ownerId] : undefined;
}

const toldRow = z.object({ id: rowId, facts: rowJson(gatheredFacts), unread: rowCount, read: rowCount });

/** The last of its kind, and how many of those who were told have read it and have not. */
async function selectLast(sql: Sql, { kind, teamId, ownerId }: Gathering) {
  const readers = (isRead: boolean) => {
    const some = sql('notification_recipients as r').count('*').whereRaw('r.notification_id = n.id');
    return isRead ? some.whereNotNull('r.read_at') : some.whereNull('r.read_at');
  };
  const rows: unknown[] = await sql('notifications as n')
    .where({ 'n.kind': kind, 'n.subject_id': ownerId, 'n.team_id': teamId })
    .orderBy([
      { column: 'n.at', order: 'desc' },
      { column: 'n.id', order: 'desc' },
    ])
    .limit(1)
    .select('n.id', 'n.facts', { unread: readers(false), read: readers(true) });
  return firstRow(toldRow, rows);
}

const namesRow = z
  .object({ caption: z.string(), file_name: z.string().nullable(), name: z.string().nullable() })
  .transform(({ caption, file_name: fileName, name }) => ({
    post: ownTitleOf({ caption, media: fileName === null ? [] : [{ fileName }] }) ?? '',
    byName: name ?? '',
  }));

async function selectNames(sql: Sql, { postId, by }: Pick<Gathering, 'postId' | 'by'>) {
  const rows: unknown[] = await sql('posts as p')
    .leftJoin('users as u', (join) => void join.onVal('u.id', by))
    .leftJoin('post_media as pm', (join) => void join.on('pm.post_id', 'p.id').onVal('pm.position', 0))
    .leftJoin('media as m', 'm.id', 'pm.media_id')
    .where('p.id', postId)
    .select('p.caption', 'm.file_name', 'u.name');
  return firstRow(namesRow, rows) ?? { post: '', byName: '' };
}

/** Those of the posts that still wait for approval; of the others somebody has decided. */
async function selectWaiting(sql: Sql, teamId: number, postIds: readonly number[]): Promise<readonly number[]> {
  if (postIds.length === 0) return [];
  const rows: unknown = await sql('deliveries')
    .where({ team_id: teamId, needs_approval: true, state: 'scheduled' })
    .whereIn('post_id', [...postIds])
    .distinct('post_id');
  const waiting = new Set(
    z
      .array(z.object({ post_id: rowId }))
      .parse(rows)
      .map((row) => row.post_id),
  );
  return postIds.filter((id) => waiting.has(id));
}

interface Addition {
  readonly id: number;
  readonly gathering: Gathering;
  readonly facts: z.output<typeof gatheredFacts>;
}

/** A mail about it that has not gone out yet says all of it; whoever has not read the last one gets no other. */
async function addTo(sql: Sql, deps: OutboxDeps, { id, gathering, facts }: Addition): Promise<void> {
  const at = deps.clock.now();
  await sql('notifications')
    .where({ id })
    .update({ facts: JSON.stringify(facts), at });
  const mail = { mail: 'waiting', mail_at: at + deps.timings.mailGatherMs, mail_tries: 0 };
  await sql('notification_recipients')
    .where({ notification_id: id })
    .whereNotNull('read_at')
    .update({ read_at: null, told_at: at, ...mail });
  const { kind, teamId } = gathering;
  await insertReaders(sql, deps, { id, kind, teamId, only: onlyFor(gathering) });
}
