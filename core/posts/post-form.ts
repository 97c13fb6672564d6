import { createHash, randomBytes } from 'node:crypto';
import { type When, whenChoices } from './post.ts';

/** What a press of a button in the composer asks for; all but the first three only draw the form again. */
const composerActs = [
  ...(['publish', 'schedule', 'draft'] as const),
  ...(['options', 'choose-media', 'use-media', 'older-media', 'remove-media'] as const),
] as const;
export type ComposerAct = (typeof composerActs)[number];

/** Which choice of When to post each button that saves belongs to. */
export const whenOfAct: Readonly<Partial<Record<ComposerAct, When>>> = {
  publish: 'immediately',
  schedule: 'schedule',
  draft: 'draft',
};

/** Everything the composer's form holds, as typed. */
export interface TypedPost {
  /** The form's own number. */
  readonly nonce: string;
  /** The version of the post that is being edited; empty for a new one. */
  readonly version: string;
  readonly caption: string;
  /** Of channels that do not take the post's; an empty one takes it. */
  readonly captions: ReadonlyMap<number, string>;
  readonly channelIds: readonly number[];
  /** In their order. */
  readonly mediaIds: readonly number[];
  readonly cover: number | null;
  readonly options: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly when: When;
  readonly date: string;
  readonly time: string;
  /** The wall time whose gap or overlap the person has been told of. */
  readonly dueSeen: string;
  /** The declarations that stood above the button, by plugin. */
  readonly declarations: ReadonlyMap<string, string>;
  readonly mediaBefore: number | null;
  /** Undefined when no button was named, e.g. after Enter. */
  readonly act: ComposerAct | undefined;
}

/** The parts of a request that hold a form. */
export interface FormBody {
  readonly body: Readonly<Record<string, string>>;
  all(field: string): readonly string[];
}

const optionPattern = /^options\.(\d{1,15})\.([A-Za-z][\w-]{0,59})$/;
const captionPattern = /^captions\.(\d{1,15})$/;
const declarationPattern = /^declaration\.([a-z][a-z0-9-]{0,39})$/;
const noncePattern = /^[0-9a-f]{32}$/;

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

/** Reads only the fields it names: anything else in the body has no effect. */
export function readPostForm(form: FormBody): TypedPost {
  const field = (name: string): string => form.body[name] ?? '';
  return {
    nonce: noncePattern.test(field('nonce')) ? field('nonce') : newNonce(),
    version: field('version'),
    caption: field('caption').replaceAll('\r\n', '\n'),
    captions: readCaptions(form.body),
    channelIds: [...new Set(form.all('channels').flatMap((text) => readId(text) ?? []))],
    mediaIds: field('act') === 'remove-media' ? [] : readMedia(form),
    cover: /^\d{1,9}$/.test(field('cover')) ? Number(field('cover')) : null,
    options: readOptions(form.body),
    when:
      whenChoices.find((choice) => choice === field('when')) ??
      (field('act') === 'publish' ? 'immediately' : 'schedule'),
    date: field('date').trim(),
    time: field('time').trim(),
    dueSeen: field('dueSeen'),
    declarations: readDeclarations(form.body),
    // Sent along by every button, asked for by one.
    mediaBefore: field('act') === 'older-media' ? (readId(field('mediaBefore')) ?? null) : null,
    act: composerActs.find((act) => act === field('act')),
  };
}

/** SHA-256 of every field but the CSRF token and the form's own number, so that a repeated form is recognised. */
export function hashBody(form: FormBody): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(form.body).sort()) {
    if (name === '_csrf' || name === 'nonce') continue;
    hash.update(JSON.stringify([name, form.all(name)]));
  }
  return hash.digest('hex');
}

/** An id of ours out of an address or a field; undefined when it is none. */
export function readId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) return undefined;
  return Number(text);
}

/** Ticked in the dialog, in the order that the page's list gave them; what is not in it yet comes last. */
function readMedia(form: FormBody): readonly number[] {
  const chosen = [...new Set(form.all('media').flatMap((text) => readId(text) ?? []))];
  const order = (form.body['mediaOrder'] ?? '').split(',').flatMap((text) => readId(text) ?? []);
  const place = (id: number): number => (order.indexOf(id) + order.length + 1) % (order.length + 1);
  return chosen.sort((one, other) => place(one) - place(other));
}

function readOptions(body: FormBody['body']): Map<number, Record<string, string>> {
  const options = new Map<number, Record<string, string>>();
  for (const [name, value] of Object.entries(body)) {
    const [, channel, field] = optionPattern.exec(name) ?? [];
    const id = readId(channel);
    if (id === undefined || field === undefined) continue;
    options.set(id, { ...options.get(id), [field]: value });
  }
  return options;
}

function readCaptions(body: FormBody['body']): Map<number, string> {
  const captions = new Map<number, string>();
  for (const [name, value] of Object.entries(body)) {
    const id = readId(captionPattern.exec(name)?.[1]);
    if (id !== undefined && value.trim() !== '') captions.set(id, value.replaceAll('\r\n', '\n'));
  }
  return captions;
}

function readDeclarations(body: FormBody['body']): Map<string, string> {
  const declarations = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    const plugin = declarationPattern.exec(name)?.[1];
    if (plugin !== undefined) declarations.set(plugin, value.replaceAll('\r\n', '\n'));
  }
  return declarations;
}
