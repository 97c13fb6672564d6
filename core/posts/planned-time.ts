import { readWallTime, resolveWallTime } from '../time/zones.ts';
import type { PlannedTime, PostDraft, When } from './post.ts';

/** The longest date or time kept, in UTF-16 units; what a date or time field gives is much shorter. */
export const plannedLimit = 40;

const nothingPlanned: PlannedTime = { date: '', time: '' };

/** What stays planned of a composed post: once it is due, its due time alone says when. */
export function plannedOf({ due, planned }: Pick<PostDraft, 'due' | 'planned'>): PlannedTime {
  return due === null ? planned : nothingPlanned;
}

/** What the form of a draft shows as chosen: where nobody chose, a whole time is meant to be scheduled. */
export function plannedWhen({ date, time, when }: PlannedTime): When {
  return when ?? (date === '' || time === '' ? 'draft' : 'schedule');
}

/** The instant a draft is planned for in the zone, UTC milliseconds; null while what was typed is no whole time. */
export function plannedAt({ date, time }: PlannedTime, zone: string): number | null {
  const wall = readWallTime(date, time);
  return wall === undefined ? null : resolveWallTime(wall, zone).at;
}
