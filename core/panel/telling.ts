import { createMailPages } from '../mail/mail-pages.ts';
import { createSmtpMailer } from '../mail/mailer.ts';
import { forgettingOldNotifications, tellingOfEndingAccess } from '../notifications/notification-upkeep.ts';
import { sendingMails } from '../notifications/send-mails.ts';
import { letterHandlers } from '../letters/letter-handlers.ts';
import type { JobHandler } from '../queue/job-queue.ts';
import type { RecurringWork } from '../queue/recurring.ts';
import type { Foundation } from './foundation.ts';
import type { Services } from './services.ts';

/** What a worker does so that people are told. */
export function telling(
  base: Foundation,
  { registry, errorLibrary }: Pick<Services, 'registry' | 'errorLibrary'>,
): readonly RecurringWork[] {
  const { mail, publicUrl } = base.config;
  const mails = sendingMails({
    ...base,
    publicUrl,
    pages: createMailPages(),
    mailer: mail === undefined ? undefined : createSmtpMailer(mail),
    networkName: (id) => registry.find(id)?.plugin.name ?? id,
    errorHref: (code) => errorLibrary.href(code),
  });
  return [mails, tellingOfEndingAccess(base), forgettingOldNotifications(base)];
}

/** What a worker does so that links reach people by mail. */
export function letters(base: Foundation, services: Services): readonly JobHandler[] {
  const { mail, publicUrl } = base.config;
  const mailer = mail === undefined ? undefined : createSmtpMailer(mail);
  return letterHandlers({ ...base, ...services, publicUrl, mailer, pages: createMailPages() });
}
