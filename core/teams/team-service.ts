import type { Clock, Translate } from '#plugin-api';
import { checkEmail, checkName, checkRole, valuesOf } from '../auth/person-form.ts';
import type { PersonStore } from '../auth/person-store.ts';
import type { Database } from '../db/database.ts';
import { InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { isZone } from '../time/zones.ts';
import type { ListedTeam, Team, TeamStore } from './team-store.ts';

/** The teams of the installation, as an admin or an operator sees them. */
export interface TeamService {
  /** @throws NotFoundError */
  find(teamId: number): Promise<Team>;
  list(): Promise<readonly ListedTeam[]>;
  /** @param actorId null for the command line @returns the team's id @throws InputError at name or zone */
  add(actorId: number | null, team: NewTeam): Promise<number>;
  /** Puts a person into a team, both by what people call them. @throws InputError at team, email or role */
  addMember(member: { team: string; email: string; role: string }): Promise<void>;
}

interface NewTeam {
  readonly name: string | undefined;
  readonly zone: string | undefined;
  /** Who is in it from the beginning; a team without people is filled by an admin. */
  readonly ownerId?: number;
}

export interface TeamParts {
  readonly db: Database;
  readonly teams: TeamStore;
  readonly people: PersonStore;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}

export function createTeamService(parts: TeamParts): TeamService {
  return {
    find: async (teamId) => {
      const team = await parts.teams.find(teamId);
      if (team === undefined) throw new NotFoundError('There is no such team.');
      return team;
    },
    list: () => parts.teams.list(),
    add: (actorId, team) => addTeam(parts, actorId, team),
    addMember: (member) => addMember(parts, member),
  };
}

async function addTeam(
  { db, teams, events, clock, t }: TeamParts,
  actorId: number | null,
  typed: NewTeam,
): Promise<number> {
  const { name, zone } = valuesOf({ name: checkName(typed.name, t), zone: checkZone(typed.zone, t) });
  return db.transaction(async (sql) => {
    const id = await teams.add({ name, zone, at: clock.now() }, sql);
    const event = {
      teamId: id,
      actorId,
      subject: 'team',
      subjectId: id,
      kind: 'team.added',
      facts: { name, zone },
    } as const;
    await events.record(event, sql);
    if (typed.ownerId === undefined) return id;
    await teams.addMember({ teamId: id, userId: typed.ownerId }, { role: 'owner', at: clock.now() }, sql);
    const facts = { userId: typed.ownerId, role: 'owner' };
    await events.record({ ...event, kind: 'member.added', facts }, sql);
    return id;
  });
}

function checkZone(typed: string | undefined, t: Translate): { value: string } | { problem: string } {
  const value = (typed ?? '').trim();
  return isZone(value) ? { value } : { problem: t('admin:teams.zoneWrong') };
}

async function addMember(
  { db, teams, people, events, clock, t }: TeamParts,
  typed: { team: string; email: string; role: string },
): Promise<void> {
  const { email, role } = valuesOf({ email: checkEmail(typed.email, t), role: checkRole(typed.role, t) });
  const named = await findTeam(teams, typed.team);
  const person = await people.findByEmail(email);
  if (named === undefined) throw problem('team', t('admin:teams.unknown', { team: typed.team }));
  if (person === undefined) throw problem('email', t('admin:teams.noPerson', { email }));
  await db.transaction(async (sql) => {
    const place = { teamId: named.id, userId: person.id };
    if ((await teams.role(place, sql)) !== undefined) throw problem('email', t('teams:members.isIn', { email }));
    await teams.addMember(place, { role, at: clock.now() }, sql);
    const event = { teamId: named.id, actorId: null, subject: 'team', subjectId: named.id } as const;
    await events.record({ ...event, kind: 'member.added', facts: { userId: person.id, role } }, sql);
  });
}

/** By number or by name; a name that two teams have names none. */
async function findTeam(teams: TeamStore, team: string): Promise<Team | undefined> {
  if (/^[1-9]\d{0,14}$/.test(team)) {
    const byNumber = await teams.find(Number(team));
    if (byNumber !== undefined) return byNumber;
  }
  const named = await teams.findByName(team.trim());
  return named.length === 1 ? named[0] : undefined;
}

function problem(field: string, message: string): InputError {
  return new InputError([{ field, message }]);
}
