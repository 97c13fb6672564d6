import { PersonStore } from '../../core/auth/person-store.ts';
import type { Role } from '../../core/auth/permissions.ts';
import type { Database } from '../../core/db/database.ts';
import type { Person, TeamOfMember } from '../../core/web/route.ts';

let made = 0;

/** A number nobody else in this run has. */
export function nextNumber(): number {
  made += 1;
  return made;
}

interface PersonFacts {
  readonly name?: string;
  readonly email?: string;
  readonly isAdmin?: boolean;
  /** From `Passwords.hash`; without it nobody can sign in with a password. */
  readonly passwordHash?: string;
}

/** A person of the installation, in no team. */
export async function createPerson(db: Database, facts: PersonFacts = {}): Promise<Person> {
  const n = nextNumber();
  const { name = `Person ${n}`, email = `person${n}@example.org`, isAdmin = false, passwordHash = null } = facts;
  const id = await new PersonStore(db.knex).add({ name, email, isAdmin, passwordHash, at: 0 });
  return { id, name, email, isAdmin };
}

/** A team without members. */
export async function createTeam(
  db: Database,
  facts: { readonly name?: string; readonly zone?: string } = {},
): Promise<Omit<TeamOfMember, 'role'>> {
  const { name = `Team ${nextNumber()}`, zone = 'Europe/Copenhagen' } = facts;
  const [id = 0] = await db.knex('teams').insert({ name, zone, created_at: 0 });
  return { id, name, zone };
}

/** Puts the person into the team, or changes the role there. */
export async function addMember(
  db: Database,
  { team, person, role }: { team: { readonly id: number }; person: { readonly id: number }; role: Role },
): Promise<void> {
  await db
    .knex('members')
    .insert({ team_id: team.id, user_id: person.id, role, created_at: 0 })
    .onConflict(['team_id', 'user_id'])
    .merge(['role']);
}

/** A person who is in the team with this role. */
export async function createMember(
  db: Database,
  { team, role, ...facts }: PersonFacts & { readonly team: { readonly id: number }; readonly role: Role },
): Promise<Person> {
  const person = await createPerson(db, facts);
  await addMember(db, { team, person, role });
  return person;
}
