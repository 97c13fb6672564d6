import type { Clock, DoctorCheck, DoctorLook, Finding, Log, Translate } from '#plugin-api';

/** A check under the name by which its finding is kept, e.g. `network.clock`. */
export interface NamedCheck {
  readonly name: string;
  readonly check: DoctorCheck;
  /** The plugin that brings it; null for the installation's own. */
  readonly plugin: string | null;
  readonly look: Omit<DoctorLook, 'signal' | 'fetchOwn'> & {
    fetchOwn(path: string, signal: AbortSignal): ReturnType<DoctorLook['fetchOwn']>;
  };
}

export interface CheckRun {
  readonly name: string;
  readonly finding: Finding;
  /** UTC milliseconds. */
  readonly at: number;
}

interface RunParts {
  readonly t: Translate;
  readonly clock: Clock;
  readonly log: Log;
  /** How long one check may take. */
  readonly withinMs: number;
}

/** Findings of the runner itself. */
export const runnerOutcomes = {
  'too-long': { tone: 'warn' },
  broken: { tone: 'warn' },
  'no-database': { tone: 'warn' },
  behind: { tone: 'warn' },
  'no-start': { tone: 'warn' },
} as const;

/** All side by side. One that hangs or breaks is told as such, and the others stand. */
export function runChecks(checks: readonly NamedCheck[], parts: RunParts): Promise<readonly CheckRun[]> {
  return Promise.all(
    checks.map(async (named) => ({
      name: named.name,
      finding: await runCheck(named, parts),
      at: parts.clock.now(),
    })),
  );
}

async function runCheck({ name, check, look }: NamedCheck, { t, log, withinMs }: RunParts): Promise<Finding> {
  const end = new AbortController();
  const { signal } = end;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(unfinished(t, 'too-long', { seconds: Math.round(withinMs / 1000) })), withinMs);
  });
  try {
    const fetchOwn = (path: string) => look.fetchOwn(path, signal);
    return await Promise.race([check.run({ ...look, fetchOwn, signal }), late]);
  } catch (error) {
    log.error({ err: error, check: name }, 'a check of the setup broke off');
    return unfinished(t, 'broken', {});
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

/** What stands in place of a finding where a check was not made, or not to its end. */
export function unfinished(
  t: Translate,
  kind: keyof typeof runnerOutcomes,
  values: Readonly<Record<string, number>>,
): Finding {
  return {
    ...{ tone: runnerOutcomes[kind].tone, kind, steps: [], links: [] },
    sentence: t(`doctor:runner.${kind}.sentence`, values),
    meaning: t(`doctor:runner.${kind}.meaning`, values),
  };
}
