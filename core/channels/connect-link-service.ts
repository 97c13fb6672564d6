import { createHash, randomBytes } from 'node:crypto';
import type { Clock, Translate } from '#plugin-api';
import { type Role, roleMay } from '../auth/permissions.ts';
import type { Database } from '../db/database.ts';
import { InputError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { ConnectLink, ConnectLinkStore } from './connect-link-store.ts';

const lifeMs = 10 * 60_000;

interface Team {
  readonly id: number;
  readonly name: string;
}

interface Member {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly isDisabled: boolean;
}

/** What is typed at the command line; left out where there is only one. */
interface LinkOrder {
  readonly plugin: string;
  /** Its name or number. */
  readonly team?: string | undefined;
  readonly email?: string | undefined;
}

interface MadeLink {
  /** Below the installation's address. */
  readonly path: string;
  readonly team: Team;
  readonly person: Pick<Member, 'name' | 'email'>;
  readonly expiresAt: number;
}

/** The person who is signed in, in the team of the address. */
interface Asker {
  readonly teamId: number;
  readonly userId: number;
}

export interface ConnectLinkService {
  /** @throws NotFoundError for an unknown network, InputError where it is not clear for which team or person */
  make(order: LinkOrder): Promise<MadeLink>;
  /** Looks without using. Undefined: not for this person, used, or older than ten minutes. */
  find(token: string, asker: Asker): Promise<ConnectLink | undefined>;
  /** Uses it up: of many at once, one gets it. */
  take(token: string, asker: Asker): Promise<ConnectLink | undefined>;
}

interface LinkDeps {
  readonly db: Database;
  readonly events: EventLog;
  readonly links: ConnectLinkStore;
  readonly registry: Pick<PluginRegistry, 'get'>;
  readonly teams: { list(): Promise<readonly Team[]> };
  readonly membersOf: (teamId: number) => Promise<readonly Member[]>;
  readonly clock: Clock;
  readonly t: Translate;
}

/** Links for connecting from another machine: whoever opens one must sign in there as the person it was made for. */
export function createConnectLinks(deps: LinkDeps): ConnectLinkService {
  const find: ConnectLinkService['find'] = async (token, { teamId, userId }) => {
    const link = await deps.links.find(hash(token));
    const isTheirs = link?.teamId === teamId && link.userId === userId;
    return isTheirs && link.expiresAt > deps.clock.now() ? link : undefined;
  };
  return {
    find,
    make: (order) => make(deps, order),
    async take(token, asker) {
      const link = await find(token, asker);
      return link !== undefined && (await deps.links.consume(hash(token))) ? link : undefined;
    },
  };
}

async function make(deps: LinkDeps, { plugin, team: typedTeam, email }: LinkOrder): Promise<MadeLink> {
  deps.registry.get(plugin);
  const team = await teamOf(deps, typedTeam);
  const person = await personOf(deps, team, email);
  const token = randomBytes(32).toString('base64url');
  const now = deps.clock.now();
  const expiresAt = now + lifeMs;
  await deps.links.forgetExpired(now);
  await deps.db.transaction(async (sql) => {
    await deps.links.add(hash(token), { plugin, teamId: team.id, userId: person.id, expiresAt }, sql);
    // Nobody is signed in at the command line: it is the installation's act.
    const about = { teamId: team.id, actorId: null, subject: 'plugin', subjectId: plugin } as const;
    await deps.events.record({ ...about, kind: 'channel.link-made', facts: { userId: person.id } }, sql);
  });
  return { path: `/team/${team.id}/channels/connect-link/${token}`, team, person, expiresAt };
}

async function teamOf({ teams, t }: LinkDeps, typed: string | undefined): Promise<Team> {
  const all = await teams.list();
  const found = typed === undefined ? all : all.filter(({ id, name }) => String(id) === typed || name === typed);
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  const names = all.map(({ id, name }) => `${id} ${name}`).join(', ');
  throw wrong('team', t(`connect-link:problem.${only === undefined ? 'noTeam' : 'whichTeam'}`, { names }));
}

async function personOf({ membersOf, t }: LinkDeps, team: Team, email: string | undefined): Promise<Member> {
  const members = await membersOf(team.id);
  const able = members.filter(({ role, isDisabled }) => !isDisabled && roleMay(role, 'channels.connect'));
  const typed = email?.trim().toLowerCase();
  const [only, another] = typed === undefined ? able : able.filter((one) => one.email.toLowerCase() === typed);
  if (only !== undefined && another === undefined) return only;
  const names = able.map((one) => one.email).join(', ');
  const problem = typed === undefined && only !== undefined ? 'whichPerson' : 'noPerson';
  throw wrong('email', t(`connect-link:problem.${problem}`, { names, team: team.name }));
}

function wrong(field: string, message: string): InputError {
  return new InputError([{ field, message }]);
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
