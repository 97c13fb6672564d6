import type { Clock, Translate } from '#plugin-api';
import type { LinkStore, OpenLink } from '../auth/link-store.ts';
import type { Passwords } from '../auth/passwords.ts';
import type { Role } from '../auth/permissions.ts';
import { checkName, checkPassword, checkRole, valuesOf } from '../auth/person-form.ts';
import type { Account, PersonStore } from '../auth/person-store.ts';
import { findStanding } from '../auth/standing.ts';
import type { Database, Sql } from '../db/database.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Language } from '../language/languages.ts';
import type { Letters } from '../letters/letter-jobs.ts';
import type { Standing } from '../web/route.ts';
import type { ActingMember } from './acting-member.ts';
import {
  invite,
  inviteAgain,
  type InvitedBy,
  type MadeInvitation,
  refuseOwnersWork,
  type TypedInvitation,
  withdraw,
} from './invite.ts';
import type { Member, Place, TeamStore } from './team-store.ts';

/** Somebody asked to join, who has not yet. */
interface Invitation {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: number;
}

/** What somebody who is new here types to accept an invitation. */
interface NewMember {
  readonly name: string | undefined;
  readonly password: string | undefined;
  /** In which the invitation was read: the person's own from then on. */
  readonly language: Language;
}

/** What an invited person is shown before accepting. */
interface InvitationOffer {
  readonly team: string;
  readonly role: Role;
  readonly email: string;
  readonly userId: number;
  /** Without a password the person chooses a name and a password here; with one, the person signs in. */
  readonly isNew: boolean;
}

type FirstOwner = Pick<TypedInvitation, 'email' | 'by'>;

export interface MemberService {
  list(teamId: number): Promise<readonly Member[]>;
  invitations(teamId: number): Promise<readonly Invitation[]>;
  /**
   * Makes a one-time link for this address, the same whether the installation knows the person or not.
   * @returns its path, unless it goes by mail @throws InputError at email or role
   */
  invite(actor: ActingMember, typed: TypedInvitation): Promise<MadeInvitation>;
  /** By an admin, who is no member: only for a team that nobody owns. @throws NotFoundError, InputError at email, ConflictError */
  inviteFirstOwner(admin: { readonly id: number; readonly teamId: number }, typed: FirstOwner): Promise<MadeInvitation>;
  /** A new link for seven days; the old one is void. @throws NotFoundError, NotAllowedError */
  inviteAgain(actor: ActingMember, again: { readonly id: number; readonly by: InvitedBy }): Promise<MadeInvitation>;
  /** Whether invitations can go by mail. */
  readonly sendsMail: boolean;
  /** @throws NotFoundError */
  withdraw(actor: ActingMember, invitationId: number): Promise<void>;
  /** @throws NotFoundError, NotAllowedError, ConflictError for the last owner */
  changeRole(actor: ActingMember, userId: number, role: string | undefined): Promise<Member>;
  /** @throws NotFoundError, NotAllowedError, ConflictError for the last owner */
  remove(actor: ActingMember, userId: number): Promise<Member>;
  /** @throws NotFoundError */
  offer(token: string): Promise<InvitationOffer>;
  /** The person who is signed in joins. @throws NotFoundError when the link is for somebody else */
  accept(token: string, personId: number): Promise<number>;
  /** A new person chooses name and password and joins. @throws InputError at name or password */
  acceptAsNew(token: string, typed: NewMember): Promise<Standing>;
}

export interface MemberParts {
  readonly db: Database;
  readonly teams: TeamStore;
  readonly people: PersonStore;
  readonly links: LinkStore;
  readonly letters: Letters;
  readonly passwords: Passwords;
  readonly events: EventLog;
  readonly siteName: () => string;
  readonly clock: Clock;
  readonly t: Translate;
}

export function createMemberService(parts: MemberParts): MemberService {
  return {
    list: (teamId) => parts.teams.members(teamId),
    invitations: (teamId) => parts.links.waitingIn(teamId),
    invite: (actor, typed) => invite(parts, actor, typed),
    inviteFirstOwner: (admin, typed) => inviteFirstOwner(parts, admin, typed),
    inviteAgain: (actor, again) => inviteAgain(parts, actor, again),
    sendsMail: parts.letters.isOn,
    withdraw: (actor, invitationId) => withdraw(parts, actor, invitationId),
    changeRole: async (actor, userId, typed) => {
      const { role } = valuesOf({ role: checkRole(typed, parts.t) });
      return changeMember(parts, { actor, userId, role });
    },
    remove: (actor, userId) => changeMember(parts, { actor, userId, role: null }),
    offer: async (token) => (await readInvitation(parts, token)).offer,
    accept: (token, personId) => accept(parts, token, personId),
    acceptAsNew: (token, typed) => acceptAsNew(parts, token, typed),
  };
}

async function inviteFirstOwner(
  parts: MemberParts,
  { id, teamId }: { readonly id: number; readonly teamId: number },
  typed: FirstOwner,
): Promise<MadeInvitation> {
  const team = (await parts.teams.list()).find((one) => one.id === teamId);
  if (team === undefined) throw new NotFoundError('There is no such team.');
  if (team.owners > 0) {
    throw new ConflictError(parts.t('admin:teams.isOwned', { name: team.name }), {
      help: parts.t('admin:teams.isOwnedHelp'),
    });
  }
  return invite(parts, { id, teamId, role: 'owner' }, { ...typed, role: 'owner' });
}

interface MemberChange {
  readonly actor: ActingMember;
  readonly userId: number;
  /** null removes the member. */
  readonly role: Role | null;
}

async function changeMember(parts: MemberParts, { actor, userId, role }: MemberChange): Promise<Member> {
  const { db, teams, events, t } = parts;
  const { teamId } = actor;
  const place: Place = { teamId, userId };
  const member = (await teams.members(teamId)).find(({ id }) => id === userId);
  if (member === undefined) throw new NotFoundError('There is no such member.');
  await db.transaction(async (sql) => {
    const before = await teams.role(place, sql);
    if (before === undefined) throw new NotFoundError('There is no such member.');
    refuseOwnersWork(parts, actor, [before, role]);
    const owners = before === 'owner' && role !== 'owner' ? await teams.lockOwners(teamId, sql) : [];
    if (owners.length === 1 && owners[0] === userId) throw new ConflictError(t('teams:members.lastOwner'));
    if (role === null) await teams.removeMember(place, sql);
    else await teams.setRole(place, role, sql);
    const kind = role === null ? 'member.removed' : 'member.role-changed';
    const event = { teamId, actorId: actor.id, subject: 'team', subjectId: teamId, kind } as const;
    await events.record({ ...event, facts: { userId, from: before, to: role } }, sql);
  });
  return member;
}

async function readInvitation({ links, people, teams }: MemberParts, token: string) {
  const link = await links.find('invitation', token);
  const [account, team] = await Promise.all([
    link && people.find(link.userId),
    link?.place && teams.find(link.place.teamId),
  ]);
  if (!link?.place || !account || !team || account.disabledAt !== null) {
    throw new NotFoundError('This invitation is not open.');
  }
  const isNew = await isStranger({ links, people }, account);
  const offer = { team: team.name, role: link.place.role, email: account.email, userId: account.id, isNew };
  return { link, account, offer };
}

/**
 * Whether nobody but invitations knows this person. For everybody else, above all an admin who has not yet chosen a
 * password, an invitation must not be a way into the account: whoever made it would hold the key.
 */
async function isStranger(
  { links, people }: Pick<MemberParts, 'links' | 'people'>,
  account: Account,
): Promise<boolean> {
  if (account.passwordHash !== null || account.isAdmin) return false;
  if (await links.wasEverMade('password', account.id)) return false;
  return (await people.findWithTeams(account.id))?.standing.teams.length === 0;
}

async function accept(parts: MemberParts, token: string, personId: number): Promise<number> {
  const { account } = await readInvitation(parts, token);
  if (account.id !== personId) throw new NotFoundError('This invitation is for somebody else.');
  return parts.db.transaction((sql) => join(parts, token, sql));
}

async function acceptAsNew(parts: MemberParts, token: string, typed: NewMember): Promise<Standing> {
  const { account, offer } = await readInvitation(parts, token);
  const { t, siteName, people } = parts;
  if (!offer.isNew) throw new ConflictError(t('teams:invitation.signInFirst'));
  const about = { email: account.email, name: typed.name ?? '', siteName: siteName() };
  const { name, password } = valuesOf({
    name: checkName(typed.name, t),
    password: checkPassword({ password: typed.password, ...about }, t),
  });
  const passwordHash = await parts.passwords.hash(password);
  await parts.db.transaction(async (sql) => {
    await join(parts, token, sql);
    if (!(await people.setFirstPassword(account.id, passwordHash, sql))) {
      throw new ConflictError(t('teams:invitation.signInFirst'));
    }
    await people.rename(account.id, name, sql);
    await people.setLanguage(account.id, typed.language, sql);
  });
  return requireStanding(people, account);
}

/** Uses the link up and adds the member with the role that whoever invited chose. @returns the team's id */
async function join({ links, teams, events, clock }: MemberParts, token: string, sql: Sql): Promise<number> {
  const link: OpenLink | undefined = await links.take('invitation', token, sql);
  if (!link?.place) throw new NotFoundError('This invitation was used just now.');
  const { teamId, role } = link.place;
  const place = { teamId, userId: link.userId };
  if ((await teams.role(place, sql)) === undefined) await teams.addMember(place, { role, at: clock.now() }, sql);
  const event = { teamId, actorId: link.userId, subject: 'team', subjectId: teamId, kind: 'member.joined' } as const;
  await events.record({ ...event, facts: { userId: link.userId, role } }, sql);
  return teamId;
}

async function requireStanding(people: PersonStore, { id }: Account): Promise<Standing> {
  const standing = await findStanding(people, id);
  if (standing === undefined) throw new NotFoundError('This person is gone.');
  return standing;
}
