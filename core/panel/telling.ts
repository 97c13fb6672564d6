import { createMailPages } from '../mail/mail-pages.ts';
import { createSmtpMailer, type Mailer } from '../mail/mailer.ts';
import { forgettingOldNotifications, tellingOfEndingAccess } from '../notifications/notification-upkeep.ts';
import { sendingMails } from '../notifications/send-mails.ts';
import { letterHandlers } from '../letters/letter-handlers.ts';
import type { JobHandler } from '../queue/job-queue.ts';
import type { RecurringWork } from '../queue/recurring.ts';
import { mailWithSender } from '../site/identity.ts';
import { weeklyLetterHandler } from '../weekly/weekly-letter.ts';
import { puttingWeeklyLetters } from '../weekly/weekly-work.ts';
import type { Foundation } from './foundation.ts';
import type { Services } from './services.ts';

/** What a worker does so that people are told. */
export function telling(
  base: Foundation,
  { registry, errorLibrary, queue }: Pick<Services, 'registry' | 'errorLibrary' | 'queue'>,
): readonly RecurringWork[] {
  const { publicUrl } = base.config;
  const mails = sendingMails({
    ...base,
    publicUrl,
    pages: createMailPages(),
    mailer: mailerOf(base),
    networkName: (id) => registry.find(id)?.plugin.name ?? id,
    errorHref: (code) => errorLibrary.href(code),
  });
  return [
    { ...mails, run: knowing(base, (signal: AbortSignal) => mails.run(signal)) },
    tellingOfEndingAccess(base),
    puttingWeeklyLetters({ ...base, queue }),
    forgettingOldNotifications(base),
  ];
}

/** What a worker does so that links reach people by mail. */
export function letters(base: Foundation, services: Services): readonly JobHandler[] {
  const parts = { ...base, ...services, publicUrl: base.config.publicUrl, pages: createMailPages() };
  const sending = { ...parts, mailer: mailerOf(base) };
  const handlers = [...letterHandlers(sending), weeklyLetterHandler(sending)];
  return handlers.map((handler) => ({
    ...handler,
    run: knowing(base, (job: Parameters<JobHandler['run']>[0]) => handler.run(job)),
  }));
}

/** The sender is what an admin chose; undefined: this installation sends no mail. */
function mailerOf({ config, identity }: Foundation): Mailer | undefined {
  const mail = mailWithSender(config.mail, identity);
  return mail === undefined ? undefined : createSmtpMailer(mail);
}

/** A worker serves no page that would tell it of another name or sender, so it looks before it writes. */
function knowing<A extends readonly unknown[], R>({ identity }: Foundation, run: (...about: A) => Promise<R>) {
  return async (...about: A): Promise<R> => {
    await identity.freshen();
    return run(...about);
  };
}
