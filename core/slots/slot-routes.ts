import type { Clock } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { readId } from '../posts/post-form.ts';
import { everyValue, parsedFields } from '../web/bodies.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { timeWords } from '../web/times.ts';
import { type FreeSlot, weekdayOf } from './slot.ts';
import type { SlotService } from './slot-service.ts';

export interface SlotRouteParts {
  readonly slots: SlotService;
  readonly clock: Clock;
}

/** How many the composer offers. */
const offered = 3;
/** Further away a weekday alone would name two days. */
const sixDaysMs = 6 * 86_400_000;

/**
 * A fragment for the composer: the next posting slots that are free at all of the chosen channels, e.g.
 * `/team/1/posts/slots?channel=3&channel=4`, with `post=7` where that post is being edited. To be mounted before
 * `/posts/:post`.
 */
export function slotRoutes(parts: SlotRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/posts/slots',
      permission: 'posts.edit',
      handle: (context) => showSlots(parts, context),
    },
  ];
}

async function showSlots({ slots, clock }: SlotRouteParts, context: TeamContext): Promise<void> {
  const { team, t, req } = context;
  const query = parsedFields(req.query);
  const channelIds = [...new Set(everyValue(query, 'channel').flatMap((text) => readId(text) ?? []))];
  const exceptPostIds = everyValue(query, 'post').flatMap((text) => readId(text) ?? []);
  const from = clock.now();
  const found = await slots.nextFreeSlots({ teamId: team.id, channelIds, from, count: offered, exceptPostIds });
  const weekly = await slots.ofChannels(team.id, channelIds);
  const hasNone = weekly.size > 0 && [...weekly.values()].every(({ length }) => length === 0);
  await context.page('posts/slots', {
    title: t('slots:next'),
    offers: found.shared.map((slot) => offerOf(context, slot, from)),
    settingsHref: hasNone && roleMay(team.role, 'team.settings') ? `/team/${team.id}/settings` : null,
  });
}

function offerOf({ team, t, locale }: TeamContext, { at, wall }: FreeSlot, now: number) {
  const time = timeWords({ zone: team.zone, locale, now, t });
  const isNear = at - now < sixDaysMs;
  const weekday = t(`slots:weekday.${weekdayOf(wall)}`);
  return {
    wall,
    label: isNear ? `${weekday} ${time.clock(at)}` : `${weekday} ${time.short(at)}`,
    said: t('slots:taken', { day: time.day(at), clock: time.clock(at) }),
  };
}
