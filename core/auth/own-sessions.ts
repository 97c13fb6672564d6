import { NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { SessionStore } from '../web/session-store.ts';

/** One place where somebody is signed in. */
interface OwnSession {
  /** Names the session on pages; of no use to whoever would take it over. */
  readonly id: string;
  /** What the browser called itself. */
  readonly agent: string;
  readonly address: string;
  /** UTC ms. */
  readonly signedInAt: number;
  readonly seenAt: number;
  readonly isThis: boolean;
}

export interface OwnSessions {
  /** This session first, then by when they were seen last. */
  list(personId: number, thisHash: string): Promise<readonly OwnSession[]>;
  /** @throws NotFoundError for a session of somebody else as for none */
  end(personId: number, id: string): Promise<void>;
  /** @returns how many there were */
  endOthers(personId: number, thisHash: string): Promise<number>;
}

export function createOwnSessions({
  sessions,
  events,
}: {
  readonly sessions: SessionStore;
  readonly events: EventLog;
}): OwnSessions {
  const record = (id: number, count: number): Promise<void> =>
    events.record({
      ...{ teamId: null, actorId: id, subject: 'user', subjectId: id },
      ...{ kind: 'user.sessions-ended', facts: { count } },
    });
  return {
    list: async (personId, thisHash) => {
      const found = await sessions.listOf(personId);
      const own = found.map(({ idHash, ...session }) => ({
        ...session,
        id: nameOf(idHash),
        isThis: idHash === thisHash,
      }));
      return [...own.filter(({ isThis }) => isThis), ...own.filter(({ isThis }) => !isThis)];
    },
    end: async (personId, id) => {
      const found = (await sessions.listOf(personId)).find(({ idHash }) => nameOf(idHash) === id);
      if (found === undefined) throw new NotFoundError('There is no such session.');
      await sessions.endOne(personId, found.idHash);
      await record(personId, 1);
    },
    endOthers: async (personId, thisHash) => {
      const count = await sessions.endAllOf(personId, thisHash);
      if (count > 0) await record(personId, count);
      return count;
    },
  };
}

function nameOf(idHash: string): string {
  return idHash.slice(0, 16);
}
