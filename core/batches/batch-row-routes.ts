import { ConflictError, InputError } from '../errors.ts';
import { memberOf, postIdOf } from '../posts/composer-routes.ts';
import { hashBody, readId } from '../posts/post-form.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { readChannels, readRowChange, readRowRefs, readTimeOrder } from './batch-form.ts';
import { rowModel } from './batch-model.ts';
import { batchOf, type BatchRouteParts } from './batch-place.ts';
import type { Batch } from './batch-service.ts';
import { rowsOnAPage } from './batch.ts';
import { channelsOf } from './check-batch.ts';
import { problemsOf } from './fill-times.ts';
import { timesOf } from './time-pattern.ts';

/** What the table's script asks for: each answer is a fragment with the rows as they stand now. */
export function rowRoutes(parts: BatchRouteParts): readonly Route[] {
  const batch = '/team/:team/batches/:batch';
  const send = { permission: 'posts.edit', method: 'post', body: 'composer' } as const;
  return [
    { ...send, path: `${batch}/rows`, handle: (context: TeamContext) => addFile(parts, context) },
    { ...send, path: `${batch}/rows/:post`, handle: (context: TeamContext) => change(parts, context) },
    { ...send, path: `${batch}/rows/:post/removal`, handle: (context: TeamContext) => takeOut(parts, context) },
    { ...send, path: `${batch}/captions`, handle: (context: TeamContext) => nameByFiles(parts, context) },
    { ...send, path: `${batch}/channels`, handle: (context: TeamContext) => setChannels(parts, context) },
    { ...send, path: `${batch}/times`, handle: (context: TeamContext) => fill(parts, context) },
    {
      ...{ permission: 'posts.edit', method: 'get' },
      path: `${batch}/times`,
      handle: (context: TeamContext) => showEnd(parts, context),
    },
  ];
}

interface Said {
  readonly said?: string;
  readonly tone?: 'ok' | 'warn' | 'bad';
  readonly status?: number;
}

/** The rows as they stand now, and a sentence about what was done. */
async function sendRows(
  parts: BatchRouteParts,
  context: TeamContext,
  { batch, postIds, said = '', tone = 'ok', status = 200 }: Said & { batch: Batch; postIds: readonly number[] },
): Promise<void> {
  const { team, t, locale, body } = context;
  const rows = await parts.batches.rows(batch, postIds);
  const channels = await channelsOf(parts, team.id, rows);
  // The page knows the numbers of its rows and gives each of them its own.
  const n = readId(body['n']) ?? 1;
  const models = rows.map((row) => rowModel(parts, { team, t, locale, channels }, { row, n }));
  await context.page('batches/rows', { title: t('batches:row.name'), rows: models, said, tone }, status);
}

async function addFile(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const batch = await batchOf(parts, context);
  const mediaId = readId(context.body['media']) ?? 0;
  const place = Number(/^\d{1,6}$/.exec(context.body['place'] ?? '')?.[0] ?? 0);
  const postId = await parts.batches.addFile(memberOf(context), batch, { mediaId, place });
  await sendRows(parts, context, { batch, postIds: [postId], status: 201 });
}

async function change(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const batch = await batchOf(parts, context);
  const postId = postIdOf(context);
  const version = context.body['version'] ?? '';
  const saving = { postId, version, change: readRowChange(context), bodyHash: hashBody(context) };
  const run = async (): Promise<Said> => {
    await parts.batches.change(memberOf(context), batch, saving);
    return {};
  };
  await answer(parts, context, { batch, postIds: [postId], run });
}

interface Act {
  readonly batch: Batch;
  readonly postIds: readonly number[];
  readonly run: () => Promise<Said>;
}

/** Whatever was done or refused, the page learns how the rows stand now; what was typed is the page's to keep. */
async function answer(parts: BatchRouteParts, context: TeamContext, act: Act): Promise<void> {
  const { run, ...asked } = act;
  if (act.postIds.length > rowsOnAPage) {
    const said = context.t('batches:tooMany', { most: rowsOnAPage });
    return sendRows(parts, context, { ...asked, postIds: [], said, tone: 'bad', status: 422 });
  }
  try {
    await sendRows(parts, context, { ...asked, ...(await run()) });
  } catch (error) {
    if (!(error instanceof ConflictError || error instanceof InputError)) throw error;
    const said = `${error.message} ${error.help ?? ''}`.trim();
    await sendRows(parts, context, { ...asked, said, tone: 'bad', status: error.status });
  }
}

async function takeOut(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const batch = await batchOf(parts, context);
  const postId = postIdOf(context);
  await parts.batches.takeOut(batch, postId);
  await sendRows(parts, context, { batch, postIds: [], said: context.t('batches:row.takenOut') });
}

async function nameByFiles(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const batch = await batchOf(parts, context);
  const rows = readRowRefs(context.body['rows']);
  const postIds = rows.map(({ postId }) => postId);
  const run = async (): Promise<Said> => {
    const changed = await parts.batches.nameByFiles(memberOf(context), batch, rows);
    return { said: context.t('batches:captions.named', { count: changed.length }) };
  };
  await answer(parts, context, { batch, postIds, run });
}

async function setChannels(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const batch = await batchOf(parts, context);
  const rows = readRowRefs(context.body['rows']);
  const order = { rows, channelIds: readChannels(context) };
  const run = async (): Promise<Said> => {
    const changed = await parts.batches.setChannels(memberOf(context), batch, order);
    return { said: context.t('batches:channels.set', { count: changed.length }) };
  };
  await answer(parts, context, { batch, postIds: rows.map(({ postId }) => postId), run });
}

async function fill(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const { t } = context;
  const batch = await batchOf(parts, context);
  const order = readTimeOrder(context);
  const postIds = order.rows.map(({ postId }) => postId);
  const run = async (): Promise<Said> => {
    const filled = await parts.batches.fillTimes(memberOf(context), batch, order);
    const said = [
      t('batches:times.filled', { count: filled.postIds.length }),
      ...(filled.without > 0 ? [t('batches:times.without', { count: filled.without })] : []),
    ];
    return { said: said.join(' '), tone: filled.without > 0 ? 'warn' : 'ok' };
  };
  await answer(parts, context, { batch, postIds, run });
}

/** A fragment: how many rows the button fills, and when the last of them goes out. */
async function showEnd(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const { t, team, query } = context;
  const times = (query['times'] ?? '').split(',').filter((time) => time !== '');
  const count = Number(/^\d{1,4}$/.exec(query['count'] ?? '')?.[0] ?? 0);
  const pattern = { from: query['from'] ?? '', times, weekdaysOnly: query['weekdays'] !== undefined };
  const isPattern = query['fill'] !== 'slots';
  const problems = isPattern ? problemsOf({ t }, pattern) : [];
  const place = { zone: team.zone, notBefore: parts.clock.now(), count };
  const last = isPattern && problems.length === 0 ? timesOf(pattern, place).at(-1) : undefined;
  const problem = count === 0 ? null : (problems[0]?.message ?? null);
  await context.page('batches/end', { title: t('batches:times.name'), count, endsAt: last?.at ?? null, problem });
}
