import { roleMay } from '../auth/permissions.ts';
import { NotFoundError } from '../errors.ts';
import { memberOf } from '../posts/composer-routes.ts';
import { faceOf, loadOptionGroup, optionScripts } from '../posts/option-groups.ts';
import { newNonce, readId } from '../posts/post-form.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { readBatchOptions, readChannels, readRowRefs, readShown } from './batch-form.ts';
import { batchLine, rowModel } from './batch-model.ts';
import { rowRoutes } from './batch-row-routes.ts';
import { addressOf, batchOf, type BatchRouteParts } from './batch-place.ts';
import type { BatchPage } from './batch-service.ts';
import { rowsOnAPage, type Batch, type BatchRow } from './batch.ts';
import { channelsOf } from './check-batch.ts';
import { whyClosed } from '../posts/channel-gate.ts';

export function batchRoutes(parts: BatchRouteParts): readonly Route[] {
  const batches = '/team/:team/batches';
  const edit = { permission: 'posts.edit', method: 'get' } as const;
  const send = { permission: 'posts.edit', method: 'post', body: 'composer' } as const;
  return [
    { ...edit, path: `${batches}/new`, handle: (context: TeamContext) => showNew(parts, context) },
    { ...send, path: batches, handle: (context: TeamContext) => create(parts, context) },
    {
      ...edit,
      permission: 'team.see',
      path: `${batches}/:batch`,
      handle: (context: TeamContext) => showBatch(parts, context),
    },
    { ...edit, path: `${batches}/:batch/options`, handle: (context: TeamContext) => showOptions(parts, context) },
    { ...send, path: `${batches}/:batch/options`, handle: (context: TeamContext) => keepOptions(parts, context) },
    { ...edit, path: `${batches}/:batch/checks`, handle: (context: TeamContext) => showChecks(parts, context) },
    { ...send, path: `${batches}/:batch/schedule`, handle: (context: TeamContext) => schedule(parts, context) },
    ...rowRoutes(parts),
  ];
}

async function showNew(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const { team, t } = context;
  const batches = await parts.batches.list(team.id);
  const now = parts.clock.now();
  await context.page('batches/new', {
    title: t('batches:new.title'),
    current: 'files',
    pageStyles: ['composer-acts', 'batch'],
    picks: await picksOf(parts, context),
    base: `/team/${team.id}/batches`,
    batches: batches.map((batch) => ({ href: addressOf(context, batch), line: batchLine(batch, { ...context, now }) })),
  });
}

/** The team's channels to choose from, with the reason where one takes nothing now. */
async function picksOf(parts: BatchRouteParts, { team }: TeamContext) {
  const channels = await parts.channels.list(team.id);
  return Promise.all(
    channels.map(async (channel) => ({
      ...faceOf(parts.plugins, channel),
      reason: (await whyClosed(parts.plugins, channel)) ?? null,
    })),
  );
}

async function create(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const id = await parts.batches.create(memberOf(context), readChannels(context));
  context.redirect(addressOf(context, { id }));
}

async function showBatch(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const { team, t, query } = context;
  const { id } = await batchOf(parts, context);
  const page = await parts.batches.page(team.id, id, readId(query['page']) ?? 1);
  const channels = await channelsOf(parts, team.id, page.rows);
  const picks = await picksOf(parts, context);
  // A row that is still to come may go to any of them.
  const own = await parts.channels.list(team.id);
  await context.page('batches/table', {
    title: t(hasPictures(page) ? 'batches:posts' : 'batches:title', { count: page.total }),
    current: 'files',
    pageStyles: ['composer-acts', 'batch'],
    libraries: ['tus/tus.min.js'],
    scripts: [
      ...['js/batch.js', 'js/batch-rows.js', 'js/batch-plan.js', 'js/batch-upload.js'],
      ...optionScripts(parts.plugins, own),
    ],
    mayEdit: roleMay(team.role, 'posts.edit'),
    address: addressOf(context, page.batch),
    line: batchLine(page.batch, { ...context, now: parts.clock.now() }),
    page: page.page,
    first: firstOf(page),
    since: parts.clock.now(),
    total: page.total,
    rows: rowsOf(parts, context, { page, channels }),
    picks,
    pager: pagerOf(context, page),
    nonce: newNonce(),
  });
}

function rowsOf(
  parts: BatchRouteParts,
  { team, t, locale }: TeamContext,
  { page, channels }: { readonly page: BatchPage; readonly channels: Awaited<ReturnType<typeof channelsOf>> },
) {
  const first = firstOf(page);
  return page.rows.map((row, index) => rowModel(parts, { team, t, locale, channels }, { row, n: first + index }));
}

function hasPictures({ rows }: BatchPage): boolean {
  return rows.some(({ post }) => post.media[0]?.kind === 'picture');
}

/** The number of the page's first row. */
function firstOf({ page }: BatchPage): number {
  return (page - 1) * rowsOnAPage + 1;
}

function pagerOf(context: TeamContext, { batch, page, pages, total }: BatchPage) {
  if (pages === 1) return null;
  const at = (n: number): string | null => (n < 1 || n > pages ? null : `${addressOf(context, batch)}?page=${n}`);
  return { text: context.t('batches:pages', { count: total }), newerHref: at(page - 1), olderHref: at(page + 1) };
}

/** A fragment: one channel's options for the whole batch, asked of the network now. */
async function showOptions(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const batch = await batchOf(parts, context);
  const id = readId(context.query['channel']);
  const [channel] = id === undefined ? [] : await parts.channels.findMany(context.team.id, [id]);
  if (channel === undefined) throw new NotFoundError(context.t('posts:problem.channelGone'));
  const typed = batch.options.typed.get(channel.id) ?? {};
  const question = { channel, typed, problems: [], isPresent: true, media: [], shape: 'row' } as const;
  const group = await loadOptionGroup(parts, question);
  await context.page('batches/option-row', { title: channel.nickname, group, askedAt: parts.clock.now() });
}

async function keepOptions(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  await parts.batches.saveOptions(await batchOf(parts, context), readBatchOptions(context));
  context.res.status(204).end();
}

/** A fragment: how the rows of this page stand, what is missing and what the button declares. */
async function showChecks(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const { team, query, t, locale } = context;
  const batch = await batchOf(parts, context);
  const chosen = new Set(readRowRefs(query['rows']).map(({ postId }) => postId));
  const rows = await rowsShown(parts, context, { batch, chosen });
  const now = parts.clock.now();
  const since = query['again'] === undefined ? Number(query['since'] ?? now) : now;
  const reading = await parts.batches.check(memberOf(context), { batch, rows, chosen, since, locale });
  await context.page('batches/checks', {
    title: t('batches:check.name'),
    ...reading,
    base: `/team/${team.id}/posts`,
    chosenCount: chosen.size,
    most: rowsOnAPage,
    channelCount: new Set(
      rows
        .filter(({ post }) => chosen.has(post.id))
        .flatMap(({ deliveries }) => deliveries.map(({ channelId }) => channelId)),
    ).size,
  });
}

/** Those of the page, and ticked ones that have joined them since it was drawn. */
async function rowsShown(
  { batches }: BatchRouteParts,
  { team, query }: TeamContext,
  { batch, chosen }: { readonly batch: Batch; readonly chosen: ReadonlySet<number> },
): Promise<readonly BatchRow[]> {
  const { rows } = await batches.page(team.id, batch.id, readId(query['page']) ?? 1);
  const shown = new Set(rows.map(({ post }) => post.id));
  const joined = [...chosen].filter((id) => !shown.has(id)).slice(0, rowsOnAPage);
  return joined.length === 0 ? rows : [...rows, ...(await batches.rows(batch, joined))];
}

async function schedule(parts: BatchRouteParts, context: TeamContext): Promise<void> {
  const { body, t } = context;
  const batch = await batchOf(parts, context);
  // What stood on the page is what was agreed to, whatever another tab has kept since.
  const typed = readBatchOptions(context);
  await parts.batches.saveOptions(batch, typed);
  const options = { ...batch.options, typed: new Map([...batch.options.typed, ...typed]) };
  const page = readId(body['page']) ?? 1;
  const address = page === 1 ? addressOf(context, batch) : `${addressOf(context, batch)}?page=${page}`;
  const rows = readRowRefs(body['rows']);
  if (rows.length > rowsOnAPage) {
    context.flash('bad', t('batches:tooMany', { most: rowsOnAPage }));
    context.redirect(address);
    return;
  }
  const order = { rows, nonce: body['nonce'] ?? '', shown: readShown(context) };
  const done = await parts.batches.schedule(memberOf(context), { ...batch, options }, order);
  const sentences = [
    done.refused > 0
      ? t('batches:done.both', { count: done.scheduled, refused: done.refused })
      : t('batches:done.all', { count: done.scheduled }),
    ...(done.changed > 0 ? [t('batches:done.changed', { count: done.changed })] : []),
  ];
  context.flash(done.refused + done.changed > 0 ? 'warn' : 'ok', sentences.join(' '));
  context.redirect(address);
}
