import { readFile, rm } from 'node:fs/promises';
import { type Complaint, InputError } from '../../errors.ts';
import type { MediaService } from '../../media/media-service.ts';
import { memberOf } from '../../posts/composer-routes.ts';
import { readId } from '../../posts/post-form.ts';
import { receiveUpload } from '../../web/receive-upload.ts';
import type { Route, TeamContext } from '../../web/route.ts';
import { csvTemplate } from './csv-template.ts';
import { coreColumns } from './import-row.ts';
import type { ImportParts } from './import-parts.ts';
import { mostRows, type CsvFile, type ImportService } from './import-service.ts';

export interface ImportRouteParts extends Pick<ImportParts, 'plugins' | 't'> {
  readonly imports: ImportService;
  readonly media: Pick<MediaService, 'folders'>;
}

const mostBytes = 5_000_000;

/** To be mounted before `/batches/:batch`. */
export function importRoutes(parts: ImportRouteParts): readonly Route[] {
  const batches = '/team/:team/batches';
  const edit = { permission: 'posts.edit', method: 'get' } as const;
  const send = { permission: 'posts.edit', method: 'post' } as const;
  return [
    { ...edit, path: `${batches}/import`, handle: (context: TeamContext) => showForm(parts, context) },
    { ...edit, path: `${batches}/template.csv`, handle: (context: TeamContext) => sendTemplate(parts, context) },
    { ...send, body: 'stream', path: `${batches}/import`, handle: (context: TeamContext) => read(parts, context) },
    { ...edit, path: `${batches}/imports/:import`, handle: (context: TeamContext) => showReport(parts, context) },
    { ...send, path: `${batches}/imports/:import`, handle: (context: TeamContext) => make(parts, context) },
  ];
}

async function showForm(
  parts: ImportRouteParts,
  context: TeamContext,
  problem: Complaint | null = null,
): Promise<void> {
  const { t, team } = context;
  const ofNetworks = parts.plugins.all().flatMap(({ parts: { composer } }) => composer.columns ?? []);
  const columns = [
    ...coreColumns.map((name) => ({ name, help: t(`batches:column.${name}`, { zone: team.zone }) })),
    ...ofNetworks.map(({ name, help }) => ({ name, help })),
  ];
  const base = `/team/${team.id}/batches`;
  const model = { title: t('batches:import.title'), current: 'files', pageStyles: ['batch'], base, columns, problem };
  await context.page('batches/import', { ...model, mostRows }, problem === null ? 200 : 422);
}

function sendTemplate({ plugins }: ImportRouteParts, { res, say }: TeamContext): void {
  res.attachment('castdeck-posts.csv').type('text/csv; charset=utf-8').send(csvTemplate(plugins, say));
}

async function read(parts: ImportRouteParts, context: TeamContext): Promise<void> {
  try {
    const file = await receiveCsv(parts, context);
    const found = await parts.imports.read(memberOf(context), file);
    const base = `/team/${context.team.id}/batches`;
    if ('batchId' in found) context.flash('info', context.t('batches:import.again'));
    context.redirect('batchId' in found ? `${base}/${found.batchId}` : `${base}/imports/${found.importId}`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showForm(parts, context, {
      message: error.message,
      ...(error.code === undefined ? {} : { code: error.code }),
    });
  }
}

/** @throws InputError at `file` */
async function receiveCsv({ media }: ImportRouteParts, { req, res, checkCsrf, t }: TeamContext): Promise<CsvFile> {
  const checkToken = (token: string | undefined): void => {
    // With the header the host has checked already; without it the form's first field must hold the token.
    if (req.get('x-csrf-token') === undefined) checkCsrf(token);
  };
  const order = { req, res, folder: media.folders.incoming, maxBytes: mostBytes, checkToken };
  const upload = await receiveUpload({ ...order, onNearlyThere: () => undefined });
  if (upload.kind !== 'received') {
    const problem = { field: 'file', message: t(`batches:import.refused.${upload.kind}`) };
    throw new InputError([problem], upload.kind === 'missing' ? {} : { code: 'table_unreadable' });
  }
  const { path, fileName, sha256 } = upload.file;
  try {
    return { fileName, hash: sha256, bytes: await readFile(path) };
  } finally {
    await rm(path, { force: true });
  }
}

async function showReport(parts: ImportRouteParts, context: TeamContext): Promise<void> {
  const report = await parts.imports.report(memberOf(context), readId(context.params['import']) ?? 0);
  const { t, team } = context;
  const base = `/team/${team.id}/batches`;
  const words = {
    title: t('batches:report.title', { file: report.fileName }),
    current: 'files',
    pageStyles: ['batch'],
  };
  await context.page('batches/report', { ...words, report, base, action: `${base}/imports/${report.id}` });
}

async function make(parts: ImportRouteParts, context: TeamContext): Promise<void> {
  const id = await parts.imports.make(memberOf(context), readId(context.params['import']) ?? 0);
  context.flash('ok', context.t('batches:import.done'));
  context.redirect(`/team/${context.team.id}/batches/${id}`);
}
