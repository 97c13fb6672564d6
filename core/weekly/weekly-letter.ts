import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Log } from '#plugin-api';
import type { Account, PersonStore } from '../auth/person-store.ts';
import type { Database } from '../db/database.ts';
import { MailError } from '../mail/mail-error.ts';
import type { MailPages } from '../mail/mail-pages.ts';
import { type Mail, type Mailer, oneLine } from '../mail/mailer.ts';
import type { ClaimedJob, JobHandler, JobOutcome } from '../queue/job-queue.ts';
import type { TeamStore } from '../teams/team-store.ts';
import type { Timings } from '../timings.ts';
import type { SiteLanguage } from '../web/reader-language.ts';
import type { Texts } from '../web/texts.ts';
import { readWeek, type WeeklySources } from './weekly-report.ts';
import { isTurnedOn } from './weekly-store.ts';
import { weekInWords } from './weekly-words.ts';

export const weeklyLetterKind = 'mail-weekly';

interface WeeklyLetterDeps extends WeeklySources {
  readonly db: Database;
  readonly people: Pick<PersonStore, 'find'>;
  readonly teamStore: Pick<TeamStore, 'find' | 'role'>;
  /** Undefined: this installation sends no mail. */
  readonly mailer: Mailer | undefined;
  readonly pages: MailPages;
  readonly texts: Pick<Texts, 'speech'>;
  readonly siteLanguage: SiteLanguage;
  readonly siteName: () => string;
  /** Links lead here and nowhere else. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly timings: Pick<Timings, 'mailGiveUpMs'>;
  readonly log: Log;
}

const payloadOf = z.object({ userId: z.int(), teamId: z.int(), at: z.int() });
type Letter = z.output<typeof payloadOf>;
const done: JobOutcome = { kind: 'done' };

/** What sends the mail about a week. A server that takes none is asked again, ever later, for a day. */
export function weeklyLetterHandler(deps: WeeklyLetterDeps): JobHandler {
  return {
    kind: weeklyLetterKind,
    budgetMs: 120_000,
    whenItKeepsFailing: 'gives-up',
    run: (job) => send(deps, job),
  };
}

async function send(deps: WeeklyLetterDeps, { payload, signal }: ClaimedJob): Promise<JobOutcome> {
  const { mailer, log, clock, timings } = deps;
  const letter = payloadOf.parse(payload);
  if (mailer === undefined || clock.now() - letter.at > timings.mailGiveUpMs) return done;
  const mail = await compose(deps, letter);
  if (mail === undefined) return done;
  try {
    await mailer.send(mail, signal);
  } catch (error) {
    if (!(error instanceof MailError) || error.kind !== 'refused') throw error;
    log.warn({ err: error, user: letter.userId, team: letter.teamId }, 'a mail about a week was refused for good');
  }
  return done;
}

/** Undefined: nobody wants it any more, or may have it. */
async function compose(deps: WeeklyLetterDeps, letter: Letter): Promise<Mail | undefined> {
  const { db, people, teamStore } = deps;
  const [isWanted, account, team, role] = await Promise.all([
    isTurnedOn(db.knex, letter),
    people.find(letter.userId),
    teamStore.find(letter.teamId),
    teamStore.role(letter),
  ]);
  if (!isWanted || account === undefined || account.disabledAt !== null) return undefined;
  if (team === undefined || role === undefined) return undefined;
  const week = await readWeek(deps, { teamId: team.id, role });
  const speech = deps.texts.speech(account.language ?? deps.siteLanguage());
  const { publicUrl } = deps;
  const words = weekInWords(week, { speech, publicUrl, teamId: team.id, zone: team.zone, now: deps.clock.now() });
  const unsubscribeUrl = `${publicUrl}/account/weekly/${team.id}`;
  const subject = speech.t('weekly:mail.subject', { team: oneLine(team.name) });
  const model = {
    ...{ t: speech.t, lang: speech.language, site: deps.siteName(), subject, ...words },
    ...{ team: oneLine(team.name), name: oneLine(account.name), unsubscribeUrl },
  };
  const texts = deps.pages.render('weekly', model, speech.say);
  return { ...texts, subject, to: addressOf(account), id: idOf(letter), unsubscribeUrl };
}

function addressOf({ name, email }: Account): Mail['to'] {
  return { name, address: email };
}

/** The same person, team and week: the same mail, also when it is sent again after a crash. */
function idOf({ userId, teamId, at }: Letter): string {
  return createHash('sha256').update(`weekly/${userId}/${teamId}/${at}`).digest('hex').slice(0, 32);
}
