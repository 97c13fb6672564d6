import type { Translate } from '#plugin-api';
import type { Due } from '../deliveries/delivery-desk.ts';
import type { FieldProblem } from '../errors.ts';
import { readWallTime, resolveWallTime, wallTimeAt, type ResolvedWallTime } from '../time/zones.ts';
import type { TypedPost } from './post-form.ts';

export type DueReading =
  { readonly ok: true; readonly due: Due | null } | { readonly ok: false; readonly problem: FieldProblem };

export interface DueQuestion {
  readonly typed: Pick<TypedPost, 'when' | 'date' | 'time' | 'dueSeen'>;
  readonly zone: string;
  readonly now: number;
  readonly t: Translate;
}

/** When the typed post is due; null for a draft. A gap or an overlap is told once before it is accepted. */
export function readDue({ typed, zone, now, t }: DueQuestion): DueReading {
  if (typed.when === 'draft') return { ok: true, due: null };
  const wallNow = wallTimeAt(now, zone);
  if (typed.when === 'immediately') return { ok: true, due: { wall: wallNow, zone, at: now } };
  if (typed.date === '') return refuse('date', t('posts:due.noDate'));
  if (typed.time === '') return refuse('time', t('posts:due.noTime'));
  const wall = readWallTime(typed.date, typed.time);
  if (wall === undefined) return refuse('date', t('posts:due.noSuchTime'));
  // The current minute means now.
  if (wall === wallNow) return { ok: true, due: { wall, zone, at: now } };
  const resolved = resolveWallTime(wall, zone);
  if (resolved.at < now) return refuse('time', t('posts:due.past', { now: clockOf(wallNow), zone }));
  if (resolved.note !== undefined && typed.dueSeen !== wall) {
    return refuse('time', `${sayNote(resolved, { wall, zone, t }) ?? ''} ${t('posts:due.pressAgain')}`);
  }
  return { ok: true, due: { wall, zone, at: resolved.at } };
}

/** The sentence about a gap or an overlap; undefined on ordinary days. */
export function sayNote(
  resolved: ResolvedWallTime,
  asked: { readonly wall: string; readonly zone: string; readonly t: Translate },
): string | undefined {
  if (resolved.note === undefined) return undefined;
  const said = { asked: clockOf(asked.wall), becomes: clockOf(resolved.wall), zone: asked.zone };
  return asked.t(`posts:due.${resolved.note}`, said);
}

/** `2026-03-29T02:30` → `02:30`. */
function clockOf(wall: string): string {
  return wall.slice(11);
}

function refuse(field: 'date' | 'time', message: string): DueReading {
  return { ok: false, problem: { field, message } };
}
