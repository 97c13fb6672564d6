import {
  RemoteError,
  type ChannelView,
  type Composer,
  type DraftProblem,
  type Json,
  type MediaView,
  type Translate,
} from '#plugin-api';
import type { Channel, ChannelService } from '../channels/channel-service.ts';
import type { CredentialService } from '../credentials/credential-service.ts';
import { type Complaint, InputError, type FieldProblem } from '../errors.ts';
import type { Media } from '../media/media.ts';
import type { MediaService } from '../media/media-service.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { agreedWords, type Wordings } from './agreed-words.ts';
import { sayWhyClosed, whyClosed, type ClosedBecause } from './channel-gate.ts';
import { askAnew, type CheckerOf } from './draft-checkers.ts';
import { keepTyped } from './draft-options.ts';
import { plannedLimit } from './planned-time.ts';
import type { PostDraft } from './post.ts';

export interface DraftCheckParts {
  readonly channels: Pick<ChannelService, 'findMany' | 'view'>;
  readonly credentials: Pick<CredentialService, 'access'>;
  readonly media: Pick<MediaService, 'findMany' | 'view'>;
  readonly plugins: PluginRegistry;
  readonly t: Translate;
  /** Absent: `t` answers finished words. */
  readonly texts?: Wordings;
  /** Asks each network anew for each post unless said. */
  readonly checkerOf?: CheckerOf;
  /** Reads anew for each post whether a channel takes any, unless said. */
  readonly gate?: (channel: Channel) => Promise<ClosedBecause | undefined>;
}

export interface DraftQuestion {
  readonly teamId: number;
  readonly draft: PostDraft;
  /** Channels that the post already has: they stay in it while they are paused. */
  readonly present: ReadonlySet<number>;
}

export interface CheckedPart {
  readonly channel: Channel;
  /** null = the post's. */
  readonly caption: string | null;
  readonly options: Json;
  /** The declaration agreed to; null for a draft. */
  readonly declaration: string | null;
}

/** The longest caption kept, in UTF-16 units; each network's own limit is the plugin's to check. */
const captionLimit = 10_000;

/**
 * Turns what the browser sent into what is stored, trusting none of it: channels and files are found through the team,
 * options parsed by the plugin and checked by it against what the account allows now.
 * @throws InputError with every problem at its field
 */
export async function checkDraft(parts: DraftCheckParts, question: DraftQuestion): Promise<readonly CheckedPart[]> {
  const { draft, teamId } = question;
  const channels = await parts.channels.findMany(teamId, draft.channelIds);
  const media = await parts.media.findMany(teamId, draft.mediaIds);
  const problems = findGaps(parts, question, { channels, media });
  if (draft.due === null) {
    if (problems.length > 0) throw new InputError(problems);
    return channels.map((channel) => ({
      ...{ channel, caption: ownCaption(draft, channel) },
      ...{ options: keepTyped(typedOf(draft, channel)), declaration: null },
    }));
  }
  const readings = await Promise.all(channels.map((channel) => readPart(parts, question, { channel, media })));
  const found = [...problems, ...readings.flatMap((reading) => reading.problems)];
  const ready = readings.flatMap(({ channel, options }) => (options === undefined ? [] : { channel, options }));
  const declared = declare(parts, draft, ready);
  if (found.length === 0) found.push(...declared.problems);
  if (found.length > 0) throw new InputError(found);
  return ready.map((part) => ({
    ...part,
    caption: ownCaption(draft, part.channel),
    declaration: declared.texts.get(part.channel.plugin) ?? '',
  }));
}

interface Found {
  readonly channels: readonly Channel[];
  readonly media: readonly Media[];
}

function findGaps({ t }: DraftCheckParts, { draft }: DraftQuestion, found: Found): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (field: string, said: string | Complaint): void =>
    void problems.push({ field, ...(typeof said === 'string' ? { message: said } : said) });
  const isDue = draft.due !== null;
  if (isDue && draft.channelIds.length === 0) add('channels', t('posts:problem.noChannel'));
  if (found.channels.length < draft.channelIds.length)
    add('channels', { message: t('posts:problem.channelGone'), code: 'channel_disconnected' });
  if (isDue && draft.mediaIds.length === 0) add('media', t('posts:problem.noMedia'));
  const isWhole =
    found.media.length === draft.mediaIds.length && found.media.every((media) => media.deletedAt === null);
  if (!isWhole) add('media', { message: t('posts:problem.mediaGone'), code: 'media_gone' });
  if (new Set(found.media.map((media) => media.kind)).size > 1) add('media', t('posts:problem.mixedMedia'));
  const tooLong = { message: t('posts:problem.captionLong', { limit: captionLimit }), code: 'caption_too_long' };
  if (draft.caption.length > captionLimit) add('caption', tooLong);
  for (const [id, caption] of draft.captions) if (caption.length > captionLimit) add(`options.${id}.caption`, tooLong);
  // A draft's date and time are not checked; no field for them gives more than is kept.
  for (const field of ['date', 'time'] as const)
    if (!isDue && draft.planned[field].length > plannedLimit) add(field, t('posts:due.noSuchTime'));
  return problems;
}

interface PartReading {
  readonly channel: Channel;
  readonly options?: Json;
  readonly problems: readonly FieldProblem[];
}

async function readPart(
  parts: DraftCheckParts,
  { draft, present }: DraftQuestion,
  { channel, media }: { readonly channel: Channel; readonly media: readonly Media[] },
): Promise<PartReading> {
  const refuse = (said: Complaint): PartReading => ({
    channel,
    problems: [{ field: `channels.${channel.id}`, ...said }],
  });
  const closed = await (parts.gate?.(channel) ?? whyClosed(parts.plugins, channel));
  if (closed !== undefined && !(closed === 'paused' && present.has(channel.id)))
    return refuse(sayWhyClosed(parts.t, closed, channel));
  const { composer } = parts.plugins.get(channel.plugin).parts;
  const parsed = composer.parse(typedOf(draft, channel));
  if (!('options' in parsed)) return { channel, problems: atChannel(channel, parsed.problems) };
  const { options } = parsed;
  try {
    const view = await parts.channels.view(channel);
    const files = media.map((file) => parts.media.view(file));
    const caption = ownCaption(draft, channel) ?? draft.caption;
    const problems = await ask(parts, { channel, view, files, options, caption, cover: draft.cover });
    return { channel, options, problems: atChannel(channel, problems) };
  } catch (error) {
    if (error instanceof RemoteError) return refuse(sayRemote(error));
    throw error;
  }
}

interface NetworkQuestion {
  readonly channel: Channel;
  readonly view: ChannelView;
  readonly files: readonly MediaView[];
  readonly options: Json;
  readonly caption: string;
  readonly cover: number | null;
}

async function ask(parts: DraftCheckParts, question: NetworkQuestion): Promise<readonly DraftProblem[]> {
  // Without a file the network has nothing to check; the missing file is told at its own field.
  if (question.files.length === 0) return [];
  const { view: channel, caption, files: media, cover, options } = question;
  const check = await (parts.checkerOf ?? askAnew(parts))(question.channel);
  return check({ channel, caption, media, cover, options });
}

/** What happened and what to do, in one line. */
function sayRemote({ explanation }: RemoteError): Complaint {
  const { sentence, nextStep, code } = explanation;
  return { message: `${sentence} ${nextStep}`.trim(), code };
}

interface Declared {
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly FieldProblem[];
}

/** A person has agreed only to what stood above the button when it was pressed. */
function declare(
  { plugins, texts, t }: DraftCheckParts,
  draft: PostDraft,
  ready: readonly { readonly channel: Channel; readonly options: Json }[],
): Declared {
  const declared = declarationTexts(
    ready.map(({ channel, options }) => ({ plugin: channel.plugin, options })),
    (plugin) => plugins.get(plugin).parts.composer,
  );
  const agreed = [...declared].flatMap(([plugin, text]): (readonly [string, string])[] => {
    const words = agreedWords(texts, new Set([draft.declarations.get(plugin) ?? '']), text);
    return words === undefined ? [] : [[plugin, words]];
  });
  const problem = { field: 'declaration', message: t('posts:problem.declaration') };
  return { texts: new Map(agreed), problems: agreed.length === declared.size ? [] : [problem] };
}

function declarationTexts(
  chosen: readonly { readonly plugin: string; readonly options: Json }[],
  composerOf: (plugin: string) => Composer,
): ReadonlyMap<string, string> {
  const ids = [...new Set(chosen.map(({ plugin }) => plugin))];
  return new Map(
    ids.map((id) => {
      const options = chosen.filter(({ plugin }) => plugin === id).map((part) => part.options);
      return [id, composerOf(id).consent(options).text];
    }),
  );
}

/** null where the channel takes the post's. */
function ownCaption({ captions }: PostDraft, { id }: Channel): string | null {
  return captions.get(id) ?? null;
}

function typedOf(draft: PostDraft, channel: Channel): Readonly<Record<string, string>> {
  return draft.typedOptions.get(channel.id) ?? {};
}

function atChannel(channel: Channel, problems: readonly DraftProblem[]): FieldProblem[] {
  return problems.map(({ field, ...said }) => ({ ...said, field: `options.${channel.id}.${field}` }));
}
