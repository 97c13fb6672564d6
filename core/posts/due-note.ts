import type { Translate } from '#plugin-api';
import { readWallTime, resolveWallTime } from '../time/zones.ts';
import { sayNote } from './due-time.ts';

/** What is told beside Date and Time before anything is saved. */
export interface DueNote {
  readonly zone: string;
  /** The instant typed so far, UTC milliseconds; null while there is none, or it has passed. */
  readonly at: number | null;
  /** The clocks are moved at that time. */
  readonly warning: string | null;
  /** The wall time whose warning is being told; empty without one. */
  readonly seen: string;
}

interface NoteQuestion {
  readonly date: string;
  readonly time: string;
  readonly zone: string;
  readonly now: number;
  readonly t: Translate;
}

export function noteOnDue({ date, time, zone, now, t }: NoteQuestion): DueNote {
  const wall = readWallTime(date, time);
  if (wall === undefined) return { zone, at: null, warning: null, seen: '' };
  const resolved = resolveWallTime(wall, zone);
  const warning = sayNote(resolved, { wall, zone, t }) ?? null;
  return { zone, at: resolved.at < now ? null : resolved.at, warning, seen: warning === null ? '' : wall };
}
