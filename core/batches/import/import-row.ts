import type { Composer, OptionColumn, Translate } from '#plugin-api';
import type { Channel } from '../../channels/channel-service.ts';
import type { Media } from '../../media/media.ts';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.ts';
import type { Wordings } from '../../posts/agreed-words.ts';
import { readDue } from '../../posts/due-time.ts';
import type { CsvLine } from './csv-text.ts';

export const coreColumns = ['file', 'caption', 'channels', 'date', 'time', 'cover_seconds'] as const;

/** A cell that cannot be used, in words for whoever wrote it. */
export interface RowFault {
  /** The column's name; empty for the whole row. */
  readonly column: string;
  readonly message: string;
}

/** A row of the file, read but not kept. */
export interface ImportRow {
  readonly line: number;
  readonly fileName: string;
  readonly caption: string;
  readonly media: Media | undefined;
  readonly channels: readonly Channel[];
  readonly date: string;
  readonly time: string;
  /** Milliseconds into the video. */
  readonly cover: number | null;
  /** By channel id, as typed fields. */
  readonly typed: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly faults: readonly RowFault[];
}

/** What the rows of a file are read against. */
export interface RowFacts {
  /** By lower-case name; several where the team has several of that name. */
  readonly files: ReadonlyMap<string, readonly Media[]>;
  /** By lower-case @username without @, and by lower-case nickname. */
  readonly channels: ReadonlyMap<string, readonly Channel[]>;
  /** Why a channel takes nothing now, by id. */
  readonly closed: ReadonlyMap<number, string>;
  readonly plugins: PluginRegistry;
  readonly head: readonly string[];
  readonly zone: string;
  readonly now: number;
  readonly t: Translate;
  /** Absent: `t` answers finished words. */
  readonly texts?: Wordings;
}

const captionLimit = 10_000;

export function readRow(facts: RowFacts, { line, cells }: CsvLine): ImportRow {
  const faults: RowFault[] = [];
  const fault = (column: string, message: string): void => {
    faults.push({ column, message });
  };
  const cell = (name: string): string => cells[facts.head.indexOf(name)]?.trim() ?? '';
  if (cells.length > facts.head.length && cells.slice(facts.head.length).some((text) => text.trim() !== ''))
    fault('', facts.t('batches:fault.tooManyCells'));
  const media = readFile(facts, cell('file'), fault);
  const channels = readChannels(facts, cell('channels'), fault);
  const caption = (cells[facts.head.indexOf('caption')] ?? '').replaceAll('\r\n', '\n').trim();
  if (caption.length > captionLimit) fault('caption', facts.t('posts:problem.captionLong', { limit: captionLimit }));
  const [date, time] = [readDate(cell('date')), readTime(cell('time'))];
  checkTime(facts, { date, time }, fault);
  const cover = readCover(facts, { text: cell('cover_seconds'), media }, fault);
  const typed = new Map(channels.map((channel) => [channel.id, readOptions(facts, { channel, cell, fault })]));
  checkCaption(facts, { caption, channels }, fault);
  return { line, fileName: cell('file'), caption, media, channels, date, time, cover, typed, faults };
}

type Fault = (column: string, message: string) => void;

function readFile({ files, t }: RowFacts, name: string, fault: Fault): Media | undefined {
  const found = files.get(name.toLowerCase()) ?? [];
  const problem = fileProblem(name, found);
  if (problem === undefined) return found[0];
  fault('file', t(`batches:fault.${problem}`, { name, count: found.length }));
  return undefined;
}

function fileProblem(name: string, [file, ...others]: readonly Media[]): string | undefined {
  if (name === '') return 'noFile';
  if (file === undefined) return 'unknownFile';
  if (others.length > 0) return 'severalFiles';
  return file.kind === 'video' ? undefined : 'notVideo';
}

function readChannels({ channels, closed, t }: RowFacts, text: string, fault: Fault): readonly Channel[] {
  const names = text.split(/[\s,;|]+(?=@)|[,;|]/u).map((name) => name.trim());
  const asked = [...new Set(names.filter((name) => name !== ''))];
  if (asked.length === 0) fault('channels', t('batches:fault.noChannel'));
  return asked.flatMap((name): readonly Channel[] => {
    const found = channels.get(name.replace(/^@/u, '').toLowerCase()) ?? [];
    const [channel, ...others] = found;
    if (channel === undefined) fault('channels', t('batches:fault.unknownChannel', { name }));
    else if (others.length > 0) fault('channels', t('batches:fault.severalChannels', { name }));
    else {
      const because = closed.get(channel.id);
      if (because === undefined) return [channel];
      fault('channels', because);
    }
    return [];
  });
}

/** `2026-12-10`, `10.12.2026` and `10/12/2026` (day first) are the same day; anything else is left as it is. */
function readDate(text: string): string {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(text) ?? [];
  return year === '' ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** `7:30` → `07:30`. */
function readTime(text: string): string {
  return /^\d:\d{2}(?::\d{2})?$/.test(text) ? `0${text}` : text;
}

function checkTime({ zone, now, t }: RowFacts, { date, time }: { date: string; time: string }, fault: Fault): void {
  if (date === '' && time === '') return;
  const typed = { when: 'schedule', date, time, dueSeen: `${date}T${time.slice(0, 5)}` } as const;
  const reading = readDue({ typed, zone, now, t });
  if (!reading.ok) fault(reading.problem.field, reading.problem.message);
}

function readCover(
  { t }: RowFacts,
  { text, media }: { readonly text: string; readonly media: Media | undefined },
  fault: Fault,
): number | null {
  if (text === '') return null;
  if (!/^\d{1,6}([.,]\d{1,3})?$/.test(text)) return (fault('cover_seconds', t('batches:fault.cover')), null);
  const cover = Math.round(Number(text.replace(',', '.')) * 1000);
  const length = media?.durationMs ?? null;
  if (length === null || cover < length) return cover;
  fault('cover_seconds', t('batches:fault.coverLate', { seconds: Math.floor(length / 1000) }));
  return null;
}

interface OptionReading {
  readonly channel: Channel;
  readonly cell: (name: string) => string;
  readonly fault: Fault;
}

/** Words of a page stand for the value that they say there. */
function valueOf({ words = [] }: OptionColumn, cell: string, texts: Wordings | undefined): string {
  const typed = cell.trim().toLowerCase();
  const isSaid = (text: string) => (texts?.wordings(text) ?? [text]).some((said) => said.toLowerCase() === typed);
  return words.find(({ text }) => isSaid(text))?.value ?? cell;
}

/** What the file says about this channel's options, as typed; an empty cell says nothing. */
function readOptions(
  { plugins, texts }: RowFacts,
  { channel, cell, fault }: OptionReading,
): Readonly<Record<string, string>> {
  const composer = plugins.find(channel.plugin)?.parts.composer;
  const typed: Record<string, string> = {};
  let isReadable = true;
  for (const column of composer?.columns ?? []) {
    const { name, field } = column;
    const text = cell(name);
    if (text === '') continue;
    const answer = column.read(valueOf(column, text, texts));
    if ('value' in answer) typed[field] = answer.value;
    else {
      fault(name, answer.problem);
      isReadable = false;
    }
  }
  if (composer !== undefined && isReadable) checkOptions(composer, typed, fault);
  return typed;
}

/** What the network would not even read. A choice that is still to be made is none of the file's faults. */
function checkOptions(composer: Composer, typed: Readonly<Record<string, string>>, fault: Fault): void {
  const parsed = composer.parse(typed);
  if (!('problems' in parsed)) return;
  for (const { field, message } of parsed.problems) {
    const column = columnOf(composer, field);
    if (column?.isChoice !== true || typed[field] !== undefined) fault(column?.name ?? '', message);
  }
}

export function columnOf({ columns = [] }: Pick<Composer, 'columns'>, field: string): OptionColumn | undefined {
  return columns.find((column) => column.field === field);
}

function checkCaption(
  { plugins, t }: RowFacts,
  { caption, channels }: { readonly caption: string; readonly channels: readonly Channel[] },
  fault: Fault,
): void {
  const limits = channels.flatMap(({ plugin }) => plugins.find(plugin)?.parts.composer.captionLimit ?? []);
  const limit = Math.min(...limits);
  if (caption.length > limit) fault('caption', t('batches:fault.captionLong', { limit, length: caption.length }));
}
