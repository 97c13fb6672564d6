import { type DoctorCheck, type Finding, findingsOf, type Translate } from '#plugin-api';
import type { VerificationChecks } from '../site/verification.ts';

export const verificationOutcomes = {
  ok: { tone: 'ok' },
  none: { tone: 'ok' },
  differs: { tone: 'bad', who: 'admin', steps: 2 },
  refused: { tone: 'bad', who: 'admin', steps: 2 },
  unreachable: { tone: 'warn', who: 'admin', steps: 1 },
} as const;

interface VerificationParts {
  readonly t: Translate;
  readonly verification: Pick<VerificationChecks, 'list' | 'check'>;
}

/** The files by which networks learn whose address this is, fetched as they would fetch them. */
export function verificationCheck({ t, verification }: VerificationParts): DoctorCheck {
  const found = findingsOf(t, 'doctor:verification', verificationOutcomes);
  const run = async (): Promise<Finding> => {
    const files = await verification.list();
    const links = [{ label: t('doctor:verification.open'), href: '/admin/site/verification' }];
    if (files.length === 0) return found('none');
    const looks = await Promise.all(files.map(async (file) => ({ file, ...(await verification.check(file)) })));
    const values = { count: files.length, path: files[0]?.place ?? '' };
    const wrong = looks.find(({ isGood }) => !isGood);
    if (wrong === undefined) return found('ok', { values });
    const about = { values: { ...values, path: wrong.file.place, problem: wrong.problems.join(' ') }, links };
    if (wrong.status === undefined) return found('unreachable', about);
    return found(wrong.status === 200 && !wrong.isEqual ? 'differs' : 'refused', about);
  };
  return { id: 'site-verification', label: t('doctor:verification.label'), run };
}
