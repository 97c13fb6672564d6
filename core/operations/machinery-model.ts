import type { Translate } from '#plugin-api';
import { countInWords, type Reader } from './jobs-model.ts';
import type { Snapshot } from './snapshot.ts';

/** A job this late is worth a sentence: a worker looks every second. */
const lateMs = 60_000;

/** How things stand now, as the page shows it. */
export function machineryOf(reader: Reader, snapshot: Snapshot) {
  const { t } = reader;
  const { at, jobs, oldestDueAt, lagMs, workers, breakers, windows, calls } = snapshot;
  const alive = workers.filter(({ isSilent }) => !isSilent);
  const sum = (of: (worker: Snapshot['workers'][number]) => number) => alive.reduce((all, one) => all + of(one), 0);
  return {
    at,
    notes: notesOf(t, snapshot),
    facts: [
      { label: t('jobs:fact.waiting'), value: countInWords(reader, jobs.waiting) },
      { label: t('jobs:fact.due'), value: countInWords(reader, jobs.due) },
      {
        label: t('jobs:fact.retrying'),
        value: countInWords(reader, jobs.retrying),
        tone: jobs.retrying > 0 ? 'warn' : null,
      },
      { label: t('jobs:fact.running'), value: countInWords(reader, jobs.running) },
      { label: t('jobs:fact.failed'), value: countInWords(reader, jobs.failed), tone: jobs.failed > 0 ? 'bad' : null },
      { label: t('jobs:fact.lag'), value: durationInWords(t, lagMs), tone: lagMs >= lateMs ? 'warn' : null },
      { label: t('jobs:fact.oldestDue'), at: oldestDueAt, value: '–' },
      {
        label: t('jobs:fact.slots'),
        value: t('jobs:of', { n: sum((one) => one.slotsInUse), all: sum((one) => one.slots) }),
      },
    ],
    workers,
    breakers: [...breakers].sort((a, b) => rank(a.state) - rank(b.state) || a.host.localeCompare(b.host)),
    windows,
    calls,
  };
}

function rank(state: string): number {
  return ['open', 'probing', 'closed'].indexOf(state);
}

/** What somebody should do something about, the gravest first; two at most. */
function notesOf(t: Translate, { jobs, lagMs, workers, breakers }: Snapshot) {
  const found = [];
  const open = [...new Set(breakers.filter(({ state }) => state !== 'closed').map(({ host }) => host))];
  if (workers.every(({ isSilent }) => isSilent)) found.push(note(t, 'noWorker', { tone: 'bad' }));
  else if (lagMs >= lateMs) found.push(note(t, 'late', { tone: 'warn', values: { lag: durationInWords(t, lagMs) } }));
  if (open.length > 0) found.push(note(t, 'open', { tone: 'warn', values: { hosts: open.join(', ') } }));
  if (jobs.failed > 0) {
    const acts = [{ label: t('jobs:note.failedAct'), href: '/admin/jobs?state=failed' }];
    found.push({ ...note(t, 'failed', { tone: 'bad', values: { count: jobs.failed } }), acts });
  }
  return found.slice(0, 2);
}

interface NoteFacts {
  readonly tone: 'bad' | 'warn';
  readonly values?: Readonly<Record<string, string | number>>;
}

function note(t: Translate, name: string, { tone, values = {} }: NoteFacts) {
  return { tone, title: t(`jobs:note.${name}`, values), text: t(`jobs:note.${name}Text`, values) };
}

const units = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
] as const;

/** “0 s”, “45 s”, “12 min”, “3 h”, “2 d”. */
function durationInWords(t: Translate, ms: number): string {
  const [unit, length] = units.find(([, least]) => ms >= least) ?? ['seconds', 1_000];
  return t(`jobs:duration.${unit}`, { n: Math.floor(ms / length) });
}
