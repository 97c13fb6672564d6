import { InputError, NotFoundError } from '../errors.ts';
import { captionOfFile } from './file-captions.ts';
import { fillTimes, type Filled, type TimeOrder } from './fill-times.ts';
import type { BatchParts } from './batch-parts.ts';
import { changeRow, draftOf, hashOf, isOpen, nonceOf, readRow, readRows, type RowSaving } from './batch-rows.ts';
import { rowsOnAPage, type Batch, type BatchOptions, type BatchRow, type RowRef } from './batch.ts';
import { createBatchCheck, type BatchCheck } from './check-batch.ts';
import { scheduleRows, type ScheduleOrder, type Scheduled } from './schedule-batch.ts';
import type { Member } from '../posts/post-service.ts';

export type { BatchParts } from './batch-parts.ts';
export type * from './batch.ts';

export interface BatchPage {
  readonly batch: Batch;
  /** Of all its pages. */
  readonly total: number;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly rows: readonly BatchRow[];
}

export interface BatchService {
  /** @throws InputError at `channels` */
  create(member: Member, channelIds: readonly number[]): Promise<number>;
  /** The newest first. */
  list(teamId: number): Promise<readonly Batch[]>;
  /** @throws NotFoundError */
  find(teamId: number, id: number): Promise<Batch>;
  /** @throws NotFoundError */
  page(teamId: number, id: number, page: number): Promise<BatchPage>;
  /** @throws NotFoundError */
  row(batch: Batch, postId: number): Promise<BatchRow>;
  rows(batch: Batch, postIds: readonly number[]): Promise<readonly BatchRow[]>;
  /** A file that has arrived becomes a row; told twice, it is one. @returns the post's id; @throws InputError */
  addFile(member: Member, batch: Batch, file: { mediaId: number; place: number }): Promise<number>;
  /** @throws ConflictError `changed_meanwhile`, or when it is a draft no more; InputError, NotFoundError */
  change(member: Member, batch: Batch, saving: RowSaving): Promise<void>;
  /** Gives every row without a caption the name of its file. @returns the rows that changed */
  nameByFiles(member: Member, batch: Batch, rows: readonly RowRef[]): Promise<readonly number[]>;
  /** All chosen rows go to these channels, and so do new ones. @throws InputError */
  setChannels(
    member: Member,
    batch: Batch,
    order: { rows: readonly RowRef[]; channelIds: readonly number[] },
  ): Promise<readonly number[]>;
  /** The row leaves the table; its draft stays. @throws NotFoundError */
  takeOut(batch: Batch, postId: number): Promise<void>;
  saveOptions(batch: Batch, typed: BatchOptions['typed']): Promise<void>;
  /** Plans the rows from top to bottom. @throws InputError at from or times */
  fillTimes(member: Member, batch: Batch, order: TimeOrder): Promise<Filled>;
  readonly check: BatchCheck;
  /** Schedules what can be scheduled. Pressed twice, it is done once; cut short, a second press goes on. */
  schedule(member: Member, batch: Batch, order: ScheduleOrder): Promise<Scheduled>;
}

const recent = 12;

export function createBatchService(parts: BatchParts): BatchService {
  const { store, t } = parts;
  const find = async (teamId: number, id: number): Promise<Batch> => {
    const batch = await store.find(teamId, id);
    if (batch === undefined) throw new NotFoundError(t('batches:absent'));
    return batch;
  };
  return {
    create: (member, channelIds) => create(parts, member, channelIds),
    list: (teamId) => store.list(teamId, recent),
    find,
    page: async (teamId, id, page) => readPage(parts, await find(teamId, id), page),
    row: (batch, postId) => readRow(parts, batch, postId),
    rows: async (batch, ids) =>
      (await readRows(parts, batch.teamId, ids)).filter(({ post }) => post.batch?.id === batch.id),
    addFile: (member, batch, file) => addFile(parts, member, { batch, ...file }),
    change: (member, batch, saving) => changeRow(parts, member, { batch, saving }),
    nameByFiles: (member, batch, rows) => nameByFiles(parts, member, { batch, rows }),
    setChannels: (member, batch, order) => setChannels(parts, member, { batch, ...order }),
    takeOut: async (batch, postId) => {
      await readRow(parts, batch, postId);
      await store.place(batch.teamId, postId, null);
    },
    saveOptions: (batch, typed) =>
      store.saveOptions(batch.teamId, batch.id, {
        ...batch.options,
        typed: new Map([...batch.options.typed, ...typed]),
      }),
    fillTimes: (member, batch, order) => fillTimes(parts, member, { batch, order }),
    check: createBatchCheck(parts),
    schedule: (member, batch, order) => scheduleRows(parts, member, { batch, order }),
  };
}

async function create(parts: BatchParts, member: Member, channelIds: readonly number[]): Promise<number> {
  const channels = await ownChannels(parts, member, channelIds);
  const options = { channelIds: channels, typed: new Map() };
  const facts = { teamId: member.teamId, createdBy: member.id, now: parts.clock.now() };
  return parts.store.insert({ ...facts, source: null, importHash: null, options });
}

/** @throws InputError when one of them is not the team's */
async function ownChannels(
  { channels, t }: BatchParts,
  { teamId }: Member,
  ids: readonly number[],
): Promise<readonly number[]> {
  const found = await channels.findMany(teamId, ids);
  if (found.length < ids.length) throw new InputError([{ field: 'channels', message: t('posts:problem.channelGone') }]);
  return found.map(({ id }) => id);
}

async function readPage(parts: BatchParts, batch: Batch, asked: number): Promise<BatchPage> {
  const ids = await parts.store.rowIds(batch.teamId, batch.id);
  const pages = Math.max(1, Math.ceil(ids.length / rowsOnAPage));
  const page = Math.min(Math.max(1, asked), pages);
  const shown = ids.slice((page - 1) * rowsOnAPage, page * rowsOnAPage);
  return { batch, total: ids.length, page, pages, rows: await readRows(parts, batch.teamId, shown) };
}

async function addFile(
  parts: BatchParts,
  member: Member,
  { batch, mediaId, place }: { readonly batch: Batch; readonly mediaId: number; readonly place: number },
): Promise<number> {
  const channels = await parts.channels.findMany(batch.teamId, batch.options.channelIds);
  const open = channels.filter(({ disconnectedAt }) => disconnectedAt === null);
  const draft = {
    ...{ caption: '', captions: new Map(), cover: null, typedOptions: new Map(), declarations: new Map() },
    ...{ channelIds: open.map(({ id }) => id), mediaIds: [mediaId], due: null, planned: { date: '', time: '' } },
    batch: { id: batch.id, place },
  };
  const identity = ['file', batch.id, mediaId];
  const form = { nonce: nonceOf(...identity), bodyHash: hashOf(...identity) };
  return parts.posts.schedule(member, draft, form);
}

interface Rows {
  readonly batch: Batch;
  readonly rows: readonly RowRef[];
}

async function nameByFiles(parts: BatchParts, member: Member, { batch, rows }: Rows): Promise<readonly number[]> {
  const changed: number[] = [];
  for (const { post, version, row } of await openRows(parts, { batch, rows })) {
    const caption = captionOfFile(post.media[0]?.fileName ?? '');
    if (post.caption.trim() !== '' || caption === '') continue;
    const bodyHash = hashOf('name', post.id, version);
    await parts.posts.revise(member, {
      ...{ postId: post.id, version, bodyHash },
      draft: { ...draftOf(row, parts), caption },
    });
    changed.push(post.id);
  }
  return changed;
}

async function setChannels(
  parts: BatchParts,
  member: Member,
  { batch, rows, channelIds }: Rows & { readonly channelIds: readonly number[] },
): Promise<readonly number[]> {
  const channels = await ownChannels(parts, member, channelIds);
  for (const { post, version, row } of await openRows(parts, { batch, rows })) {
    const draft = { ...draftOf(row, parts), channelIds: channels };
    await parts.posts.revise(member, {
      ...{ postId: post.id, version, draft },
      bodyHash: hashOf('channels', post.id, version, ...channels),
    });
  }
  await parts.store.saveOptions(batch.teamId, batch.id, { ...batch.options, channelIds: channels });
  return rows.map(({ postId }) => postId);
}

/** The drafts among the rows, each with the version that the page showed. */
async function openRows(parts: BatchParts, { batch, rows }: Rows) {
  const versions = new Map(rows.map(({ postId, version }) => [postId, version]));
  const found = await readRows(parts, batch.teamId, [...versions.keys()]);
  return found
    .filter((row) => row.post.batch?.id === batch.id && isOpen(row))
    .map((row) => ({ row, post: row.post, version: versions.get(row.post.id) ?? '' }));
}
