import type { ChannelOverview, CountedNumber } from '#plugin-api';
import { isOld } from '../insights/number-age.ts';
import { oneLine } from '../mail/mailer.ts';
import type { Speech } from '../web/texts.ts';
import { timeWords } from '../web/times.ts';
import { type Week, weekDays } from './weekly-report.ts';

interface WeeklyTelling {
  readonly speech: Speech;
  readonly publicUrl: string;
  readonly teamId: number;
  readonly zone: string;
  /** UTC ms. */
  readonly now: number;
}

/** A week as its mail tells it; what is not known is said, and is never a zero. */
export function weekInWords(week: Week, telling: WeeklyTelling) {
  const { publicUrl, teamId } = telling;
  const base = `${publicUrl}/team/${teamId}`;
  return {
    channels: week.channels.map(({ channel, told }) => ({
      name: oneLine(channel.nickname),
      url: `${base}/channels/${channel.id}`,
      lines: linesOf(telling, told),
    })),
    best: bestOf(week, telling),
    noBest: noBestOf(week, telling),
    needs: needsOf(week, telling),
    insightsUrl: `${base}/insights?days=${weekDays}`,
  };
}

function linesOf(telling: WeeklyTelling, told: ChannelOverview | 'failed' | undefined): readonly string[] {
  const { t, say } = telling.speech;
  if (told === undefined) return [t('weekly:mail.untold')];
  if (told === 'failed') return [t('weekly:mail.failed')];
  const { published } = told;
  return [
    followersOf(telling, told.followers),
    published === null ? t('weekly:mail.publishedUnknown') : t('weekly:mail.published', { count: published.videos }),
    ...ageOf(telling, told.readAt),
    ...told.notes.map((note) => oneLine(say(note))),
  ];
}

function followersOf({ speech: { t, locale } }: WeeklyTelling, { value, change }: CountedNumber): string {
  if (value === null) return t('weekly:mail.followersUnknown');
  const number = formatsOf(locale).plain.format(value);
  if (change === null) return t('weekly:mail.followersOnly', { count: value, number });
  return t('weekly:mail.followers', { count: value, number, change: formatsOf(locale).signed.format(change) });
}

function ageOf({ speech: { t, locale }, zone, now }: WeeklyTelling, readAt: number | null): readonly string[] {
  if (!isOld(readAt, now)) return [];
  return [t('weekly:mail.age', { day: timeWords({ zone, locale, now, t }).day(readAt) })];
}

function bestOf({ best, channels }: Week, { speech: { t, locale }, publicUrl }: WeeklyTelling) {
  const names = new Map(channels.map(({ channel }) => [channel.id, oneLine(channel.nickname)]));
  return best.map(({ caption, channelId, href, views }) => ({
    title: oneLine(caption) || t('weekly:mail.noCaption'),
    channel: names.get(channelId) ?? '',
    views:
      views === null
        ? t('weekly:mail.viewsUnknown')
        : t('weekly:mail.views', { count: views, number: formatsOf(locale).plain.format(views) }),
    url: `${publicUrl}${href}`,
  }));
}

/** Nothing was published only where that is known of every channel. */
function noBestOf({ channels }: Week, { speech: { t } }: WeeklyTelling): string {
  const isKnown = channels.every(({ told }) => typeof told === 'object' && told.published !== null);
  return t(isKnown ? 'weekly:mail.noVideos' : 'weekly:mail.noVideosKnown');
}

function needsOf({ needs }: Week, { speech: { t }, publicUrl, teamId }: WeeklyTelling) {
  const counts = [
    ['posts', needs.posts],
    ['approvals', needs.approvals],
    ['channels', needs.channels],
  ] as const;
  return {
    lines: counts.flatMap(([what, count]) => (count === 0 ? [] : t(`weekly:mail.needs.${what}`, { count }))),
    url: `${publicUrl}/team/${teamId}/attention`,
  };
}

interface Formats {
  readonly plain: Intl.NumberFormat;
  readonly signed: Intl.NumberFormat;
}

const formats = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  const known = formats.get(locale);
  if (known !== undefined) return known;
  const made = {
    plain: new Intl.NumberFormat(locale),
    signed: new Intl.NumberFormat(locale, { signDisplay: 'exceptZero' }),
  };
  formats.set(locale, made);
  return made;
}
