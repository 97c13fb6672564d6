import type { Channel } from '../channels/channel-service.ts';
import type { FieldProblem } from '../errors.ts';
import type { Member, PostService } from '../posts/post-service.ts';
import { declarations, type Declaration } from '../posts/option-groups.ts';
import { resolveWallTime } from '../time/zones.ts';
import { sayNote } from '../posts/due-time.ts';
import type { BatchParts } from './batch-parts.ts';
import { isOpen } from './batch-rows.ts';
import type { Batch, BatchRow } from './batch.ts';
import { readyRow, type ReadyRow } from './row-draft.ts';

/** How one row stands. `bad`: it cannot be scheduled as it is; `todo`: only its time or its channels are still to come. */
interface RowCheck {
  readonly postId: number;
  readonly tone: 'ok' | 'warn' | 'todo' | 'bad';
  /** Empty where it fits. */
  readonly reasons: readonly string[];
}

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
}

interface CheckOrder {
  readonly batch: Batch;
  readonly rows: readonly BatchRow[];
  /** Post ids of ticked rows. */
  readonly chosen: ReadonlySet<number>;
}

/** Checks rows by what each network said within the last minute: enough for a table that is looked at, not to schedule. */
export type BatchCheck = (member: Member, order: CheckOrder) => Promise<BatchReading>;

const answersHoldMs = 60_000;
/** Files that differ in nothing but their place say the same everywhere else; more rows than this are not waited for. */
const atOnce = 20;

export function createBatchCheck(parts: BatchParts): BatchCheck {
  const asked = new Map<number, { readonly at: number; readonly posts: PostService }>();
  const postsOf = (batchId: number): PostService => {
    const now = parts.clock.now();
    for (const [id, { at }] of asked) if (now - at >= answersHoldMs) asked.delete(id);
    const known = asked.get(batchId)?.posts ?? parts.posts.forMany();
    if (!asked.has(batchId)) asked.set(batchId, { at: now, posts: known });
    return known;
  };
  return (member, order) => check({ ...parts, posts: postsOf(order.batch.id) }, member, order);
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

async function check(parts: BatchParts, member: Member, { batch, rows, chosen }: CheckOrder): Promise<BatchReading> {
  const open = rows.filter(isOpen);
  const channels = await channelsOf(parts, batch.teamId, open);
  const ready = open.map((row) => readyRow(parts, { row, options: batch.options, channels, zone: member.zone }));
  const found = await inTurns(ready, (one) => problemsOf(parts, member, one));
  const checks = await inTurns(found, (one) => checkOf(parts, { ...one, channels, zone: member.zone }));
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
  };
}

interface Found {
  readonly ready: ReadyRow;
  readonly problems: readonly FieldProblem[];
}

async function problemsOf(parts: BatchParts, member: Member, ready: ReadyRow): Promise<Found> {
  const present = new Set(ready.row.deliveries.map(({ channelId }) => channelId));
  const problems = await parts.posts.findProblems(member, ready.draft, present);
  return { ready, problems: ready.timeProblem === null ? problems : [...problems, ready.timeProblem] };
}

interface Checking extends Found {
  readonly channels: ReadonlyMap<number, Channel>;
  readonly zone: string;
}

async function checkOf(parts: BatchParts, { ready, problems, channels, zone }: Checking): Promise<RowCheck> {
  const postId = ready.row.post.id;
  const own = problems.filter(({ field }) => !ready.isOfBatch(field) || !isOption(field));
  if (own.length > 0) {
    const tone = own.every((problem) => isStillToCome(problem, ready)) ? 'todo' : 'bad';
    return { postId, tone, reasons: [...new Set(own.map((problem) => sentenceOf(problem, channels)))] };
  }
  const warnings = [...clockNotes(parts, ready, zone), ...(await sameWords(parts, ready))];
  return { postId, tone: warnings.length > 0 ? 'warn' : 'ok', reasons: warnings };
}

/** What the person fills in for many rows at once: nothing is wrong with the row. */
function isStillToCome({ field }: FieldProblem, { row, draft }: ReadyRow): boolean {
  const { date, time } = row.post.planned;
  if (field === 'date' || field === 'time') return date === '' && time === '';
  return field === 'channels' && draft.channelIds.length === 0;
}

/** `caption`, `media` and `channel` of a network are the row's own, whatever was chosen for the batch. */
function isOption(field: string): boolean {
  return !/\.(?:caption|media|channel|)$/.test(field);
}

function sentenceOf({ field, message }: FieldProblem, channels: ReadonlyMap<number, Channel>): string {
  const id = /^options\.(\d+)\./.exec(field)?.[1];
  const channel = id === undefined ? undefined : channels.get(Number(id));
  return channel === undefined ? message : `${channel.nickname}: ${message}`;
}

function clockNotes({ t }: BatchParts, { row, draft }: ReadyRow, zone: string): readonly string[] {
  const { date, time } = row.post.planned;
  if (draft.due === null || date === '' || time === '') return [];
  const wall = `${date}T${time.slice(0, 5)}`;
  const note = sayNote(resolveWallTime(wall, zone), { wall, zone, t });
  return note === undefined ? [] : [note];
}

async function sameWords({ savedCaptions, t }: BatchParts, { row, draft }: ReadyRow): Promise<readonly string[]> {
  if (draft.due === null) return [];
  const planned = draft.channelIds.map((channelId) => ({
    channelId,
    text: draft.captions.get(channelId) ?? draft.caption,
  }));
  const question = { teamId: row.post.teamId, planned, at: draft.due.at, exceptPostId: row.post.id };
  const found = await savedCaptions.findSameText(question);
  return found.length === 0 ? [] : [t('batches:check.sameWords')];
}

/** Each choice once, however many rows wait for it. */
function openChoices(found: readonly Found[], channels: ReadonlyMap<number, Channel>): readonly OpenChoice[] {
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
