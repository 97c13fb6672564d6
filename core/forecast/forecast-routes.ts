import type { Clock } from '#plugin-api';
import { plannedAt } from '../posts/planned-time.ts';
import { readId } from '../posts/post-form.ts';
import { wallTimeAt } from '../time/zones.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { timeWords } from '../web/times.ts';
import type { ForecastService } from './forecast-service.ts';
import { sayQuota } from './quota-words.ts';

export interface ForecastRouteParts {
  readonly forecasts: ForecastService;
  readonly clock: Clock;
}

/**
 * A fragment for the composer: what networks will not take at the chosen time, e.g.
 * `/team/1/posts/forecast?channels=3,4&date=2026-12-10&time=07:30`. Without a date and time it is about now. To be
 * mounted before `/posts/:post`.
 */
export function forecastRoutes(parts: ForecastRouteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/posts/forecast',
      permission: 'posts.edit',
      handle: (context) => showForecast(parts, context),
    },
  ];
}

async function showForecast({ forecasts, clock }: ForecastRouteParts, context: TeamContext): Promise<void> {
  const { team, query, t, locale } = context;
  const channelIds = (query['channels'] ?? '').split(',').flatMap((text) => readId(text) ?? []);
  const typed = { date: query['date'] ?? '', time: query['time'] ?? '' };
  const isNow = typed.date === '' && typed.time === '';
  const now = clock.now();
  const at = isNow ? now : plannedAt(typed, team.zone);
  const exceptPostId = readId(query['post']);
  const question = { teamId: team.id, channelIds, ...(exceptPostId === undefined ? {} : { exceptPostId }) };
  // While a time is still being typed there is nothing to say; what has passed is told at the time itself.
  const warnings = at === null || at < now ? [] : await forecasts.forecast({ ...question, at });
  const time = timeWords({ zone: team.zone, locale, now, t });
  const rows = warnings.map((warning) => ({
    ...sayQuota(t, warning, time),
    freeWall: warning.freeAt === null ? null : wallTimeAt(warning.freeAt, team.zone),
  }));
  await context.page('posts/forecast', { title: t('forecast:title'), rows });
}
