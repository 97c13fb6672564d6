import { type Clock, type DoctorCheck, type DoctorLook, type Finding, findingsOf, type Translate } from '#plugin-api';

export const webhookOutcomes = {
  ok: { tone: 'ok' },
  none: { tone: 'warn', who: 'admin', steps: 3 },
  signature: { tone: 'warn', who: 'admin', steps: 3 },
  'other-app': { tone: 'warn', who: 'admin', steps: 2 },
} as const;

/** As long as TikTok repeats an event: developers.tiktok.com/doc/webhooks-overview */
const latelyMs = 72 * 60 * 60 * 1000;

interface WebhookParts {
  readonly t: Translate;
  readonly clock: Clock;
  readonly webhookUrl: string;
}

/** Whether TikTok's events arrive, and whether their signature is made with the secret we know. */
export function webhookCheck({ t, clock, webhookUrl }: WebhookParts): DoctorCheck {
  const found = findingsOf(t, 'tiktok-doctor:webhook', webhookOutcomes);
  const run = async (look: DoctorLook): Promise<Finding> => {
    const { lastTakenAt, refusedAt } = await look.webhooks();
    const values = { address: webhookUrl };
    const since = Math.max(lastTakenAt ?? 0, clock.now() - latelyMs);
    const isLate = (at: number | undefined): at is number => at !== undefined && at > since;
    const [unsigned, foreign] = [refusedAt['wrongSignature'], refusedAt['otherApp']];
    if (isLate(unsigned)) return found('signature', { values, at: unsigned, code: 'webhook_wrong_signature' });
    if (isLate(foreign)) return found('other-app', { values, at: foreign, code: 'webhook_other_app' });
    if (lastTakenAt === undefined) return found('none', { values, code: 'webhook_no_events' });
    return found('ok', { values, at: lastTakenAt });
  };
  return { id: 'webhook', label: t('tiktok-doctor:webhook.label'), run };
}
