import { type DoctorLook, type Finding, findingsOf, type OwnAnswer, type Translate } from '#plugin-api';
import { isLoopbackHost } from '../config/public-url.ts';
import { withoutMarks } from '../language/deferred-text.ts';

export const addressOutcomes = {
  ok: { tone: 'ok' },
  local: { tone: 'warn', who: 'admin', steps: 2 },
  'no-answer': { tone: 'bad', who: 'admin', steps: 3 },
  name: { tone: 'bad', who: 'admin', steps: 2 },
  private: { tone: 'bad', who: 'admin', steps: 2 },
  certificate: { tone: 'bad', who: 'admin', steps: 2 },
  redirects: { tone: 'bad', who: 'admin', steps: 2 },
  status: { tone: 'bad', who: 'admin', steps: 2 },
  other: { tone: 'bad', who: 'admin', steps: 2 },
} as const;

/** Whether the public address is https and leads here. */
export function addressCheck({ t, publicUrl }: { readonly t: Translate; readonly publicUrl: string }) {
  const found = findingsOf(t, 'doctor:address', addressOutcomes);
  const run = async (look: DoctorLook): Promise<Finding> => {
    const answer = await look.fetchOwn('/healthz');
    const values = { address: publicUrl };
    if (answer.kind === 'none') return found(answer.why, { values, code: answer.code });
    if (answer.status >= 300 && answer.status < 400) {
      return found('redirects', { values: { ...values, target: shortened(answer.location) } });
    }
    if (answer.status !== 200) return found('status', { values: { ...values, status: answer.status } });
    if (!isOurs(answer)) return found('other', { values });
    return found(isLoopbackHost(new URL(publicUrl).hostname) ? 'local' : 'ok', { values });
  };
  return { id: 'address', label: t('doctor:address.label'), run };
}

/** What `/healthz` says here. */
function isOurs({ body }: Extract<OwnAnswer, { kind: 'answer' }>): boolean {
  return Buffer.from(body).toString('utf8') === '{"status":"ok"}';
}

/** Somebody else's words on our page. */
function shortened(words: string): string {
  return withoutMarks(words)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 200);
}
