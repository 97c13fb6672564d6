import type { Channel } from '../channels/channel-service.ts';
import { askOnce } from '../posts/draft-checkers.ts';
import type { KnownOfMany } from '../posts/known-of-many.ts';
import { declarations, type Declaration } from '../posts/option-groups.ts';
import type { Member } from '../posts/post-service.ts';
import type { BatchParts } from './batch-parts.ts';
import { isOpen } from './batch-rows.ts';
import type { Batch, BatchRow } from './batch.ts';
import { checkRows, isOption, type FoundRow, type RowCheck } from './row-check.ts';
import { readyRow, type ReadyRow } from './row-draft.ts';

/** Something to be chosen once for the batch. */
interface OpenChoice {
  readonly channelId: number;
  readonly nickname: string;
  /** The option's field, e.g. `privacy`. */
  readonly field: string;
  readonly message: string;
}

interface BatchReading {
  readonly checks: readonly RowCheck[];
  /** Of the chosen rows. */
  readonly open: readonly OpenChoice[];
  /** How many of the chosen rows have no time or no channels yet. */
  readonly unplanned: number;
  /** What pressing the button declares for the chosen rows; each text once. */
  readonly declarations: readonly (Declaration & { readonly rows: number })[];
  /** When the networks were asked, UTC milliseconds. */
  readonly askedAt: number;
}

interface CheckOrder {
  readonly batch: Batch;
  readonly rows: readonly BatchRow[];
  /** Post ids of ticked rows. */
  readonly chosen: ReadonlySet<number>;
  /** UTC milliseconds: when the page was drawn, or the networks were last asked for it. What they said before is old. */
  readonly since: number;
  /** The reader's: a row names days. */
  readonly locale: string;
}

/**
 * Checks rows by what each network said since the page was drawn, and within the last minute: enough for a table that is
 * looked at, not to schedule.
 */
export type BatchCheck = (member: Member, order: CheckOrder) => Promise<BatchReading>;

const answersHoldMs = 60_000;
/** More rows than this are not waited for at once. */
const atOnce = 50;

interface Answers {
  readonly askedAt: number;
  readonly checkerOf: NonNullable<KnownOfMany['checkerOf']>;
}

export function createBatchCheck(parts: BatchParts): BatchCheck {
  const kept = new Map<number, Answers>();
  const answersFor = (batchId: number, since: number): Answers => {
    const now = parts.clock.now();
    for (const [id, { askedAt }] of kept) if (now - askedAt >= answersHoldMs) kept.delete(id);
    const known = kept.get(batchId);
    if (known !== undefined && known.askedAt >= Math.min(since, now)) return known;
    const answers = { askedAt: now, checkerOf: askOnce(parts) };
    kept.set(batchId, answers);
    return answers;
  };
  return (member, order) => check(parts, member, { ...order, answers: answersFor(order.batch.id, order.since) });
}

/** The team's channels among those of the rows. */
export async function channelsOf(
  parts: Pick<BatchParts, 'channels'>,
  teamId: number,
  rows: readonly BatchRow[],
): Promise<ReadonlyMap<number, Channel>> {
  const ids = [...new Set(rows.flatMap(({ deliveries }) => deliveries.map(({ channelId }) => channelId)))];
  const found = ids.length === 0 ? [] : await parts.channels.findMany(teamId, ids);
  return new Map(found.map((channel) => [channel.id, channel]));
}

async function check(
  parts: BatchParts,
  member: Member,
  { batch, rows, chosen, answers, locale }: CheckOrder & { readonly answers: Answers },
): Promise<BatchReading> {
  const open = rows.filter(isOpen);
  const { zone } = member;
  const channels = await channelsOf(parts, batch.teamId, open);
  const media = new Map(open.flatMap(({ post }) => post.media.map((file) => [file.id, file])));
  const posts = parts.posts.forMany({ checkerOf: answers.checkerOf, records: { channels, media } });
  const ready = open.map((row) => readyRow(parts, { row, options: batch.options, channels, zone }));
  const found = await inTurns(ready, (one) => problemsOf(posts, member, one));
  const checks = await checkRows(parts, batch.teamId, { found, channels, zone, locale });
  const taken = found.filter(({ ready: { row } }) => chosen.has(row.post.id));
  return {
    checks,
    open: openChoices(taken, channels),
    unplanned: checks.filter(({ postId, tone }) => tone === 'todo' && chosen.has(postId)).length,
    declarations: declaredBy(
      parts,
      taken.map((one) => one.ready),
      channels,
    ),
    askedAt: answers.askedAt,
  };
}

async function problemsOf(posts: Pick<BatchParts['posts'], 'findProblems'>, member: Member, ready: ReadyRow) {
  const present = new Set(ready.row.deliveries.map(({ channelId }) => channelId));
  const problems = await posts.findProblems(member, ready.draft, present);
  return { ready, problems: ready.timeProblem === null ? problems : [...problems, ready.timeProblem] };
}

/** Each choice once, however many rows wait for it. */
function openChoices(found: readonly FoundRow[], channels: ReadonlyMap<number, Channel>): readonly OpenChoice[] {
  const open = new Map<string, OpenChoice>();
  for (const { ready, problems } of found) {
    for (const { field, message } of problems) {
      if (!isOption(field) || !ready.isOfBatch(field)) continue;
      const [, channel = '', name = ''] = /^options\.(\d+)\.(.+)$/.exec(field) ?? [];
      const channelId = Number(channel);
      open.set(field, { channelId, nickname: channels.get(channelId)?.nickname ?? '', field: name, message });
    }
  }
  return [...open.values()];
}

function declaredBy(
  { plugins }: BatchParts,
  ready: readonly ReadyRow[],
  channels: ReadonlyMap<number, Channel>,
): readonly (Declaration & { readonly rows: number })[] {
  const found = new Map<string, Declaration & { readonly rows: number }>();
  for (const { draft } of ready) {
    const chosen = draft.channelIds.flatMap((id) => channels.get(id) ?? []);
    for (const one of declarations(plugins, chosen, draft.typedOptions)) {
      const key = `${one.plugin} ${one.text}`;
      found.set(key, { ...one, rows: (found.get(key)?.rows ?? 0) + 1 });
    }
  }
  return [...found.values()];
}

/** Some at a time: a table of hundreds leaves the process its breath. */
async function inTurns<In, Out>(all: readonly In[], work: (one: In) => Promise<Out>): Promise<readonly Out[]> {
  const done: Out[] = [];
  for (let n = 0; n < all.length; n += atOnce) done.push(...(await Promise.all(all.slice(n, n + atOnce).map(work))));
  return done;
}
