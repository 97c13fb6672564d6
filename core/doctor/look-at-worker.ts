import { type DoctorCheck, type Finding, findingsOf, type Translate } from '#plugin-api';
import type { Snapshot } from '../operations/snapshot.ts';

export const workerOutcomes = {
  ok: { tone: 'ok' },
  none: { tone: 'bad', who: 'admin', steps: 2 },
  silent: { tone: 'bad', who: 'admin', steps: 2 },
  late: { tone: 'warn', who: 'admin', steps: 2 },
} as const;

/** Work that is due waits longer than this only where workers cannot keep up. */
const lateMs = 300_000;

interface WorkerParts {
  readonly t: Translate;
  readonly operations: { snapshot(): Promise<Pick<Snapshot, 'at' | 'lagMs' | 'workers'>> };
}

/** Whether anybody does what is due. */
export function workerCheck({ t, operations }: WorkerParts): DoctorCheck {
  const found = findingsOf(t, 'doctor:worker', workerOutcomes);
  const run = async (): Promise<Finding> => {
    const { at, lagMs, workers } = await operations.snapshot();
    const links = [{ label: t('doctor:worker.open'), href: '/admin/jobs' }];
    const alive = workers.filter(({ isSilent }) => !isSilent);
    const seenAt = workers.length === 0 ? undefined : Math.max(...workers.map((worker) => worker.seenAt));
    if (seenAt === undefined) return found('none', { links });
    if (alive.length === 0) return found('silent', { links, at: seenAt });
    if (lagMs > lateMs) return found('late', { links, values: { minutes: Math.round(lagMs / 60_000) } });
    const running = alive.reduce((sum, { slotsInUse }) => sum + slotsInUse, 0);
    return found('ok', { values: { count: alive.length, seconds: Math.round((at - seenAt) / 1000), running } });
  };
  return { id: 'worker', label: t('doctor:worker.label'), run };
}
