import type { Clock } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { timeWords } from '../web/times.ts';
import type { Notification } from './notification.ts';
import type { NotificationService } from './notification-service.ts';
import { wordsOf } from './notification-words.ts';

interface NotificationRouteParts {
  readonly notifications: NotificationService;
  readonly plugins: PluginRegistry;
  readonly clock: Clock;
}

const onAPage = 50;

/** What a person was told in one team. Whoever can put nothing right is told nothing, and has no such page. */
export function notificationRoutes(parts: NotificationRouteParts): readonly Route[] {
  const base = '/team/:team/notifications';
  return [
    { method: 'get', path: base, permission: 'posts.edit', handle: (context) => showList(parts, context) },
    {
      method: 'post',
      path: `${base}/read`,
      permission: 'posts.edit',
      handle: async (context) => {
        await parts.notifications.markAllRead(readerOf(context), readId(context.body['upto']));
        context.flash('ok', context.t('notifications:marked'));
        context.redirect(`/team/${context.team.id}/notifications`);
      },
    },
    {
      method: 'post',
      path: `${base}/:notification/look`,
      permission: 'posts.edit',
      handle: async (context) => {
        const found = await parts.notifications.open(readerOf(context), readId(context.params['notification']));
        context.redirect(toldOf(parts, context, found).href);
      },
    },
  ];
}

async function showList(parts: NotificationRouteParts, context: TeamContext): Promise<void> {
  const { team, t, query } = context;
  const page = await parts.notifications.page(readerOf(context), { ...turnOf(query), limit: onAPage });
  const base = `/team/${team.id}/notifications`;
  const [first] = page.rows;
  const last = page.rows.at(-1);
  await context.page('notifications/list', {
    title: t('notifications:title'),
    current: 'notifications',
    items: page.rows.map((row) => itemOf(parts, context, row)),
    // Older ones may be unread too, and are not on this page: all up to the newest that the person has seen.
    markAll:
      first !== undefined && page.rows.some(({ isRead }) => !isRead)
        ? { action: `${base}/read`, upTo: first.id }
        : null,
    pager: {
      newerHref: page.hasNewer && first !== undefined ? `${base}?after=${first.id}` : null,
      olderHref: page.hasOlder && last !== undefined ? `${base}?before=${last.id}` : null,
      text: t('notifications:shown', { count: page.rows.length }),
    },
  });
}

function itemOf(parts: NotificationRouteParts, context: TeamContext, notification: Notification) {
  const { at, isRead, id } = notification;
  const lookAction = `/team/${context.team.id}/notifications/${id}/look`;
  return { ...toldOf(parts, context, notification), at, isRead, lookAction };
}

function toldOf(
  { plugins, clock }: NotificationRouteParts,
  { t, locale, team }: TeamContext,
  notification: Notification,
) {
  const time = timeWords({ zone: team.zone, locale, now: clock.now(), t });
  const networkName = (id: string): string => plugins.find(id)?.plugin.name ?? id;
  return wordsOf({ t, networkName, day: (at) => time.day(at) }, notification);
}

function readerOf({ person, team }: TeamContext) {
  return { userId: person.id, teamId: team.id };
}

function turnOf(query: Readonly<Record<string, string>>): { before?: number; after?: number } {
  const { before, after } = query;
  if (isId(before)) return { before: Number(before) };
  return isId(after) ? { after: Number(after) } : {};
}

/** @throws NotFoundError for what is no number of ours */
function readId(text: string | undefined): number {
  if (!isId(text)) throw new NotFoundError('There is no such notification.');
  return Number(text);
}

function isId(text: string | undefined): text is string {
  return /^[1-9]\d{0,14}$/.test(text ?? '');
}
