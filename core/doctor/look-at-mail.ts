import { type DoctorCheck, type DoctorLook, type Finding, findingsOf, type Translate } from '#plugin-api';
import type { SendingSettings } from '../config/mail-settings.ts';
import { withoutMarks } from '../language/deferred-text.ts';
import { MailError } from '../mail/mail-error.ts';
import { greetMailServer } from '../mail/mailer.ts';

export const mailOutcomes = {
  ok: { tone: 'ok' },
  none: { tone: 'warn', who: 'admin', steps: 2 },
  refused: { tone: 'bad', who: 'admin', steps: 3 },
} as const;

/** Whether the mail server takes our connection and our password; no mail is sent. */
export function mailCheck({
  t,
  mail,
}: {
  readonly t: Translate;
  readonly mail: SendingSettings | undefined;
}): DoctorCheck {
  const found = findingsOf(t, 'doctor:mail', mailOutcomes);
  const run = async (look: DoctorLook): Promise<Finding> => {
    if (mail === undefined) return found('none');
    const values = { server: `${mail.host}:${mail.port}`, sender: mail.from.address };
    try {
      await greetMailServer(mail, look.signal);
      return found('ok', { values });
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      return found('refused', { values: { ...values, reason: withoutMarks(error.reason) }, code: error.code });
    }
  };
  return { id: 'mail', label: t('doctor:mail.label'), run };
}
