import { createHash } from 'node:crypto';
import type { Clock } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { MailPages } from '../mail/mail-pages.ts';
import { type Mail, oneLine } from '../mail/mailer.ts';
import type { SiteLanguage } from '../web/reader-language.ts';
import type { Speech, Texts } from '../web/texts.ts';
import { timeWords } from '../web/times.ts';
import type { ClaimedMail, Mailed } from './mail-store.ts';
import { toldTo } from './notification.ts';
import { type Told, wordsOf } from './notification-words.ts';

export interface MailWords {
  readonly pages: MailPages;
  readonly texts: Pick<Texts, 'speech'>;
  readonly siteLanguage: SiteLanguage;
  readonly clock: Clock;
  readonly networkName: (pluginId: string) => string;
  readonly siteName: () => string;
  /** A path of the error book; undefined for a code that is not in it. */
  readonly errorHref: (code: string) => string | undefined;
  /** Links lead here and nowhere else, whatever a request said. */
  readonly publicUrl: string;
}

/** Beyond this many the rest is only counted. */
const mostTold = 20;

/** Whether things still are as they were when the person was told: still a member who may act, and wants the mail. */
export function isStillFor({ notification, recipient }: Mailed): boolean {
  const { role, isDisabled, refused } = recipient;
  return role !== null && roleMay(role, toldTo[notification.kind]) && !isDisabled && refused === null;
}

/** One mail about everything that one person is told of one team, in the language of that person. */
export function composeMail(
  words: MailWords,
  claim: ClaimedMail,
  [first, ...more]: readonly [Mailed, ...Mailed[]],
): Mail {
  const { recipient } = first;
  const mailed = [first, ...more];
  const speech = words.texts.speech(recipient.language ?? words.siteLanguage());
  const { t, say } = speech;
  const told = mailed.slice(0, mostTold).map((one) => toldOf({ ...words, speech }, one));
  const subject =
    more.length === 0
      ? say(told[0]?.title ?? '')
      : t('notifications:mail.subjectMany', { count: mailed.length, team: recipient.team });
  const model = {
    ...{ t, lang: speech.language, site: words.siteName(), subject, count: mailed.length },
    ...{ team: oneLine(recipient.team), name: oneLine(recipient.name) },
    items: told.map((item) => ({
      ...item,
      title: oneLine(say(item.title)),
      url: `${words.publicUrl}${item.href}`,
      codeUrl: codeUrl(words, item.code),
    })),
    moreUrl: `${words.publicUrl}/team/${claim.reader.teamId}/notifications`,
    accountUrl: `${words.publicUrl}/account`,
  };
  const texts = words.pages.render('notifications', model, say);
  return { ...texts, subject, to: { name: recipient.name, address: recipient.email }, id: idOf(claim, mailed) };
}

function codeUrl({ errorHref, publicUrl }: MailWords, code: string | null): string | null {
  const href = code === null ? undefined : errorHref(code);
  return href === undefined ? null : `${publicUrl}${href}`;
}

interface SpokenWords extends MailWords {
  readonly speech: Speech;
}

function toldOf({ speech, clock, networkName }: SpokenWords, { notification, recipient }: Mailed): Told {
  const { t, locale } = speech;
  const time = timeWords({ zone: recipient.zone, locale, now: clock.now(), t });
  return wordsOf({ t, networkName, day: (at) => time.day(at) }, notification);
}

/** The same person told the same things: the same mail, also when it is sent again after a crash; what grew is another. */
function idOf({ reader }: ClaimedMail, mailed: readonly Mailed[]): string {
  const ids = mailed.map(({ notification: { id, at } }) => [id, at]);
  return createHash('sha256')
    .update(JSON.stringify([reader, ids]))
    .digest('hex')
    .slice(0, 32);
}
