import { RemoteError, type Explanation, type Json, type Log, type MediaView, type Translate } from '#plugin-api';
import { checkPath } from '../channel-check/check-link.ts';
import { channelAvatarPath, type Channel, type ChannelService } from '../channels/channel-service.ts';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Complaint, FieldProblem } from '../errors.ts';
import { askForPage } from '../limits/page-patience.ts';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { sayWhyClosed, whyClosed } from './channel-gate.ts';
import { lettersOf } from './letters.ts';
import { readLoaded } from './loaded-options.ts';

export interface OptionGroupParts {
  readonly channels: Pick<ChannelService, 'view'>;
  readonly credentials: Pick<CredentialService, 'access'>;
  readonly plugins: PluginRegistry;
  readonly log: Log;
  readonly t: Translate;
}

/** How a channel is drawn wherever the composer or a post names it. */
export interface ChannelFace {
  readonly id: number;
  readonly nickname: string;
  readonly username: string | null;
  readonly src: string | null;
  readonly initials: string;
  readonly network: string;
  readonly networkIcon: string;
}

/** One channel's options, asked of the network for this very page (R1), or still to be asked. */
export interface OptionGroup {
  readonly face: ChannelFace;
  /** Not asked yet: what was chosen so far, kept until the page's script has asked. Null once it is asked. */
  readonly waiting: Readonly<Record<string, string>> | null;
  /** What the plugin's view is drawn with; null when there is nothing to choose from. */
  readonly view: { readonly name: string; readonly locals: Readonly<Record<string, unknown>> } | null;
  /** The longest caption that the network takes, in UTF-16 units. */
  readonly captionLimit: number | null;
  /** The longest video, in words such as `10:00`. */
  readonly maxDuration: string | null;
  /** What this account has against the chosen files; null where nobody said. */
  readonly mediaProblems: readonly Complaint[] | null;
  /** Problems that no field of the plugin's view stands for. */
  readonly problems: readonly Complaint[];
  /** The network refused to answer, or to take posts now (R3), or the channel takes none. */
  readonly failure: Explanation | null;
  /** Where the failure is looked into; null where it is not. */
  readonly checkPath: string | null;
  readonly isClosed: boolean;
}

interface GroupQuestion {
  readonly channel: Channel;
  readonly typed: Readonly<Record<string, string>>;
  readonly media: readonly MediaView[];
  readonly problems: readonly FieldProblem[];
  readonly isPresent: boolean;
  /** `row`: beside those of other channels, for many posts at once; a card unless said. */
  readonly shape?: 'card' | 'row';
}

/** Fields of a problem that belong to the whole post and not to the plugin's view. */
const ofThePost: ReadonlySet<string> = new Set(['caption', 'media', 'channel', '']);

/** The group before anybody is asked: its place on the page, and what was chosen so far. */
export function waitingGroup(parts: OptionGroupParts, { channel, typed }: GroupQuestion): OptionGroup {
  const composer = parts.plugins.find(channel.plugin)?.parts.composer;
  return {
    ...bareGroup(faceOf(parts.plugins, channel)),
    waiting: typed,
    captionLimit: composer?.captionLimit ?? null,
  };
}

function bareGroup(face: ChannelFace): OptionGroup {
  const nothing = { waiting: null, view: null, captionLimit: null, maxDuration: null, failure: null, isClosed: false };
  return { face, ...nothing, checkPath: null, mediaProblems: null, problems: [] };
}

export async function loadOptionGroup(parts: OptionGroupParts, question: GroupQuestion): Promise<OptionGroup> {
  const { channel } = question;
  const bare = bareGroup(faceOf(parts.plugins, channel));
  const { own, general } = splitProblems(question);
  const closed = await whyClosed(parts.plugins, channel);
  const active = parts.plugins.find(channel.plugin);
  if (active === undefined || (closed !== undefined && !(closed === 'paused' && question.isPresent))) {
    const reason = sayWhyClosed(parts.t, closed ?? 'switchedOff', channel);
    const others = general.filter(({ message }) => message !== reason.message);
    return { ...bare, problems: [reason, ...others], isClosed: true };
  }
  const captionLimit = active.parts.composer.captionLimit ?? null;
  try {
    const view = await parts.channels.view(channel);
    const { media } = question;
    const account = await parts.credentials.access(channel.credentialId);
    const loaded = await askForPage(parts.t, () => active.parts.composer.load(view, account, media));
    const facts = readLoaded({ log: parts.log, plugin: channel.plugin, told: loaded });
    if (facts === undefined) return { ...bare, captionLimit, problems: general, failure: misread(parts, bare.face) };
    const locals = { ...loaded, channel: view, chosen: question.typed, problems: own, media };
    const drawn = { view: { name: viewName(active, question.shape), locals }, problems: general };
    return { ...bare, ...facts, ...drawn, captionLimit: facts.captionLimit ?? captionLimit };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const path = checkPath({ registry: parts.plugins, channel, code: error.explanation.code });
    return { ...bare, captionLimit, problems: general, failure: error.explanation, checkPath: path };
  }
}

/** A plugin that does not keep to the contract: what it found may be lost, so nothing goes to the channel. */
function misread({ t }: OptionGroupParts, { network }: ChannelFace): Explanation {
  const [sentence, nextStep] = [t('composer:misread.sentence', { network }), t('composer:misread.nextStep')];
  return { sentence, nextStep, who: 'software', code: 'software_error' };
}

/** What a face is drawn of. */
type Faced = Pick<Channel, 'id' | 'teamId' | 'plugin' | 'nickname' | 'username' | 'avatar'>;

export function faceOf(plugins: PluginRegistry, channel: Faced): ChannelFace {
  const plugin = plugins.find(channel.plugin)?.plugin;
  return {
    id: channel.id,
    nickname: channel.nickname,
    username: channel.username,
    src: channelAvatarPath(channel),
    initials: lettersOf(channel.nickname),
    network: plugin?.name ?? channel.plugin,
    networkIcon: plugin?.icon ?? 'broadcast',
  };
}

/** Scripts of the networks among these channels, as asset paths. */
export function optionScripts(
  plugins: PluginRegistry,
  channels: readonly Pick<Channel, 'plugin'>[],
): readonly string[] {
  const ids = [...new Set(channels.map(({ plugin }) => plugin))];
  return ids.flatMap((id) => (plugins.find(id)?.parts.composer.scripts ?? []).map((file) => `${id}/${file}`));
}

function splitProblems({ channel, problems }: GroupQuestion) {
  const prefix = `options.${channel.id}.`;
  const mine = problems
    .filter(({ field }) => field.startsWith(prefix))
    .map(({ field, ...said }) => ({ ...said, field: field.slice(prefix.length) }));
  const ofChannel = problems.filter(({ field }) => field === `channels.${channel.id}`);
  const general: readonly Complaint[] = [...mine.filter(({ field }) => ofThePost.has(field)), ...ofChannel];
  return { own: mine.filter(({ field }) => !ofThePost.has(field)), general };
}

/** `composer` → `<plugin>/composer`, as the views are found. */
function viewName({ plugin, parts }: ActivePlugin, shape: GroupQuestion['shape']): string {
  const { view: card, rowView = card } = parts.composer;
  const view = shape === 'row' ? rowView : card;
  return view.startsWith(`${plugin.id}/`) ? view : `${plugin.id}/${view}`;
}

export interface Declaration {
  readonly plugin: string;
  readonly text: string;
  readonly parts: readonly { readonly text: string; readonly href?: string }[];
  readonly note: string | null;
}

/** What pressing the button declares, for each network among the chosen channels, with what can be read so far. */
export function declarations(
  plugins: PluginRegistry,
  channels: readonly Channel[],
  typed: ReadonlyMap<number, Readonly<Record<string, string>>>,
): readonly Declaration[] {
  return [...new Set(channels.map(({ plugin }) => plugin))].flatMap((id) => {
    const composer = plugins.find(id)?.parts.composer;
    if (composer === undefined) return [];
    const options = channels
      .filter(({ plugin }) => plugin === id)
      .flatMap((channel): readonly Json[] => {
        const parsed = composer.parse(typed.get(channel.id) ?? {});
        return 'options' in parsed ? [parsed.options] : [];
      });
    const { text, parts, note } = composer.consent(options);
    return [{ plugin: id, text, parts, note: note ?? null }];
  });
}
