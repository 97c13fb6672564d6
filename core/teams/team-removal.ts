import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Clock, Log, Translate } from '#plugin-api';
import type { PersonStore } from '../auth/person-store.ts';
import type { Database } from '../db/database.ts';
import { takeTeamFromWorkers } from '../deliveries/wake-store.ts';
import { ConflictError, InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { ClaimedJob, JobHandler, JobOutcome, JobQueue } from '../queue/job-queue.ts';
import type { TeamContents, TeamRemovalStore, UnderWay } from './team-removal-store.ts';
import type { Team, TeamStore } from './team-store.ts';

/** What deleting a team takes along, and what stands in its way. */
interface RemovalPlan {
  readonly team: Team;
  readonly contents: TeamContents;
  /** While there is one, deleting is refused. */
  readonly underWay: readonly UnderWay[];
}

/** Deleting a team: it is gone for everybody at once, its records go in the background. */
export interface TeamRemoval {
  /** @throws NotFoundError */
  plan(teamId: number): Promise<RemovalPlan>;
  /**
   * @param typed the team's name, so that nobody deletes another one
   * @throws NotFoundError, InputError at name, ConflictError while a delivery is past its point of no return
   */
  begin(actorId: number, teamId: number, typed: string | undefined): Promise<Team>;
}

interface RemovalParts {
  readonly db: Database;
  readonly teams: Pick<TeamStore, 'find'>;
  readonly store: TeamRemovalStore;
  readonly queue: Pick<JobQueue, 'enqueue'>;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}

const removalKind = 'remove-team';

export function createTeamRemoval(parts: RemovalParts): TeamRemoval {
  const { teams, store } = parts;
  const find = async (teamId: number): Promise<Team> => {
    const team = await teams.find(teamId);
    if (team === undefined) throw new NotFoundError('There is no such team.');
    return team;
  };
  return {
    plan: async (teamId) => ({
      team: await find(teamId),
      contents: await store.contents(teamId),
      underWay: await store.underWay(teamId),
    }),
    begin: async (actorId, teamId, typed) => {
      const team = await find(teamId);
      if (plain(typed ?? '') !== plain(team.name)) {
        const message = parts.t('teams:deletion.nameWrong', { name: team.name });
        throw new InputError([{ field: 'name', message }]);
      }
      await begin(parts, actorId, team);
      return team;
    },
  };
}

/** Blanks at the ends and between words, and ways of writing one letter, are no other name. */
function plain(name: string): string {
  return name.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
}

async function begin({ db, store, queue, events, clock, t }: RemovalParts, actorId: number, team: Team): Promise<void> {
  await db.transaction(async (sql) => {
    const now = clock.now();
    if (!(await store.mark(team.id, now, sql))) throw new NotFoundError('There is no such team.');
    await store.shut(team.id, now, sql);
    // In this order: what is not past its point of no return now never will be.
    await takeTeamFromWorkers(sql, team.id, now);
    if ((await store.underWay(team.id, sql)).length > 0) {
      throw new ConflictError(t('teams:deletion.underWay', { name: team.name }), {
        help: t('teams:deletion.underWayHelp'),
      });
    }
    const { channels, posts, files } = await store.contents(team.id, sql);
    const about = { teamId: team.id, actorId, subject: 'team', subjectId: team.id } as const;
    await events.record({ ...about, kind: 'team.deleted', facts: { name: team.name, channels, posts, files } }, sql);
    const payload = { by: actorId };
    await queue.enqueue({ kind: removalKind, key: String(team.id), payload, runAt: now }, sql);
  });
}

interface RemovalHandlerParts {
  readonly db: Database;
  readonly store: TeamRemovalStore;
  readonly people: Pick<PersonStore, 'find'>;
  readonly channels: {
    list(teamId: number): Promise<readonly { readonly id: number }[]>;
    disconnect(actor: { readonly id: number; readonly name: string }, teamId: number, id: number): Promise<unknown>;
  };
  readonly credentials: { revokeIfUnused(credentialId: number): Promise<boolean> };
  readonly mediaFolder: string;
  readonly avatarFile: (name: string) => string;
  /** Where its plugin keeps files about a channel. */
  readonly channelFolder: (channel: { readonly id: number; readonly plugin: string }) => string;
  readonly clock: Clock;
  readonly log: Log;
}

const payloadShape = z.object({ by: z.int() });
const patienceMs = 30_000;

/** What removes the records of a deleted team: each step may be taken again, so it goes on where a process died. */
export function teamRemovalHandler(parts: RemovalHandlerParts): JobHandler {
  return { kind: removalKind, whenItKeepsFailing: 'rests', run: (job) => remove(parts, job) };
}

async function remove(parts: RemovalHandlerParts, job: ClaimedJob): Promise<JobOutcome> {
  const { db, store, clock, log } = parts;
  const teamId = Number(job.key);
  if (!(await store.isMarked(teamId))) return { kind: 'done' };
  const later: JobOutcome = { kind: 'again', at: clock.now() + patienceMs };
  const isQuiet = await disconnectAll(parts, job, payloadShape.parse(job.payload).by);
  if (job.isStopping()) return { kind: 'again', at: clock.now() };
  if (!isQuiet || (await store.countLive(teamId)) > 0) return later;
  for (const clear of [revokeAll, removeFiles, removeRows]) {
    await clear(parts, job);
    if (job.isStopping()) return { kind: 'again', at: clock.now() };
  }
  if (!(await db.transaction((sql) => store.finish(teamId, sql)))) return later;
  log.info({ team: teamId }, 'a deleted team and its records are gone');
  return { kind: 'done' };
}

/** @returns false while a delivery is past its point of no return after all, and comes to its end */
async function disconnectAll(parts: RemovalHandlerParts, job: ClaimedJob, by: number): Promise<boolean> {
  const teamId = Number(job.key);
  const actor = { id: by, name: (await parts.people.find(by))?.name ?? '' };
  for (const { id } of await parts.channels.list(teamId)) {
    if (job.isStopping()) return false;
    try {
      await parts.channels.disconnect(actor, teamId, id);
    } catch (error) {
      if (error instanceof ConflictError) return false;
      // Somebody disconnected it just now.
      if (!(error instanceof NotFoundError)) throw error;
    }
    job.pieceDone();
  }
  return true;
}

/** Again, in case a process died after it took a channel out: what was told is not told twice. */
async function revokeAll({ store, credentials }: RemovalHandlerParts, job: ClaimedJob): Promise<void> {
  for (const id of await store.credentialIds(Number(job.key))) {
    if (job.isStopping()) return;
    await credentials.revokeIfUnused(id);
    job.pieceDone();
  }
}

async function removeFiles(parts: RemovalHandlerParts, job: ClaimedJob): Promise<void> {
  const { store, mediaFolder, avatarFile, channelFolder } = parts;
  const teamId = Number(job.key);
  const files = (await store.fileNames(teamId)).map((name) => path.join(mediaFolder, path.basename(name)));
  const avatars = (await store.avatars(teamId)).map(avatarFile);
  const ofPlugins = (await store.channels(teamId)).map(channelFolder);
  for (const file of [...files, ...avatars, ...ofPlugins]) {
    if (job.isStopping()) return;
    await rm(file, { force: true, recursive: true });
  }
  job.pieceDone();
}

async function removeRows({ store }: RemovalHandlerParts, job: ClaimedJob): Promise<void> {
  while (!job.isStopping() && (await store.removeSome(Number(job.key))) > 0) job.pieceDone();
}
