import type { Translate } from '#plugin-api';
import { publishJobKind } from '../deliveries/publishing-context.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { recurringKey } from '../queue/recurring.ts';
import type { JobAct, JobPage, JobPlace, ListedJob } from './job-list.ts';
import { type FoundJob, pageOfJobs, selectDeliveryPlaces, selectJob, selectKinds } from './job-list-store.ts';
import type { Snapshot } from './snapshot.ts';
import { type SnapshotDeps, takeSnapshot } from './take-snapshot.ts';

/** What an operator sees of the background work, and may do with it. */
export interface OperationsService {
  snapshot(): Promise<Snapshot>;
  /** Three statements at most, however many jobs there are. */
  page(place: JobPlace): Promise<JobPage>;
  /** Every kind of job there is, by name. */
  kinds(): Promise<readonly string[]>;
  /**
   * Retry runs the job now, from its beginning; discard lets it be. Both are recorded.
   * @throws NotFoundError, ConflictError when it is running, finished, or no job to be acted on here
   */
  act(actorId: number, jobId: number, act: JobAct): Promise<FoundJob>;
}

export interface OperationsDeps extends SnapshotDeps {
  readonly queue: Pick<JobQueue, 'retryJob' | 'discardJob'>;
  readonly events: EventLog;
  readonly t: Translate;
}

export function createOperationsService(deps: OperationsDeps): OperationsService {
  return {
    snapshot: () => takeSnapshot(deps),
    page: (place) => readPage(deps, place),
    kinds: () => selectKinds({ sql: deps.db.knex, kind: deps.db.kind }),
    act: (actorId, jobId, act) => actOn(deps, actorId, { jobId, act }),
  };
}

async function readPage({ db }: OperationsDeps, place: JobPlace): Promise<JobPage> {
  const reader = { sql: db.knex, kind: db.kind };
  const { jobs, ...keys } = await pageOfJobs(reader, { ...place, isOfMany: place.kind === publishJobKind });
  const deliveryIds = jobs.flatMap((job) => deliveryIdOf(job) ?? []);
  const places = await selectDeliveryPlaces(db.knex, deliveryIds);
  return {
    ...keys,
    jobs: jobs.map((job) => ({ ...job, delivery: places.get(deliveryIdOf(job) ?? 0) ?? null, acts: actsOn(job) })),
  };
}

/** A delivery's job has the delivery's number as its key. */
function deliveryIdOf({ kind, key }: Pick<ListedJob, 'kind' | 'key'>): number | undefined {
  return kind === publishJobKind && /^[1-9]\d{0,14}$/.test(key) ? Number(key) : undefined;
}

/**
 * What may be done with a job here. What becomes of a delivery is decided at its post, where its timeline stands. Work
 * that comes back by itself cannot be discarded: nothing would bring it back.
 */
function actsOn({ kind, key, state }: Pick<FoundJob, 'kind' | 'key' | 'state'>): readonly JobAct[] {
  if (kind === publishJobKind || (state !== 'waiting' && state !== 'failed')) return [];
  return key === recurringKey ? ['retry'] : ['retry', 'discard'];
}

async function actOn(
  { db, queue, events, t }: OperationsDeps,
  actorId: number,
  { jobId, act }: { readonly jobId: number; readonly act: JobAct },
): Promise<FoundJob> {
  return db.transaction(async (sql) => {
    const job = await selectJob(sql, jobId);
    if (job === undefined) throw new NotFoundError('There is no such job.');
    if (!actsOn(job).includes(act)) throw refusal(t, job);
    const isDone = act === 'retry' ? await queue.retryJob(job.id, sql) : await queue.discardJob(job.id, sql);
    // Between the two statements a worker took it.
    if (!isDone) throw refusal(t, { ...job, state: 'running' });
    await events.record(
      {
        ...{ teamId: null, actorId, subject: 'job', subjectId: job.id },
        kind: act === 'retry' ? 'job.retried' : 'job.discarded',
        facts: { kind: job.kind, key: job.key, state: job.state },
      },
      sql,
    );
    return job;
  });
}

function refusal(t: Translate, { kind, key, state }: FoundJob): ConflictError {
  const reason =
    kind === publishJobKind
      ? 'delivery'
      : state === 'running' || state === 'finished'
        ? state
        : key === recurringKey
          ? 'recurring'
          : 'finished';
  return new ConflictError(t(`jobs:refused.${reason}`), {
    help: t(`jobs:refused.${reason}Help`),
    code: `job_${reason}`,
  });
}
