import type { Channel } from '../channels/channel-service.ts';
import type { FieldProblem } from '../errors.ts';
import { sayNote } from '../posts/due-time.ts';
import { resolveWallTime } from '../time/zones.ts';
import type { BatchParts } from './batch-parts.ts';
import type { ReadyRow } from './row-draft.ts';

/** How one row stands. `bad`: it cannot be scheduled as it is; `todo`: only its time or its channels are still to come. */
export interface RowCheck {
  readonly postId: number;
  readonly tone: 'ok' | 'warn' | 'todo' | 'bad';
  /** A few words for the cell; empty where it fits. */
  readonly short: string;
  readonly reasons: readonly RowReason[];
}

/** Why, in a sentence. */
interface RowReason {
  readonly short: string;
  readonly text: string;
  /** The page of the error book that explains it. */
  readonly code?: string;
  /** Another post that it is about, and when that is due (UTC milliseconds). */
  readonly other?: { readonly postId: number; readonly at: number };
}

export interface FoundRow {
  readonly ready: ReadyRow;
  readonly problems: readonly FieldProblem[];
}

interface RowPlace {
  /** Of all rows, by id. */
  readonly channels: ReadonlyMap<number, Channel>;
  /** The team's. */
  readonly zone: string;
  /** The reader's. */
  readonly locale: string;
}

type Parts = Pick<BatchParts, 'savedCaptions' | 't'>;

/** What is wrong with each row, or worth knowing where nothing is; options that the batch leaves open are not the row's. */
export async function checkRows(
  parts: Parts,
  teamId: number,
  { found, ...place }: RowPlace & { readonly found: readonly FoundRow[] },
): Promise<readonly RowCheck[]> {
  const repeated = await sameWords(parts, teamId, { ...place, found });
  return found.map(({ ready, problems }): RowCheck => {
    const postId = ready.row.post.id;
    const own = problems.filter(({ field }) => !ready.isOfBatch(field) || !isOption(field));
    if (own.length > 0) {
      const tone = own.every((problem) => isStillToCome(problem, ready)) ? 'todo' : 'bad';
      return { postId, tone, ...inShort(own.map((problem) => reasonOf(parts, problem, { ...place, ready }))) };
    }
    const warnings = [...clockNotes(parts, ready, place.zone), ...(repeated.get(postId) ?? [])];
    return { postId, tone: warnings.length > 0 ? 'warn' : 'ok', ...inShort(warnings) };
  });
}

function inShort(all: readonly RowReason[]): Pick<RowCheck, 'short' | 'reasons'> {
  const reasons = [...new Map(all.map((reason) => [reason.text, reason])).values()];
  return { short: [...new Set(reasons.map(({ short }) => short))].join(', '), reasons };
}

/** What the person fills in for many rows at once: nothing is wrong with the row. */
function isStillToCome({ field }: FieldProblem, { row, draft }: ReadyRow): boolean {
  const { date, time } = row.post.planned;
  if (field === 'date' || field === 'time') return date === '' && time === '';
  return field === 'channels' && draft.channelIds.length === 0;
}

/** `caption`, `media` and `channel` of a network are the row's own, whatever was chosen for the batch. */
export function isOption(field: string): boolean {
  return !/\.(?:caption|media|channel|)$/.test(field);
}

function reasonOf(
  { t }: Pick<Parts, 't'>,
  problem: FieldProblem,
  { channels, ready }: Pick<RowPlace, 'channels'> & { readonly ready: ReadyRow },
): RowReason {
  const { field, message, code } = problem;
  const id = /^(?:options|channels)\.(\d+)/.exec(field)?.[1];
  const channel = id === undefined ? undefined : channels.get(Number(id));
  const words = problem.short ?? t(`batches:short.${topicOf(field, ready)}`);
  const isOne = channel === undefined || ready.draft.channelIds.length < 2;
  const isNamed = channel === undefined || message.includes(channel.nickname);
  return {
    short: isOne ? words : t('batches:short.at', { channel: channel.nickname, words }),
    text: isNamed ? message : `${channel.nickname}: ${message}`,
    ...(code === undefined ? {} : { code }),
  };
}

function topicOf(field: string, { row, draft }: ReadyRow): string {
  if (field === 'date' || field === 'time') return row.post.planned[field] === '' ? `todo.${field}` : 'time';
  if (field === 'channels' && draft.channelIds.length === 0) return 'todo.channel';
  if (/^channels|\.channel$|\.$/.test(field)) return 'channel';
  if (/caption$/.test(field)) return 'caption';
  return /media$/.test(field) ? 'file' : 'options';
}

function clockNotes({ t }: Pick<Parts, 't'>, { row, draft }: ReadyRow, zone: string): readonly RowReason[] {
  const { date, time } = row.post.planned;
  if (draft.due === null || date === '' || time === '') return [];
  const wall = `${date}T${time.slice(0, 5)}`;
  const note = sayNote(resolveWallTime(wall, zone), { wall, zone, t });
  return note === undefined ? [] : [{ short: t('batches:short.clocks'), text: note }];
}

/** By post id; one look for all rows. */
async function sameWords(
  { savedCaptions, t }: Parts,
  teamId: number,
  { found, channels, zone, locale }: RowPlace & { readonly found: readonly FoundRow[] },
): Promise<ReadonlyMap<number, readonly RowReason[]>> {
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: zone });
  const planned = found.filter(({ ready }) => ready.timeProblem === null);
  const answers = await savedCaptions.findSameTexts(
    teamId,
    planned.map(({ ready: { row, draft } }) => ({
      planned: draft.channelIds.map((channelId) => ({
        channelId,
        text: draft.captions.get(channelId) ?? draft.caption,
      })),
      at: draft.due?.at ?? 0,
      exceptPostId: row.post.id,
    })),
  );
  return new Map(
    planned.map(({ ready }, n) => [
      ready.row.post.id,
      (answers[n] ?? []).map(({ channelId, postId, at }): RowReason => ({
        short: t('batches:short.sameWords', { date: date.format(at) }),
        text: t('captions:sameText.sentence', { channel: channels.get(channelId)?.nickname ?? '' }),
        other: { postId, at },
      })),
    ]),
  );
}
