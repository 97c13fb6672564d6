import type { Snapshot } from './snapshot.ts';

type Labels = Readonly<Record<string, string | number>>;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

/** The content type of Prometheus' text format. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * A snapshot in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). Labels name kinds,
 * hosts and endpoints: nothing of a person, a team or a channel, and no secret. docs/OPERATIONS.md says what to do
 * about each.
 */
export function metricsText(snapshot: Snapshot): string {
  return [...jobMetrics(snapshot), ...workerMetrics(snapshot), ...networkMetrics(snapshot)].map(linesOf).join('');
}

function jobMetrics({ jobs, lagMs }: Snapshot): readonly Metric[] {
  return [
    gauge('castdeck_jobs', 'Jobs by state, each counted up to 10001.', [
      [{ state: 'waiting' }, jobs.waiting],
      [{ state: 'running' }, jobs.running],
      [{ state: 'failed' }, jobs.failed],
    ]),
    gauge('castdeck_jobs_due', 'Waiting jobs whose time has come, counted up to 10001.', [[{}, jobs.due]]),
    gauge('castdeck_jobs_retrying', 'Jobs that failed and are tried again, among the 1000 that are next.', [
      [{}, jobs.retrying],
    ]),
    gauge('castdeck_jobs_lag_seconds', 'How late the oldest due job is.', [[{}, lagMs / 1_000]]),
  ];
}

function workerMetrics({ at, workers }: Snapshot): readonly Metric[] {
  const alive = workers.filter(({ isSilent }) => !isSilent);
  const named = (list: Snapshot['workers'], of: (worker: Snapshot['workers'][number]) => number) =>
    list.map((worker) => [{ worker: `${worker.host}:${worker.pid}` }, of(worker)] as const);
  return [
    gauge('castdeck_workers', 'Workers whose heartbeat is fresh.', [[{}, alive.length]]),
    gauge(
      'castdeck_worker_heartbeat_age_seconds',
      'How old the last heartbeat is.',
      named(workers, ({ seenAt }) => Math.max(0, at - seenAt) / 1_000),
    ),
    gauge(
      'castdeck_worker_slots',
      'Jobs that a worker runs at once.',
      named(alive, ({ slots }) => slots),
    ),
    gauge(
      'castdeck_worker_slots_in_use',
      'Jobs that a worker runs now.',
      named(alive, ({ slotsInUse }) => slotsInUse),
    ),
  ];
}

function networkMetrics({ breakers, windows, calls }: Snapshot): readonly Metric[] {
  return [
    gauge(
      'castdeck_breaker_open',
      '1 while a worker holds back calls to a host that does not answer.',
      breakers.map(({ host, worker, state }) => {
        return [{ host, worker: `${worker.host}:${worker.pid}` }, state === 'closed' ? 0 : 1];
      }),
    ),
    gauge(
      'castdeck_call_windows',
      'Windows of calls that hold a place now.',
      windows.map(({ name, inUse }) => [{ window: name }, inUse]),
    ),
    gauge(
      'castdeck_call_windows_full',
      'Windows of calls without a free place.',
      windows.map(({ name, full }) => [{ window: name }, full]),
    ),
    gauge(
      'castdeck_network_calls_24h',
      'Calls to networks in the last 24 hours.',
      calls.flatMap(({ plugin, endpoint, ...counts }) => [
        [{ plugin, endpoint, result: 'answered' }, counts.calls - counts.refused - counts.failed],
        [{ plugin, endpoint, result: 'refused' }, counts.refused],
        [{ plugin, endpoint, result: 'failed' }, counts.failed],
      ]),
    ),
  ];
}

function gauge(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, help, samples };
}

/** Of two with the same labels the first: a container that was killed comes back with its old name and process number. */
function linesOf({ name, help, samples }: Metric): string {
  const lines = new Map<string, string>();
  for (const [labels, value] of samples) {
    const series = `${name}${labelsOf(labels)}`;
    if (!lines.has(series)) lines.set(series, `${series} ${value}`);
  }
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines.values(), ''].join('\n');
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash, quote and line feed, as the format has it. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
