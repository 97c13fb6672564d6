import type { Composer, OptionColumn, Translate } from '#plugin-api';
import type { Channel } from '../../channels/channel-service.ts';
import type { Complaint } from '../../errors.ts';
import type { Media } from '../../media/media.ts';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.ts';
import type { Wordings } from '../../posts/agreed-words.ts';
import { readDue } from '../../posts/due-time.ts';
import type { CsvLine } from './csv-text.ts';

export const coreColumns = ['file', 'caption', 'channels', 'date', 'time', 'cover_seconds', 'cover_photo'] as const;

/** A cell that cannot be used, in words for whoever wrote it. */
export interface RowFault extends Complaint {
  /** The column's name; empty for the whole row. */
  readonly column: string;
}

/** A row of the file, read but not kept. */
export interface ImportRow {
  readonly line: number;
  readonly fileName: string;
  readonly caption: string;
  /** One video, or pictures in their order; empty where a file is at fault. */
  readonly media: readonly Media[];
  readonly channels: readonly Channel[];
  readonly date: string;
  readonly time: string;
  /** Of a video the milliseconds into it, of pictures the place of one of them, from 0. */
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
  readonly closed: ReadonlyMap<number, Complaint>;
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
  const fault: Fault = (column, said) => {
    faults.push({ column, ...(typeof said === 'string' ? { message: said } : said) });
  };
  const cell = (name: string): string => cells[facts.head.indexOf(name)]?.trim() ?? '';
  if (cells.length > facts.head.length && cells.slice(facts.head.length).some((text) => text.trim() !== ''))
    fault('', facts.t('batches:fault.tooManyCells'));
  const media = readFiles(facts, cell('file'), fault);
  const channels = readChannels(facts, cell('channels'), fault);
  const caption = (cells[facts.head.indexOf('caption')] ?? '').replaceAll('\r\n', '\n').trim();
  if (caption.length > captionLimit) {
    const message = facts.t('posts:problem.captionLong', { limit: captionLimit });
    fault('caption', { message, code: 'caption_too_long' });
  }
  const [date, time] = [readDate(cell('date')), readTime(cell('time'))];
  checkTime(facts, { date, time }, fault);
  const cover = readCover(facts, { seconds: cell('cover_seconds'), photo: cell('cover_photo'), media }, fault);
  const typed = new Map(channels.map((channel) => [channel.id, readOptions(facts, { channel, cell, fault })]));
  // Networks take other captions with pictures; they say so themselves.
  if (media.every(({ kind }) => kind === 'video')) checkCaption(facts, { caption, channels }, fault);
  return { line, fileName: cell('file'), caption, media, channels, date, time, cover, typed, faults };
}

type Fault = (column: string, said: string | Complaint) => void;

/** Names of pictures stand in one cell, with a line between them. */
function readFiles({ files, t }: RowFacts, text: string, fault: Fault): readonly Media[] {
  const names = files.has(text.toLowerCase()) ? [text] : text.split('|').map((name) => name.trim());
  const found = names.flatMap((name): readonly Media[] => {
    const named = files.get(name.toLowerCase()) ?? [];
    const problem = fileProblem(name, named);
    if (problem === undefined) return named;
    const message = t(`batches:fault.${problem}`, { name, count: named.length });
    fault('file', problem === 'noFile' ? message : { message, code: 'unknown_file' });
    return [];
  });
  if (found.length < names.length) return [];
  if (found.length === 1 || found.every(({ kind }) => kind === 'picture')) return found;
  fault('file', t('batches:fault.mixedFiles'));
  return [];
}

function fileProblem(name: string, found: readonly Media[]) {
  if (name === '') return 'noFile';
  if (found.length === 0) return 'unknownFile';
  return found.length > 1 ? 'severalFiles' : undefined;
}

function readChannels({ channels, closed, t }: RowFacts, text: string, fault: Fault): readonly Channel[] {
  const names = text.split(/[\s,;|]+(?=@)|[,;|]/u).map((name) => name.trim());
  const asked = [...new Set(names.filter((name) => name !== ''))];
  if (asked.length === 0) fault('channels', t('batches:fault.noChannel'));
  return asked.flatMap((name): readonly Channel[] => {
    const found = channels.get(name.replace(/^@/u, '').toLowerCase()) ?? [];
    const [channel, ...others] = found;
    const unknown = (key: string) => ({ message: t(`batches:fault.${key}`, { name }), code: 'unknown_channel' });
    if (channel === undefined) fault('channels', unknown('unknownChannel'));
    else if (others.length > 0) fault('channels', unknown('severalChannels'));
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

interface CoverCells {
  readonly seconds: string;
  readonly photo: string;
  readonly media: readonly Media[];
}

function readCover(facts: RowFacts, { seconds, photo, media }: CoverCells, fault: Fault): number | null {
  const [file] = media;
  const isOfPhotos = file?.kind === 'picture';
  if (file !== undefined && (isOfPhotos ? seconds : photo) !== '')
    fault(
      isOfPhotos ? 'cover_seconds' : 'cover_photo',
      facts.t(`batches:fault.${isOfPhotos ? 'photos' : 'video'}Cover`),
    );
  return isOfPhotos ? readPlace(facts, { photo, media }, fault) : readSeconds(facts, { seconds, video: file }, fault);
}

/** `1` is the first picture. */
function readPlace({ t }: RowFacts, { photo, media }: Omit<CoverCells, 'seconds'>, fault: Fault): number | null {
  if (photo === '') return null;
  const place = /^\d{1,3}$/.test(photo) ? Number(photo) - 1 : -1;
  if (media[place] !== undefined) return place;
  fault('cover_photo', t('batches:fault.coverPlace', { count: media.length }));
  return null;
}

function readSeconds(
  { t }: RowFacts,
  { seconds, video }: { readonly seconds: string; readonly video: Media | undefined },
  fault: Fault,
): number | null {
  if (seconds === '') return null;
  if (!/^\d{1,6}([.,]\d{1,3})?$/.test(seconds)) return (fault('cover_seconds', t('batches:fault.cover')), null);
  const cover = Math.round(Number(seconds.replace(',', '.')) * 1000);
  const length = video?.durationMs ?? null;
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
  for (const { field, message, code } of parsed.problems) {
    const column = columnOf(composer, field);
    if (column?.isChoice !== true || typed[field] !== undefined)
      fault(column?.name ?? '', code === undefined ? message : { message, code });
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
  if (caption.length > limit) {
    const message = t('batches:fault.captionLong', { limit, length: caption.length });
    fault('caption', { message, code: 'caption_too_long' });
  }
}
