import { createHash } from 'node:crypto';
import type { Clock, Translate } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { MailPages } from '../mail/mail-pages.ts';
import { type Mail, oneLine } from '../mail/mailer.ts';
import { timeWords } from '../web/times.ts';
import type { ClaimedMail, Mailed } from './mail-store.ts';
import { toldTo } from './notification.ts';
import { type Told, wordsOf } from './notification-words.ts';

export interface MailWords {
  readonly pages: MailPages;
  readonly t: Translate;
  readonly clock: Clock;
  readonly networkName: (pluginId: string) => string;
  readonly siteName: string;
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

/** One mail about everything that one person is told of one team. */
export async function composeMail(
  words: MailWords,
  claim: ClaimedMail,
  [first, ...more]: readonly [Mailed, ...Mailed[]],
): Promise<Mail> {
  const { recipient } = first;
  const mailed = [first, ...more];
  const told = mailed.slice(0, mostTold).map((one) => toldOf(words, one));
  const subject =
    more.length === 0
      ? (told[0]?.title ?? '')
      : words.t('notifications:mail.subjectMany', { count: mailed.length, team: recipient.team });
  const texts = await words.pages.render('notifications', {
    ...{ t: words.t, lang: 'en', site: words.siteName, subject, count: mailed.length },
    ...{ team: oneLine(recipient.team), name: oneLine(recipient.name) },
    items: told.map((item) => ({ ...item, title: oneLine(item.title), url: `${words.publicUrl}${item.href}` })),
    moreUrl: `${words.publicUrl}/team/${claim.reader.teamId}/notifications`,
    accountUrl: `${words.publicUrl}/account`,
  });
  return { ...texts, subject, to: { name: recipient.name, address: recipient.email }, id: idOf(claim, mailed) };
}

function toldOf({ t, clock, networkName }: MailWords, { notification, recipient }: Mailed): Told {
  const time = timeWords({ zone: recipient.zone, locale: 'en-GB', now: clock.now(), t });
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
