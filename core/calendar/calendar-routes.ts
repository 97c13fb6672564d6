import { roleMay } from '../auth/permissions.ts';
import { ConflictError, InputError, NotFoundError, type FieldProblem } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { memberOf, postIdOf } from '../posts/composer-routes.ts';
import type { Moved, PostMove, PostMoves } from '../posts/move-post.ts';
import { readId } from '../posts/post-form.ts';
import { readWallTime } from '../time/zones.ts';
import { everyValue, parsedFields } from '../web/bodies.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { calendarPath, queryOf, readBack, readQuestion } from './calendar-address.ts';
import { calendarModel } from './calendar-model.ts';
import type { Calendar, CalendarQuestion, CalendarService } from './calendar-service.ts';
import { calendarWords } from './calendar-words.ts';

interface CalendarRouteParts {
  readonly calendar: CalendarService;
  readonly moves: PostMoves;
  readonly plugins: PluginRegistry;
}

export function calendarRoutes(parts: CalendarRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/calendar',
      permission: 'team.see',
      handle: (context: TeamContext) => show(parts, context),
    },
    {
      method: 'post',
      path: '/team/:team/posts/:post/move',
      permission: 'posts.edit',
      handle: (context: TeamContext) => move(parts, context),
    },
  ];
}

/** The dialog that moves a post, as it was typed. */
interface MoveDialog extends PostMove {
  readonly problems: readonly FieldProblem[];
}

interface Answer {
  readonly question: CalendarQuestion;
  readonly status?: number;
  readonly dialog?: MoveDialog;
  readonly conflict?: ConflictError;
}

async function show(parts: CalendarRouteParts, context: TeamContext): Promise<void> {
  const query = parsedFields(context.req.query);
  await draw(parts, context, { question: readQuestion((name) => everyValue(query, name)) });
}

async function draw(parts: CalendarRouteParts, context: TeamContext, answer: Answer): Promise<void> {
  const { team, t, locale } = context;
  const { question, conflict } = answer;
  const calendar = await parts.calendar.load(team, question);
  const mayEdit = roleMay(team.role, 'posts.edit');
  const model = calendarModel({ team, question, calendar, plugins: parts.plugins, mayEdit, locale, t });
  const problem =
    conflict === undefined ? null : { what: conflict.message, help: conflict.help ?? '', code: conflict.code };
  const page = {
    ...{ title: t('calendar:title'), current: 'calendar' },
    scripts: ['js/calendar.js'],
    libraries: ['event-calendar/event-calendar.min.js'],
    pageStyles: ['event-calendar/event-calendar.min.css', 'calendar', 'calendar-grid'],
  };
  const dialog = dialogOf(context, calendar, answer);
  await context.page('calendar/calendar', { ...model, ...page, zone: team.zone, problem, dialog }, answer.status);
}

/** Always on the page of who may move, for the script; open with `?move=12`, or with what could not be done. */
function dialogOf(context: TeamContext, { entries }: Calendar, { dialog }: Answer) {
  const base = `/team/${context.team.id}/posts/`;
  const asked = dialog?.postId ?? readId(context.query['move']);
  const entry = entries.find(({ id, isMovable }) => id === asked && isMovable);
  const isOpen = dialog !== undefined || entry !== undefined;
  return {
    isOpen,
    pattern: { action: `${base}:post/move`, href: `${base}:post` },
    action: `${base}${asked ?? 0}/move`,
    href: `${base}${asked ?? 0}`,
    title: entry?.title ?? '',
    version: dialog?.version ?? String(entry?.version ?? ''),
    date: dialog?.date ?? entry?.date ?? '',
    time: dialog?.time ?? entry?.time ?? '',
    // What is told now is seen by the next press.
    dueSeen: dialog === undefined ? '' : (readWallTime(dialog.date, dialog.time) ?? ''),
    errors: dialog === undefined ? {} : problemsByField(new InputError(dialog.problems)),
  };
}

async function move(parts: CalendarRouteParts, context: TeamContext): Promise<void> {
  const { body, team } = context;
  const question = readBack(body['back'] ?? '');
  const asked = { ...readMove(body), postId: postIdOf(context) };
  try {
    const moved = await parts.moves.move(memberOf(context), asked);
    tell(context, { moved, postId: asked.postId, question });
    context.redirect(calendarPath(team.id, question));
  } catch (error) {
    if (error instanceof NotFoundError) throw error;
    if (error instanceof InputError) {
      const dialog = { ...asked, problems: error.problems };
      await draw(parts, context, { question, dialog, status: error.status });
    } else if (error instanceof ConflictError) {
      await draw(parts, context, { question, conflict: error, status: error.status });
    } else throw error;
  }
}

function readMove(body: TeamContext['body']): Omit<PostMove, 'postId'> {
  const field = (name: string): string => (body[name] ?? '').trim();
  return { version: field('version'), date: field('date'), time: field('time'), dueSeen: field('dueSeen') };
}

interface Done {
  readonly moved: Moved;
  readonly postId: number;
  readonly question: CalendarQuestion;
}

/** What was done, and the way back: the same act with the time it had. */
function tell({ flash, team, t, locale }: TeamContext, { moved, postId, question }: Done): void {
  const { from, version } = moved;
  flash('ok', t('calendar:moved', { when: calendarWords(locale).moment(moved.to) }), {
    action: `/team/${team.id}/posts/${postId}/move`,
    label: t('calendar:undo'),
    fields: {
      version: String(version),
      ...from,
      // Where the clocks jump or repeat it was told when this time was chosen first.
      dueSeen: readWallTime(from.date, from.time) ?? '',
      back: queryOf(question).toString(),
    },
  });
}
