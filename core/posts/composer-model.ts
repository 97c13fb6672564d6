import type { Translate } from '#plugin-api';
import type { Channel, ChannelService } from '../channels/channel-service.ts';
import type { Complaint, FieldProblem } from '../errors.ts';
import type { Media } from '../media/media.ts';
import type { TeamOfMember } from '../web/route.ts';
import { type ClosedBecause, whyClosed } from './channel-gate.ts';
import { chosenModel, findChosen, libraryModel, viewsOf, type ComposerMediaParts } from './composer-media.ts';
import type { ComposerState } from './composer-state.ts';
import { noteOnDue } from './due-note.ts';
import {
  declarations,
  faceOf,
  loadOptionGroup,
  optionScripts,
  waitingGroup,
  type OptionGroup,
  type OptionGroupParts,
} from './option-groups.ts';

export interface ComposerModelParts extends OptionGroupParts, ComposerMediaParts {
  readonly channels: Pick<ChannelService, 'view' | 'list' | 'findMany'>;
}

interface Place {
  readonly team: TeamOfMember;
  readonly now: number;
  readonly t: Translate;
  readonly locale: string;
}

/** The whole form: what is typed and what may be chosen; what the networks say now where the state asks for it. */
export async function composerModel(parts: ComposerModelParts, place: Place, state: ComposerState) {
  const { typed, editing } = state;
  const { team } = place;
  const channels = await choosable(parts, team.id, state);
  const chosen = channels.filter(({ id }) => typed.channelIds.includes(id));
  const files = await findChosen(parts, team.id, typed.mediaIds);
  const groups = await groupsOf(parts, state, { chosen, files });
  const picks = await Promise.all(channels.map((channel) => pickOf(parts, { channel, state, groups })));
  return {
    ...addresses(`/team/${team.id}/posts`, state),
    typed,
    isEditing: editing !== undefined,
    isScheduled: editing?.deliveries.some(({ state }) => state === 'scheduled') ?? false,
    copy: copyNote(state),
    // Sent back instead of stored: what is typed in it is nowhere else.
    isUnsaved: state.isAsked,
    picks,
    networks: [...new Set(picks.map(({ network }) => network))],
    groups,
    askedAt: place.now,
    captionLimit: smallestLimit(groups),
    captions: captionFields(state, { chosen, groups }),
    library: await libraryModel(parts, team, { chosen: files, before: typed.mediaBefore }),
    chosen: chosenModel(place, files, typed),
    due: noteOnDue({ ...typed, zone: team.zone, now: place.now, t: place.t }),
    declarations: declarations(parts.plugins, chosen, typed.options),
    ...firstOfEachField(placed(state.problems, channels)),
    captionProblems: captionProblems(state, channels),
    problemCount: state.problems.length,
    isMediaOpen: state.isMediaOpen,
    pluginScripts: optionScripts(parts.plugins, channels),
  };
}

/** What the person had typed over the post before, which the form shows. */
function copyNote({ copy, editing }: ComposerState) {
  if (copy === undefined || editing === undefined) return null;
  return { updatedAt: copy.updatedAt, isOlder: copy.version !== editing.post.version };
}

interface Chosen {
  readonly chosen: readonly Channel[];
  readonly files: readonly Media[];
}

async function groupsOf(parts: ComposerModelParts, state: ComposerState, { chosen, files }: Chosen) {
  const media = viewsOf(parts, files);
  const questions = chosen.map((channel) => {
    const typed = state.typed.options.get(channel.id) ?? {};
    return { channel, typed, media, problems: state.problems, isPresent: isPresent(state, channel) };
  });
  if (!state.isAsked) return questions.map((question) => waitingGroup(parts, question));
  return Promise.all(questions.map((question) => loadOptionGroup(parts, question)));
}

function addresses(base: string, { editing, usedFor }: ComposerState) {
  const own = editing === undefined ? base : `${base}/${editing.post.id}`;
  return {
    postsHref: base,
    action: own,
    closeHref: own,
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

/** What is wrong with a channel that is not among those to choose from is told above all of them. */
function placed(problems: readonly FieldProblem[], channels: readonly Channel[]): readonly FieldProblem[] {
  const shown = new Set(channels.map(({ id }) => `channels.${id}`));
  return problems.map((one) =>
    one.field.startsWith('channels.') && !shown.has(one.field) ? { ...one, field: 'channels' } : one,
  );
}

/** Sentences by field, and the codes of those that have one. */
function firstOfEachField(problems: readonly FieldProblem[]) {
  const first = new Map([...problems].reverse().map((problem) => [problem.field, problem] as const));
  const coded = [...first].flatMap(([field, { code }]) => (code === undefined ? [] : [[field, code] as const]));
  return {
    errors: Object.fromEntries([...first].map(([field, { message }]) => [field, message])),
    codes: Object.fromEntries(coded),
  };
}

interface CaptionQuestion {
  readonly chosen: readonly Channel[];
  readonly groups: readonly OptionGroup[];
}

/** One field for each chosen channel that may have its own caption, with what its network has against it. */
function captionFields({ typed, problems }: ComposerState, { chosen, groups }: CaptionQuestion) {
  return chosen.map(({ id, nickname }) => ({
    id,
    nickname,
    value: typed.captions.get(id) ?? '',
    limit: groups.find(({ face }) => face.id === id)?.captionLimit ?? null,
    problem: typed.captions.has(id) ? (problemAt(problems, `options.${id}.caption`) ?? null) : null,
  }));
}

function problemAt(problems: readonly FieldProblem[], name: string): Complaint | undefined {
  return problems.find(({ field }) => field === name);
}

/** What a network has against the caption is told at the caption too, with the channel's name; its own has its own place. */
function captionProblems({ problems, typed }: ComposerState, channels: readonly Channel[]): readonly Complaint[] {
  return problems.flatMap(({ field, ...said }) => {
    if (field === 'caption') return [said];
    const channel = channels.find(({ id }) => field === `options.${id}.caption`);
    if (channel === undefined || typed.captions.has(channel.id)) return [];
    return [{ ...said, message: `${channel.nickname}: ${said.message}` }];
  });
}
