import { InputError, NotFoundError } from '../../errors.ts';
import type { Member } from '../../posts/post-service.ts';
import { hashOf, nonceOf } from '../batch-rows.ts';
import type { Batch } from '../batch.ts';
import { readCsv, type CsvLine } from './csv-text.ts';
import { knownColumns, readFacts } from './import-facts.ts';
import type { ImportParts } from './import-parts.ts';
import { readRow, type ImportRow } from './import-row.ts';
import { networkFaults } from './network-faults.ts';

/** A row that can be imported, or is here already. */
interface GoodRow extends ImportRow {
  readonly nonce: string;
  /** The post that such a row has made before. */
  readonly madeId: number | null;
}

interface ImportReport {
  readonly id: number;
  readonly fileName: string;
  readonly total: number;
  readonly faulty: readonly ImportRow[];
  /** To be made. */
  readonly fresh: readonly GoodRow[];
  readonly here: readonly GoodRow[];
  /** Channels whose network did not answer. */
  readonly unasked: readonly { readonly nickname: string; readonly code: string }[];
}

export interface CsvFile {
  readonly fileName: string;
  /** SHA-256, in hex. */
  readonly hash: string;
  readonly bytes: Buffer;
}

/** Either what a file would make, or the batch that it has made already. */
type ReadFile = { readonly importId: number } | { readonly batchId: number };

export interface ImportService {
  /** Keeps the file for its report; makes nothing of it. @throws InputError at `file` when it is no table of ours */
  read(member: Member, file: CsvFile): Promise<ReadFile>;
  /** Every row against the team's files, channels and what their networks allow. @throws NotFoundError */
  report(member: Member, importId: number): Promise<ImportReport>;
  /** Makes a draft of every row without fault. Cut short, the next press goes on. @returns the batch's id */
  make(member: Member, importId: number): Promise<number>;
}

export const mostRows = 2_000;

export function createImportService(parts: ImportParts): ImportService {
  return {
    read: (member, file) => readFile(parts, member, file),
    report: (member, importId) => makeReport(parts, member, importId),
    make: (member, importId) => makeRows(parts, member, importId),
  };
}

async function readFile(parts: ImportParts, member: Member, file: CsvFile): Promise<ReadFile> {
  const made = await parts.batches.findByHash(member.teamId, file.hash);
  if (made !== undefined && made.filledAt !== null) return { batchId: made.id };
  readTable(parts, file.bytes);
  const { teamId, id: createdBy } = member;
  return { importId: await parts.store.keep({ ...file, teamId, createdBy, now: parts.clock.now() }) };
}

interface Table {
  readonly head: readonly string[];
  readonly lines: readonly CsvLine[];
}

/** @throws InputError at `file` */
function readTable(parts: ImportParts, bytes: Uint8Array): Table {
  const { t } = parts;
  const refuse = (key: string, values: Readonly<Record<string, string | number>> = {}): never => {
    const message = t(`batches:import.refused.${key}`, values);
    throw new InputError([{ field: 'file', message }], { code: 'table_unreadable' });
  };
  const read = readCsv(bytes);
  if (!read.ok) return refuse(read.because, { line: read.line ?? 1 });
  const { head, lines } = read;
  const known = knownColumns(parts);
  const unknown = head.filter((name) => name !== '' && !known.includes(name));
  const twice = head.find((name, n) => name !== '' && head.indexOf(name) !== n);
  if (!head.includes('file')) return refuse('noFileColumn');
  if (unknown.length > 0) return refuse('unknownColumns', { names: unknown.join(', '), known: known.join(', ') });
  if (twice !== undefined) return refuse('columnTwice', { name: twice });
  if (lines.length === 0) return refuse('noRows');
  if (lines.length > mostRows) return refuse('tooManyRows', { count: lines.length, most: mostRows });
  return { head, lines };
}

async function makeReport(parts: ImportParts, member: Member, importId: number): Promise<ImportReport> {
  const stored = await parts.store.find(member.teamId, importId);
  if (stored === undefined) throw new NotFoundError(parts.t('batches:import.absent'));
  const { head, lines } = readTable(parts, stored.bytes);
  const facts = await readFacts(parts, member, head);
  const network = networkFaults(parts);
  const faulty: ImportRow[] = [];
  const good: GoodRow[] = [];
  const seen = new Map<string, number>();
  for (const line of lines) {
    const read = readRow(facts, line);
    const faults = read.faults.length > 0 ? read.faults : await network.of(read);
    const row = { ...read, faults };
    const nonce = nonceOfRow(row);
    const before = seen.get(nonce);
    if (faults.length === 0 && before !== undefined)
      faulty.push({ ...row, faults: [{ column: '', message: parts.t('batches:fault.twice', { line: before }) }] });
    else if (faults.length > 0) faulty.push(row);
    else {
      seen.set(nonce, row.line);
      good.push({ ...row, nonce, madeId: null });
    }
  }
  const made = await parts.store.findMade(
    member.teamId,
    good.map(({ nonce }) => nonce),
  );
  const known = good.map((row) => ({ ...row, madeId: made.get(row.nonce) ?? null }));
  return {
    ...{ id: importId, fileName: stored.fileName, total: lines.length, faulty },
    unasked: [...network.unasked].map(([nickname, code]) => ({ nickname, code })),
    fresh: known.filter(({ madeId }) => madeId === null),
    here: known.filter(({ madeId }) => madeId !== null),
  };
}

/** The same words for the same file at the same time are the same post, in whichever file they stand. */
function nonceOfRow(row: ImportRow): string {
  const channels = [...row.typed].sort(([one], [other]) => one - other);
  const { caption, date, time, cover } = row;
  const [first, ...others] = row.media.map(({ id }) => id);
  const files = others.length === 0 ? (first ?? 0) : [first, ...others];
  return nonceOf('csv', JSON.stringify([files, caption, date, time, cover, channels]));
}

async function makeRows(parts: ImportParts, member: Member, importId: number): Promise<number> {
  const report = await makeReport(parts, member, importId);
  const stored = await parts.store.find(member.teamId, importId);
  const hash = stored?.hash ?? '';
  const batch = await batchFor(parts, member, { hash, source: report.fileName });
  // A press that was cut short has left rows behind: their places go on where those end.
  const first = report.here.length;
  for (const [n, row] of report.fresh.entries()) await makeRow(parts, member, { row, batch, place: first + n });
  await parts.batches.markFilled(member.teamId, batch.id, parts.clock.now());
  return batch.id;
}

async function batchFor(
  { batches, clock }: ImportParts,
  { id: createdBy, teamId }: Member,
  { hash, source }: { readonly hash: string; readonly source: string },
): Promise<Batch> {
  const known = await batches.findByHash(teamId, hash);
  if (known !== undefined) return known;
  const options = { channelIds: [], typed: new Map() };
  try {
    await batches.insert({ teamId, createdBy, now: clock.now(), source, importHash: hash, options });
  } catch (error) {
    // Pressed twice at once: the other press has made it.
    if ((await batches.findByHash(teamId, hash)) === undefined) throw error;
  }
  const made = await batches.findByHash(teamId, hash);
  if (made === undefined) throw new Error('The batch of an import was not kept.');
  return made;
}

async function makeRow(
  { posts }: ImportParts,
  member: Member,
  { row, batch, place }: { readonly row: GoodRow; readonly batch: Batch; readonly place: number },
): Promise<void> {
  const { media, date, time, nonce } = row;
  const draft = {
    ...{
      caption: row.caption,
      captions: new Map(),
      cover: row.cover,
      typedOptions: row.typed,
      declarations: new Map(),
    },
    ...{
      channelIds: row.channels.map(({ id }) => id),
      mediaIds: media.map(({ id }) => id),
      due: null,
      planned: { date, time },
    },
    batch: { id: batch.id, place },
  };
  await posts.schedule(member, draft, { nonce, bodyHash: hashOf('csv', nonce) });
}
