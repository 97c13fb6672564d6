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
  findSameText(question: {
    readonly teamId: number;
    readonly planned: readonly PlannedText[];
    readonly at: number;
    readonly exceptPostId?: number;
  }): Promise<readonly SameText[]>;
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
    findSameText: (question) => findSameText(db, question),
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

async function findSameText(
  db: Database,
  { teamId, planned, at, exceptPostId }: Parameters<SavedCaptionService['findSameText']>[0],
): Promise<readonly SameText[]> {
  const wanted = new Map(
    planned.filter(({ text }) => text.trim() !== '').map(({ channelId, text }) => [channelId, text]),
  );
  const span = { teamId, channelIds: [...wanted.keys()], from: at - weekMs, to: at + weekMs };
  const found = await selectPostsWithText(db.knex, span, [...new Set(wanted.values())]);
  const nearest = new Map<number, SameText>();
  for (const { postId, channelId, at: dueAt, text } of found) {
    if (postId === exceptPostId || wanted.get(channelId) !== text) continue;
    const known = nearest.get(channelId);
    if (known !== undefined && Math.abs(known.at - at) <= Math.abs(dueAt - at)) continue;
    nearest.set(channelId, { channelId, postId, at: dueAt });
  }
  return [...nearest.values()];
}
