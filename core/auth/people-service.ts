import type { Clock, Translate } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { ConflictError, InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { TeamStore } from '../teams/team-store.ts';
import type { SessionStore } from '../web/session-store.ts';
import { type LinkStore, resetMs } from './link-store.ts';
import { checkEmail, checkName, valuesOf } from './person-form.ts';
import type { Account, PersonStore } from './person-store.ts';
import type { Role } from './permissions.ts';

interface ListedPerson extends Pick<Account, 'id' | 'name' | 'email' | 'isAdmin' | 'disabledAt'> {
  readonly hasPassword: boolean;
  readonly teams: readonly { readonly name: string; readonly role: Role }[];
}

interface NewPerson {
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly isAdmin: boolean;
  readonly place?: { readonly teamId: number; readonly role: Role } | undefined;
}

/** A person and the path of the one-time link with which that person chooses a password. */
export interface PersonLink {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  /** For half an hour, since there is a password already; otherwise for seven days. */
  readonly isShort: boolean;
}

/** What an admin does with the people of the installation. */
export interface PeopleService {
  list(): Promise<readonly ListedPerson[]>;
  /** @throws NotFoundError */
  find(personId: number): Promise<Pick<Account, 'id' | 'name' | 'email'>>;
  /** @throws InputError at name, email or team */
  add(actorId: number, person: NewPerson): Promise<PersonLink>;
  /** A new link; an older one is void. @throws NotFoundError */
  newLink(actorId: number, personId: number): Promise<PersonLink>;
  /** Signs the person out everywhere and keeps them out. @throws ConflictError for oneself */
  disable(actorId: number, personId: number): Promise<Account>;
  enable(actorId: number, personId: number): Promise<Account>;
}

export interface PeopleParts {
  readonly db: Database;
  readonly people: PersonStore;
  readonly teams: TeamStore;
  readonly links: LinkStore;
  readonly sessions: SessionStore;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}

export function createPeopleService(parts: PeopleParts): PeopleService {
  const find = async (id: number): Promise<Account> => {
    const account = await parts.people.find(id);
    if (account === undefined) throw new NotFoundError('There is no such person.');
    return account;
  };
  return {
    list: () => listPeople(parts),
    find,
    add: (actorId, person) => addPerson(parts, actorId, person),
    newLink: async (actorId, personId) => {
      const { id, name, passwordHash } = await find(personId);
      // Whoever has a password is handed a reset, anybody else an invitation.
      const lasting = passwordHash === null ? {} : { lastsMs: resetMs };
      const token = await parts.links.make({ purpose: 'password', userId: id, createdBy: actorId, ...lasting });
      await record(parts, { actorId, id, kind: 'user.link-made' });
      return { id, name, path: `/password/${token}`, isShort: passwordHash !== null };
    },
    disable: async (actorId, personId) => {
      const account = await find(personId);
      if (actorId === personId) throw new ConflictError(parts.t('admin:users.notYourself'));
      await parts.people.setDisabled(personId, parts.clock.now());
      await parts.links.voidAllOf(personId);
      await parts.sessions.endAllOf(personId);
      await record(parts, { actorId, id: personId, kind: 'user.disabled' });
      return account;
    },
    enable: async (actorId, personId) => {
      const account = await find(personId);
      await parts.people.setDisabled(personId, null);
      await record(parts, { actorId, id: personId, kind: 'user.enabled' });
      return account;
    },
  };
}

async function listPeople({ people }: PeopleParts): Promise<readonly ListedPerson[]> {
  const [accounts, places] = await Promise.all([people.list(), people.allMemberships()]);
  return accounts.map(({ id, name, email, isAdmin, disabledAt, passwordHash }) => ({
    id,
    name,
    email,
    isAdmin,
    disabledAt,
    hasPassword: passwordHash !== null,
    teams: places.filter(({ userId }) => userId === id),
  }));
}

async function addPerson(parts: PeopleParts, actorId: number, person: NewPerson): Promise<PersonLink> {
  const { t, clock } = parts;
  const { name, email } = valuesOf({ name: checkName(person.name, t), email: checkEmail(person.email, t) });
  return parts.db.transaction(async (sql) => {
    if ((await parts.people.findByEmail(email, sql)) !== undefined) {
      throw new InputError([{ field: 'email', message: t('admin:users.emailTaken', { email }) }]);
    }
    const isAdmin = person.isAdmin;
    const id = await parts.people.add({ email, name, isAdmin, passwordHash: null, at: clock.now() }, sql);
    if (person.place !== undefined) await join(parts, { userId: id, ...person.place }, sql);
    const token = await parts.links.make({ purpose: 'password', userId: id, createdBy: actorId }, sql);
    await record(parts, { actorId, id, kind: 'user.added' }, sql);
    return { id, name, path: `/password/${token}`, isShort: false };
  });
}

async function join(
  { teams, clock, t }: PeopleParts,
  { userId, teamId, role }: { userId: number; teamId: number; role: Role },
  sql: Sql,
): Promise<void> {
  if ((await teams.find(teamId, sql)) === undefined) {
    throw new InputError([{ field: 'team', message: t('admin:users.noSuchTeam') }]);
  }
  await teams.addMember({ teamId, userId }, { role, at: clock.now() }, sql);
}

function record(
  { events }: PeopleParts,
  { actorId, id, kind }: { actorId: number; id: number; kind: string },
  sql?: Sql,
): Promise<void> {
  return events.record({ teamId: null, actorId, subject: 'user', subjectId: id, kind, facts: {} }, sql);
}
