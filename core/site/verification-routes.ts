import { readFile, rm } from 'node:fs/promises';
import { InputError } from '../errors.ts';
import type { MediaService } from '../media/media-service.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { readId } from '../posts/post-form.ts';
import { parsedFields, flatFields } from '../web/bodies.ts';
import { receiveUpload } from '../web/receive-upload.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { Identity } from './identity.ts';
import { domainsOf } from './look-up-txt.ts';
import type { SiteDesk } from './site-desk.ts';
import { siteTabs } from './site-tabs.ts';
import type { TxtLook, VerificationCheck, VerificationFile } from './verification.ts';
import { mostFileBytes, type VerificationService } from './verification-service.ts';

export interface VerificationRouteParts {
  readonly verification: VerificationService;
  readonly identity: Identity;
  readonly siteDesk: Pick<SiteDesk, 'keepRecord'>;
  readonly registry: Pick<PluginRegistry, 'all'>;
  readonly media: Pick<MediaService, 'folders'>;
  readonly publicUrl: string;
  /** Whether a page of the panel answers at a path, or may. */
  readonly isTaken: (path: string) => Promise<boolean>;
}

const at = '/admin/site/verification';

/** Settings → Site → Site verification. */
export function verificationRoutes(parts: VerificationRouteParts): readonly Route[] {
  const admin = { permission: 'admin' } as const;
  return [
    { ...admin, method: 'get', path: at, handle: (context: PersonContext) => draw(parts, context, {}) },
    { ...admin, method: 'post', path: at, handle: (context: PersonContext) => paste(parts, context) },
    {
      ...admin,
      method: 'post',
      path: `${at}/upload`,
      body: 'stream',
      handle: (context: PersonContext) => upload(parts, context),
    },
    { ...admin, method: 'post', path: `${at}/dns`, handle: (context: PersonContext) => lookUp(parts, context) },
    { ...admin, method: 'post', path: `${at}/:file/check`, handle: (context: PersonContext) => check(parts, context) },
    {
      ...admin,
      method: 'post',
      path: `${at}/:file/removal`,
      handle: (context: PersonContext) => remove(parts, context),
    },
  ];
}

interface Drawing {
  readonly typed?: Readonly<Record<string, string>>;
  readonly problems?: InputError['problems'];
  /** Which of the two forms the problems belong to. */
  readonly form?: 'paste' | 'upload' | 'dns';
  readonly checked?: { readonly file: VerificationFile; readonly check: VerificationCheck };
  readonly look?: TxtLook;
}

async function draw(parts: VerificationRouteParts, context: PersonContext, drawing: Drawing): Promise<void> {
  const { identity, registry, publicUrl } = parts;
  const errors = Object.fromEntries((drawing.problems ?? []).map(({ field, message }) => [field, message]));
  const domains = domainsOf(publicUrl);
  const record = { value: identity.stored('dns.value'), domain: identity.stored('dns.domain') };
  const networks = registry
    .all()
    .flatMap(({ plugin, parts: { siteVerification } }) =>
      siteVerification === undefined ? [] : [{ name: plugin.name, icon: plugin.icon, ...siteVerification }],
    );
  await context.page(
    'site/verification',
    {
      ...{ title: context.t('verification:title'), frame: 'admin', current: 'site', tabs: siteTabs(context.t, at) },
      ...{ at, publicUrl, host: new URL(publicUrl).host, errors, form: drawing.form ?? null },
      ...{ typed: drawing.typed ?? {}, files: await parts.verification.list(), domains, networks },
      ...{ record: record.value === '' ? null : record, look: drawing.look ?? null, checked: drawing.checked ?? null },
    },
    drawing.problems === undefined ? 200 : 422,
  );
}

interface NewFile {
  readonly prefix: string;
  readonly name: string;
  readonly bytes: Buffer;
}

async function paste(parts: VerificationRouteParts, context: PersonContext): Promise<void> {
  const { name = '', prefix = '', content = '' } = context.body;
  // A browser writes every line end of a text field as two characters; files have one.
  const bytes = Buffer.from(content.replaceAll('\r\n', '\n'));
  await refuseKindly(parts, context, 'paste', () =>
    save(parts, context, { name: name.trim(), prefix: prefix.trim(), bytes }),
  );
}

async function upload(parts: VerificationRouteParts, context: PersonContext): Promise<void> {
  await refuseKindly(parts, context, 'upload', async () => save(parts, context, await receive(parts, context)));
}

/** @throws InputError at `file` */
async function receive({ media }: VerificationRouteParts, context: PersonContext): Promise<NewFile> {
  const { req, res, checkCsrf, t } = context;
  const checkToken = (token: string | undefined): void => {
    if (req.get('x-csrf-token') === undefined) checkCsrf(token);
  };
  const order = { req, res, folder: media.folders.incoming, maxBytes: mostFileBytes, checkToken };
  const received = await receiveUpload({ ...order, onNearlyThere: () => undefined });
  if (received.kind !== 'received') {
    const reason = received.kind === 'too-large' ? 'large' : received.kind;
    throw new InputError([{ field: 'file', message: t(`verification:fault.${reason}`) }]);
  }
  const { prefix = '' } = flatFields(parsedFields(req.body));
  try {
    return { prefix: prefix.trim(), name: received.file.fileName, bytes: await readFile(received.file.path) };
  } finally {
    await rm(received.file.path, { force: true });
  }
}

async function save(parts: VerificationRouteParts, context: PersonContext, file: NewFile): Promise<void> {
  const { place, doubt } = await parts.verification.save({ ...file, by: context.person.id, isTaken: parts.isTaken });
  if (doubt === undefined) context.flash('ok', context.t('verification:saved', { place }));
  else context.flash('warn', context.t('verification:savedDoubt', { place, doubt: context.say(doubt) }));
  context.redirect(at);
}

// eslint-disable-next-line max-params -- the request, which of its forms, and what to do with it
async function refuseKindly(
  parts: VerificationRouteParts,
  context: PersonContext,
  form: 'paste' | 'upload',
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { name = '', prefix = '', content = '' } = flatFields(parsedFields(context.req.body));
    await draw(parts, context, { problems: error.problems, form, typed: { name, prefix, content } });
  }
}

async function check(parts: VerificationRouteParts, context: PersonContext): Promise<void> {
  const file = await parts.verification.find(readId(context.params['file']) ?? 0);
  await draw(parts, context, { checked: { file, check: await parts.verification.check(file) } });
}

async function remove(parts: VerificationRouteParts, context: PersonContext): Promise<void> {
  const id = readId(context.params['file']) ?? 0;
  const { place } = await parts.verification.find(id);
  await parts.verification.remove(id, context.person.id);
  context.flash('ok', context.t('verification:removed', { place }));
  context.redirect(at);
}

async function lookUp(parts: VerificationRouteParts, context: PersonContext): Promise<void> {
  const { code = '', domain = '' } = context.body;
  const values = parts.registry
    .all()
    .flatMap(({ parts: { siteVerification } }) => siteVerification?.txtValue(code) ?? []);
  const [value] = values;
  const [first] = domainsOf(parts.publicUrl);
  const asked = domainsOf(parts.publicUrl).find((one) => one === domain) ?? first;
  if (value === undefined || asked === undefined) {
    const problem = { field: 'code', message: context.t('verification:dns.badCode') };
    await draw(parts, context, { problems: [problem], form: 'dns', typed: { code } });
    return;
  }
  await parts.siteDesk.keepRecord({ domain: asked, value }, context.person.id);
  await draw(parts, context, { look: await parts.verification.lookUp({ domain: asked, value }) });
}
