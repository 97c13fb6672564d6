import { deliveryStates } from '../deliveries/delivery.ts';
import { readId } from '../posts/post-form.ts';
import { calendarViews, readDate } from './calendar-period.ts';
import type { CalendarQuestion } from './calendar-service.ts';

/** Reads what it knows; anything else in the query has no effect. @param all every value of a field */
export function readQuestion(all: (name: string) => readonly string[]): CalendarQuestion {
  const first = (name: string): string | undefined => all(name)[0];
  const at = first('at');
  return {
    view: calendarViews.find((view) => view === first('view')) ?? 'month',
    at: readDate(at) === undefined ? undefined : at,
    channelIds: [...new Set(all('channel').flatMap((text) => readId(text) ?? []))].slice(0, mostChannels),
    states: deliveryStates.filter((state) => all('state').includes(state)),
  };
}

/** An address must not grow without bound. */
const mostChannels = 100;

/** The query of a calendar, for an address or for a form that comes back to it. */
export function queryOf({ view, at, channelIds, states }: CalendarQuestion): URLSearchParams {
  const query = new URLSearchParams();
  if (view !== 'month') query.set('view', view);
  if (at !== undefined) query.set('at', at);
  for (const id of channelIds) query.append('channel', String(id));
  for (const state of states) query.append('state', state);
  return query;
}

export function calendarPath(teamId: number, question: CalendarQuestion): string {
  const query = queryOf(question).toString();
  return `/team/${teamId}/calendar${query === '' ? '' : `?${query}`}`;
}

/** What `queryOf` gave, out of a form. */
export function readBack(text: string): CalendarQuestion {
  const query = new URLSearchParams(text.slice(0, 4_000));
  return readQuestion((name) => query.getAll(name));
}
