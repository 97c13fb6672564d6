import type { Translate } from '#plugin-api';
import type { Channel, ChannelService } from '../channels/channel-service.ts';
import type { FieldProblem } from '../errors.ts';
import { fileModel } from '../media/media-routes.ts';
import type { MediaService } from '../media/media-service.ts';
import type { Media } from '../media/media.ts';
import type { TeamOfMember } from '../web/route.ts';
import { type ClosedBecause, whyClosed } from './channel-gate.ts';
import type { ComposerState } from './composer-state.ts';
import { noteOnDue } from './due-note.ts';
import { declarations, faceOf, loadOptionGroup, type OptionGroup, type OptionGroupParts } from './option-groups.ts';

export interface ComposerModelParts extends OptionGroupParts {
  readonly channels: Pick<ChannelService, 'view' | 'list' | 'findMany'>;
  readonly media: Pick<MediaService, 'page' | 'findMany'>;
}

interface Place {
  readonly team: TeamOfMember;
  readonly now: number;
  readonly t: Translate;
}

const filesInDialog = 60;

/** The whole form: what is typed, what may be chosen, and what each network says now about each chosen channel. */
export async function composerModel(parts: ComposerModelParts, place: Place, state: ComposerState) {
  const { typed, editing } = state;
  const base = `/team/${place.team.id}/posts`;
  const channels = await choosable(parts, place.team.id, state);
  const chosen = channels.filter(({ id }) => typed.channelIds.includes(id));
  const groups = await Promise.all(
    chosen.map((channel) =>
      loadOptionGroup(parts, {
        channel,
        typed: typed.options.get(channel.id) ?? {},
        problems: state.problems,
        isPresent: isPresent(state, channel),
      }),
    ),
  );
  return {
    ...addresses(base, state),
    typed,
    isEditing: editing !== undefined,
    picks: await Promise.all(channels.map((channel) => pickOf(parts, { channel, state, groups }))),
    groups,
    captionLimit: smallestLimit(groups),
    library: await libraryModel(parts, place, state),
    due: noteOnDue({ ...typed, zone: place.team.zone, now: place.now, t: place.t }),
    declarations: declarations(parts.plugins, chosen, typed.options),
    errors: firstOfEachField(state.problems),
    captionProblems: captionProblems(state.problems, channels),
    problemCount: state.problems.length,
    isMediaOpen: state.isMediaOpen,
  };
}

function addresses(base: string, { editing, usedFor }: ComposerState) {
  const own = editing === undefined ? base : `${base}/${editing.post.id}`;
  return {
    action: own,
    closeHref: own,
    optionsHref: `${base}/options`,
    declarationHref: `${base}/declaration`,
    dueHref: `${base}/due`,
    usedHref: usedFor === undefined ? null : `${base}/${usedFor}`,
  };
}

/** The team's connected channels, and those of the edited post that are connected no more. */
async function choosable(parts: ComposerModelParts, teamId: number, { editing }: ComposerState) {
  const connected = await parts.channels.list(teamId);
  const known = new Set(connected.map(({ id }) => id));
  const others = (editing?.deliveries ?? []).map(({ channelId }) => channelId).filter((id) => !known.has(id));
  const gone = others.length === 0 ? [] : await parts.channels.findMany(teamId, others);
  return [...connected, ...gone];
}

function isPresent({ editing }: ComposerState, { id }: Channel): boolean {
  return editing?.deliveries.some(({ channelId, state }) => channelId === id && state !== 'cancelled') ?? false;
}

interface PickQuestion {
  readonly channel: Channel;
  readonly state: ComposerState;
  readonly groups: readonly OptionGroup[];
}

async function pickOf(parts: ComposerModelParts, { channel, state, groups }: PickQuestion) {
  const isChosen = state.typed.channelIds.includes(channel.id);
  const reason = await reasonOf(parts, { channel, state, groups });
  const problem = state.problems.find(({ field }) => field === `channels.${channel.id}`)?.message ?? null;
  const isOpen = reason === undefined || reason === 'refused';
  // What is chosen already can be unticked, whatever has become of it.
  return { ...faceOf(parts.plugins, channel), isChosen, isOff: !isOpen && !isChosen, reason: reason ?? null, problem };
}

type PickReason = ClosedBecause | 'refused' | 'cancelledHere';

async function reasonOf(
  parts: ComposerModelParts,
  { channel, state, groups }: PickQuestion,
): Promise<PickReason | undefined> {
  const isCancelled = state.editing?.deliveries.some(
    (delivery) => delivery.channelId === channel.id && delivery.state === 'cancelled',
  );
  if (isCancelled === true) return 'cancelledHere';
  const closed = await whyClosed(parts.plugins, channel);
  const isRefused = groups.some(({ face, failure }) => face.id === channel.id && failure !== null);
  return closed ?? (isRefused ? 'refused' : undefined);
}

function smallestLimit(groups: readonly OptionGroup[]): number | null {
  const limits = groups.flatMap(({ captionLimit }) => captionLimit ?? []);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** The files to choose from, and the chosen one wherever it stands. */
async function libraryModel(parts: ComposerModelParts, { team }: Place, { typed }: ComposerState) {
  const page = await parts.media.page(team.id, { before: typed.mediaBefore, limit: filesInDialog });
  const chosen = await parts.media.findMany(team.id, typed.mediaIds.slice(0, 1));
  const isReady = (media: Media): boolean => media.deletedAt === null && media.kind === 'video';
  const [file] = chosen.filter(isReady);
  const others = page.items.filter((media) => isReady(media) && media.id !== file?.id);
  const all = file === undefined ? others : [file, ...others];
  return {
    files: all.map((media) => fileModel({ team }, media)),
    chosen: file === undefined ? null : fileModel({ team }, file),
    older: page.next,
    uploadHref: `/team/${team.id}/files`,
  };
}

function firstOfEachField(problems: readonly FieldProblem[]): Readonly<Record<string, string>> {
  const first: Record<string, string> = {};
  for (const { field, message } of problems) first[field] ??= message;
  return first;
}

/** What a network has against the caption is told at the caption too, with the channel's name. */
function captionProblems(problems: readonly FieldProblem[], channels: readonly Channel[]): readonly string[] {
  return problems.flatMap(({ field, message }) => {
    if (field === 'caption') return [message];
    const channel = channels.find(({ id }) => field === `options.${id}.caption`);
    return channel === undefined ? [] : [`${channel.nickname}: ${message}`];
  });
}
