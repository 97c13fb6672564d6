import { NotFoundError } from '../errors.ts';
import type { PersonContext, Route } from '../web/route.ts';
import { type JobAct, type JobKey, type JobPlace, type JobState, jobStates } from './job-list.ts';
import { jobRows, stateTabs } from './jobs-model.ts';
import { machineryOf } from './machinery-model.ts';
import type { OperationsService } from './operations-service.ts';
import type { Snapshot } from './snapshot.ts';

export interface JobsRouteParts {
  readonly operations: OperationsService;
  /** The teams a person is a member of: an admin follows a delivery to its post only from inside its team. */
  readonly findStanding: (
    userId: number,
  ) => Promise<{ readonly teams: readonly { readonly id: number }[] } | undefined>;
}

const address = '/admin/jobs';
const jobsOnAPage = 25;

/** Jobs: what workers do, how they are, and what an admin may do with work that is no delivery. */
export function jobsRoutes(parts: JobsRouteParts): readonly Route[] {
  const act = { method: 'post', permission: 'admin' } as const;
  return [
    { method: 'get', path: address, permission: 'admin', handle: (context) => showJobs(parts, context) },
    { method: 'get', path: `${address}/now`, permission: 'admin', handle: (context) => showNow(parts, context) },
    { ...act, path: `${address}/:job/retry`, handle: (context: PersonContext) => actOnJob(parts, context, 'retry') },
    {
      ...act,
      path: `${address}/:job/discarding`,
      handle: (context: PersonContext) => actOnJob(parts, context, 'discard'),
    },
  ];
}

async function showJobs(parts: JobsRouteParts, context: PersonContext): Promise<void> {
  const { t } = context;
  const snapshot = await parts.operations.snapshot();
  await context.page('admin/jobs', {
    title: t('jobs:title'),
    current: 'jobs',
    pageStyles: ['jobs'],
    scripts: ['js/live.js'],
    liveUrl: `${address}/now`,
    now: machineryOf(context, snapshot),
    ...(await listModel(parts, context, snapshot)),
  });
}

async function listModel(parts: JobsRouteParts, context: PersonContext, snapshot: Snapshot) {
  const { t, query } = context;
  const kinds = await parts.operations.kinds();
  const state = jobStates.find((known) => known === query['state']) ?? 'waiting';
  const kind = kinds.find((known) => known === query['kind']);
  const page = await parts.operations.page({ state, kind, limit: jobsOnAPage, ...turnOf(context) });
  const hasDeliveries = page.jobs.some(({ delivery }) => delivery !== null);
  const teamIds = hasDeliveries ? await teamsOf(parts, context) : new Set<number>();
  const hrefOf = (name: string, key: JobKey | null) =>
    key === null ? null : `${listAddress(state, kind)}&${name}=${key.runAt}.${key.id}`;
  return {
    ...{ state, kind: kind ?? '' },
    kindOptions: [{ value: '', label: t('jobs:list.anyKind') }, ...kinds.map((name) => ({ value: name, label: name }))],
    tabs: stateTabs(context, {
      counts: snapshot.jobs,
      state,
      hrefOf: (one) => listAddress(one, kind),
      isOfOneKind: kind !== undefined,
    }),
    rows: jobRows(page.jobs, { workers: snapshot.workers, teamIds, at: snapshot.at }),
    pager: {
      newerHref: hrefOf('before', page.earlier),
      olderHref: hrefOf('after', page.later),
      newer: t('jobs:list.earlier'),
      older: t('jobs:list.later'),
      text: t('jobs:list.shown', { count: page.jobs.length }),
    },
  };
}

function turnOf({ query }: PersonContext): Pick<JobPlace, 'after' | 'before'> {
  const [after, before] = [readKey(query['after']), readKey(query['before'])];
  return before !== undefined ? { before } : after !== undefined ? { after } : {};
}

/** The parts that change by themselves, for the page's script. */
async function showNow({ operations }: JobsRouteParts, context: PersonContext): Promise<void> {
  const now = machineryOf(context, await operations.snapshot());
  await context.page('admin/jobs-now', { title: context.t('jobs:title'), now });
}

async function teamsOf(parts: JobsRouteParts, { person }: PersonContext): Promise<ReadonlySet<number>> {
  const standing = await parts.findStanding(person.id);
  return new Set(standing?.teams.map(({ id }) => id));
}

function listAddress(state: JobState, kind: string | undefined): string {
  return `${address}?state=${state}${kind === undefined ? '' : `&kind=${encodeURIComponent(kind)}`}`;
}

/** `<run_at>.<id>` as our own links carry it. */
function readKey(text: string | undefined): JobKey | undefined {
  const [, runAt, id] = /^(\d{1,15})\.([1-9]\d{0,14})$/.exec(text ?? '') ?? [];
  return runAt === undefined || id === undefined ? undefined : { runAt: Number(runAt), id: Number(id) };
}

async function actOnJob({ operations }: JobsRouteParts, context: PersonContext, act: JobAct): Promise<void> {
  const { params, person, t } = context;
  const { job = '' } = params;
  if (!/^[1-9]\d{0,14}$/.test(job)) throw new NotFoundError('There is no such job.');
  const { id, kind, state } = await operations.act(person.id, Number(job), act);
  context.flash('ok', t(act === 'retry' ? 'jobs:done.retry' : 'jobs:done.discard', { id, kind }));
  context.redirect(`${address}?state=${state}`);
}
