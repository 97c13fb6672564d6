import type { Database } from '../../../core/db/database.ts';
import { createEventLog, type EventLog } from '../../../core/events/event-log.ts';
import { jobsRoutes } from '../../../core/operations/jobs-routes.ts';
import { metricsRoutes } from '../../../core/operations/metrics-routes.ts';
import { createOperationsService } from '../../../core/operations/operations-service.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { findStanding } from '../../../core/auth/standing.ts';
import { createJobQueue } from '../../../core/queue/job-queue.ts';
import { standardTimings } from '../../../core/timings.ts';
import type { Person } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';

export interface OperationsWorld {
  readonly web: TestApp;
  readonly events: EventLog;
  readonly admin: Person;
  readonly browser: TestBrowser;
}

/** The pages of the operator, and an admin signed in before them. */
export async function openOperations(
  db: Database,
  options: { readonly metricsToken?: string; readonly publicUrl?: string } = {},
): Promise<OperationsWorld> {
  const web = await createTestApp({
    db,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    routes: ({ clock, t }) => {
      const parts = { db, clock, t, timings: standardTimings };
      const operations = createOperationsService({
        ...parts,
        queue: createJobQueue(parts),
        events: createEventLog(parts),
      });
      const people = new PersonStore(db.knex);
      return [
        ...jobsRoutes({ operations, findStanding: (id) => findStanding(people, id) }),
        ...metricsRoutes({ operations, ...options }),
      ];
    },
  });
  const admin = await createPerson(db, { isAdmin: true, name: 'Ines Holm' });
  return { web, events: createEventLog(web), admin, browser: await web.signIn(admin) };
}

interface JobFacts {
  readonly kind?: string;
  readonly key?: string;
  readonly state?: 'waiting' | 'running' | 'failed' | 'finished';
  readonly runAt?: number;
  readonly failures?: number;
  readonly lastError?: string;
  readonly owner?: string;
}

let keys = 0;

/** @returns its number */
export async function addJob(db: Database, facts: JobFacts = {}): Promise<number> {
  keys += 1;
  const { kind = 'paperboy:sync', key = String(keys), state = 'waiting', runAt = 0, failures = 0 } = facts;
  const { lastError = null, owner = null } = facts;
  const times = { run_at: runAt, created_at: 0, updated_at: 0 };
  const row = { kind, key, payload: '{}', state, failures, last_error: lastError, lease_owner: owner, ...times };
  const [id = 0] = await db.knex('jobs').insert(row);
  return id;
}

interface WorkerFacts {
  readonly seenAt: number;
  readonly pid?: number;
  readonly facts?: object;
}

export async function addWorker(db: Database, { seenAt, pid = 4_711, facts = {} }: WorkerFacts): Promise<void> {
  const row = { id: `worker-${pid}`, host: 'desk-1', pid, started_at: 0, seen_at: seenAt };
  await db.knex('workers').insert({ ...row, facts: JSON.stringify({ slots: 10, running: 3, ...facts }) });
}
