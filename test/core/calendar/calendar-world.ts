import { calendarRoutes } from '../../../core/calendar/calendar-routes.ts';
import { createCalendarService } from '../../../core/calendar/calendar-service.ts';
import { createCalendarStore } from '../../../core/calendar/calendar-store.ts';
import type { Database } from '../../../core/db/database.ts';
import { createPostMoves, type PostMoves } from '../../../core/posts/move-post.ts';
import { createPostStore } from '../../../core/posts/post-store.ts';
import type { Member } from '../../../core/posts/post.ts';
import { fillForm, openPostsWorld, postIdIn, type PostParts, type PostsWorld } from '../posts/posts-world.ts';

/** A team in Berlin with an editor, at 13:00 on Saturday 21 November 2026. */
export interface CalendarWorld extends PostsWorld {
  readonly moves: PostMoves;
  readonly member: Member;
  /** `/team/<id>/calendar` */
  readonly calendarPath: string;
  /** Times of the chosen day that nothing takes. */
  readonly freeTimes: string[];
}

export async function openCalendarWorld(options: { readonly db?: Database } = {}): Promise<CalendarWorld> {
  const freeTimes: string[] = [];
  const rooms: { moves?: PostMoves } = {};
  const moreRoutes = (parts: PostParts) => {
    const moves = createPostMoves({ ...parts, store: createPostStore(parts.db) });
    rooms.moves = moves;
    const store = createCalendarStore(parts.db);
    const calendar = createCalendarService({ ...parts, store, freeTimes: () => Promise.resolve(freeTimes) });
    return calendarRoutes({ ...parts, moves, calendar });
  };
  const world = await openPostsWorld({ ...options, moreRoutes });
  const { team, editor } = world;
  if (rooms.moves === undefined) throw new Error('The routes were not made.');
  const member = { id: editor.id, name: editor.name, teamId: team.id, zone: team.zone };
  return { ...world, moves: rooms.moves, member, freeTimes, calendarPath: `/team/${team.id}/calendar` };
}

/** Composed and scheduled by form, for 22 November at 09:30 unless said. @returns the post's id */
export async function schedulePost(world: PostsWorld, more: Readonly<Record<string, string>> = {}): Promise<number> {
  const { fields } = await fillForm(world, more);
  return postIdIn(await world.browser.post(world.address, fields));
}

export async function draftPost(world: PostsWorld, more: Readonly<Record<string, string>> = {}): Promise<number> {
  return schedulePost(world, { when: 'draft', act: 'draft', ...more });
}
