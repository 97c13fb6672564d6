import type { Clock, Translate } from '#plugin-api';
import { checkName } from '../auth/person-form.ts';
import type { Database } from '../db/database.ts';
import type { Actor } from '../deliveries/delivery.ts';
import { InputError, NotFoundError, type FieldProblem } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { captionKinds, type SavedCaption } from './saved-caption.ts';
import {
  deleteSavedCaption,
  insertSavedCaption,
  selectPostsWithText,
  selectSavedCaption,
  selectSavedCaptions,
  updateSavedCaption,
  type PostedText,
} from './saved-caption-store.ts';

export type * from './saved-caption.ts';

/** Who acts, in which team. */
export type CaptionActor = Actor & { readonly teamId: number };

interface TypedCaption {
  readonly kind?: string;
  readonly name?: string;
  readonly text?: string;
}

/** A text that is to go out at a channel. */
interface PlannedText {
  readonly channelId: number;
  readonly text: string;
}

/** A post whose texts are looked for at others. */
interface TextQuestion {
  readonly planned: readonly PlannedText[];
  /** UTC milliseconds: when it is due. */
  readonly at: number;
  readonly exceptPostId?: number;
}

interface SameText {
  readonly channelId: number;
  readonly postId: number;
  /** UTC milliseconds: when the other one is due. */
  readonly at: number;
}

/** The captions and groups of hashtags that a team keeps for its posts, and what they are compared with. */
export interface SavedCaptionService {
  /** By kind and name. */
  list(teamId: number): Promise<readonly SavedCaption[]>;
  /** @throws NotFoundError */
  find(teamId: number, id: number): Promise<SavedCaption>;
  /** @throws InputError at kind, name or text */
  add(actor: CaptionActor, typed: TypedCaption): Promise<SavedCaption>;
  /** @throws InputError at kind, name or text; NotFoundError */
  change(actor: CaptionActor, id: number, typed: TypedCaption): Promise<SavedCaption>;
  /** @throws NotFoundError */
  remove(actor: CaptionActor, id: number): Promise<SavedCaption>;
  /**
   * Other posts of the team with the same text at the same channel within a week before or after: one for each channel,
   * the nearest in time. An empty text is the same as none. @param exceptPostId the post that is being edited
   */
  findSameText(question: TextQuestion & { readonly teamId: number }): Promise<readonly SameText[]>;
  /**
   * The same for many posts at once, in one look, themselves among them: what is planned together goes out twice, too.
   * @returns the answers in the order of the questions
   */
  findSameTexts(teamId: number, questions: readonly TextQuestion[]): Promise<readonly (readonly SameText[])[]>;
}

export interface SavedCaptionParts {
  readonly db: Database;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}

/** In UTF-16 units, as networks count. */
const longestText = 2_200;
const weekMs = 7 * 86_400_000;

export function createSavedCaptions(parts: SavedCaptionParts): SavedCaptionService {
  const { db, t } = parts;
  const find = async (teamId: number, id: number): Promise<SavedCaption> => {
    const found = await selectSavedCaption(db.knex, { teamId, id });
    if (found === undefined) throw new NotFoundError(t('captions:absent'));
    return found;
  };
  return {
    list: (teamId) => selectSavedCaptions(db.knex, teamId),
    find,
    async add(actor, typed) {
      const words = readCaption(typed, t);
      const now = parts.clock.now();
      return db.transaction(async (sql) => {
        const id = await insertSavedCaption(sql, { ...words, teamId: actor.teamId, createdBy: actor.id, now });
        await parts.events.record(eventOf(actor, 'caption.added', { id, ...words }), sql);
        return { id, ...words };
      });
    },
    change: (actor, id, typed) => changeCaption(parts, { actor, id, words: readCaption(typed, t) }),
    async remove(actor, id) {
      const caption = await find(actor.teamId, id);
      await db.transaction(async (sql) => {
        const isGone = await deleteSavedCaption(sql, { teamId: actor.teamId, id });
        if (!isGone) throw new NotFoundError(t('captions:absent'));
        await parts.events.record(eventOf(actor, 'caption.removed', caption), sql);
      });
      return caption;
    },
    findSameText: async ({ teamId, ...question }) => (await findSameTexts(db, teamId, [question]))[0] ?? [],
    findSameTexts: (teamId, questions) => findSameTexts(db, teamId, questions),
  };
}

async function changeCaption(
  { db, clock, events, t }: SavedCaptionParts,
  { actor, id, words }: { readonly actor: CaptionActor; readonly id: number; readonly words: Omit<SavedCaption, 'id'> },
): Promise<SavedCaption> {
  const now = clock.now();
  return db.transaction(async (sql) => {
    const isThere = await updateSavedCaption(sql, { teamId: actor.teamId, id }, { ...words, now });
    if (!isThere) throw new NotFoundError(t('captions:absent'));
    await events.record(eventOf(actor, 'caption.changed', { id, ...words }), sql);
    return { id, ...words };
  });
}

function readCaption(typed: TypedCaption, t: Translate): Omit<SavedCaption, 'id'> {
  const problems: FieldProblem[] = [];
  const kind = captionKinds.find((known) => known === typed.kind);
  const name = checkName(typed.name, t);
  const text = (typed.text ?? '').replaceAll('\r\n', '\n').trim();
  if (kind === undefined) problems.push({ field: 'kind', message: t('captions:problem.kind') });
  if ('problem' in name) problems.push({ field: 'name', message: name.problem });
  if (text === '') problems.push({ field: 'text', message: t('captions:problem.noText') });
  if (text.length > longestText) {
    problems.push({ field: 'text', message: t('captions:problem.long', { limit: longestText }) });
  }
  if (problems.length > 0 || kind === undefined || 'problem' in name) throw new InputError(problems);
  return { kind, name: name.value, text };
}

function eventOf({ id: actorId, teamId }: CaptionActor, kind: string, { id, name }: Pick<SavedCaption, 'id' | 'name'>) {
  return { teamId, actorId, subject: 'team', subjectId: teamId, kind, facts: { caption: id, name } } as const;
}

async function findSameTexts(
  db: Database,
  teamId: number,
  questions: readonly TextQuestion[],
): Promise<readonly (readonly SameText[])[]> {
  const texts = questions.flatMap(({ planned }) => planned.filter(({ text }) => text.trim() !== ''));
  if (texts.length === 0) return questions.map(() => []);
  const times = questions.map(({ at }) => at);
  const span = {
    ...{ teamId, channelIds: [...new Set(texts.map(({ channelId }) => channelId))] },
    ...{ from: Math.min(...times) - weekMs, to: Math.max(...times) + weekMs },
  };
  const posted = new Map<string, PostedText[]>();
  const sent = await selectPostsWithText(db.knex, span, [...new Set(texts.map(({ text }) => text))]);
  for (const one of [...sent, ...questions.flatMap(plannedHere)]) {
    const known = posted.get(keyOf(one));
    if (known === undefined) posted.set(keyOf(one), [one]);
    else known.push(one);
  }
  return questions.map((question) =>
    question.planned.flatMap((text): readonly SameText[] => nearestOf(posted.get(keyOf(text)) ?? [], question)),
  );
}

function plannedHere({ planned, at, exceptPostId }: TextQuestion): readonly PostedText[] {
  if (exceptPostId === undefined) return [];
  return planned.filter(({ text }) => text.trim() !== '').map((text) => ({ ...text, at, postId: exceptPostId }));
}

function keyOf({ channelId, text }: PlannedText): string {
  return `${channelId} ${text}`;
}

/** At most one of the posts of one channel and text. */
function nearestOf(posted: readonly PostedText[], { at, exceptPostId }: TextQuestion): readonly SameText[] {
  const distance = (one: PostedText): number => Math.abs(one.at - at);
  const near = posted.filter((one) => one.postId !== exceptPostId && distance(one) <= weekMs);
  const [first] = [...near].sort((one, other) => distance(one) - distance(other));
  return first === undefined ? [] : [{ channelId: first.channelId, postId: first.postId, at: first.at }];
}
