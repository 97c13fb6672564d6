import { readWallTime, resolveWallTime } from '../time/zones.ts';
import type { PlannedTime, PostDraft } from './post.ts';

/** The longest date or time kept, in UTF-16 units; what a date or time field gives is much shorter. */
export const plannedLimit = 40;

const nothingPlanned: PlannedTime = { date: '', time: '' };

/** What stays planned of a composed post: once it is due, its due time alone says when. */
export function plannedOf({ due, planned }: Pick<PostDraft, 'due' | 'planned'>): PlannedTime {
  return due === null ? planned : nothingPlanned;
}

/** The instant a draft is planned for in the zone, UTC milliseconds; null while what was typed is no whole time. */
export function plannedAt({ date, time }: PlannedTime, zone: string): number | null {
  const wall = readWallTime(date, time);
  return wall === undefined ? null : resolveWallTime(wall, zone).at;
}
