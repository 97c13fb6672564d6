import type { Clock, Translate } from '#plugin-api';
import type { LinkStore } from '../auth/link-store.ts';
import { roleMay, type Role } from '../auth/permissions.ts';
import { checkEmail, checkRole, valuesOf } from '../auth/person-form.ts';
import type { PersonStore } from '../auth/person-store.ts';
import type { Database, Sql } from '../db/database.ts';
import { InputError, NotAllowedError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Letters } from '../letters/letter-jobs.ts';
import type { ActingMember } from './acting-member.ts';
import type { TeamStore } from './team-store.ts';

export interface InviteParts {
  readonly db: Database;
  readonly teams: TeamStore;
  readonly people: PersonStore;
  readonly links: LinkStore;
  readonly letters: Letters;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly t: Translate;
}

/** How an invitation reaches its person: by a mail of ours, or by whoever invites. */
export type InvitedBy = 'mail' | 'link';

export interface TypedInvitation {
  readonly email: string | undefined;
  readonly role: string | undefined;
  readonly by: InvitedBy;
}

/** An invitation just made. Its path is there where it is to be handed on, and seen only now. */
export interface MadeInvitation {
  readonly email: string;
  readonly path?: string;
}

/** Only an owner makes, changes or removes owners. @throws NotAllowedError */
export function refuseOwnersWork(
  { t }: Pick<InviteParts, 't'>,
  actor: ActingMember,
  touched: readonly (Role | null)[],
): void {
  if (!touched.includes('owner') || roleMay(actor.role, 'owners.manage')) return;
  throw new NotAllowedError(t('teams:members.ownersOnly'), { code: 'owners_only' });
}

/** @throws InputError at email or role, NotAllowedError */
export async function invite(parts: InviteParts, actor: ActingMember, typed: TypedInvitation): Promise<MadeInvitation> {
  const { t, people, teams, clock } = parts;
  const { email, role } = valuesOf({ email: checkEmail(typed.email, t), role: checkRole(typed.role, t) });
  refuseOwnersWork(parts, actor, [role]);
  return parts.db.transaction(async (sql) => {
    const known = await people.findByEmail(email, sql);
    const stranger = { email, name: email, passwordHash: null, isAdmin: false, at: clock.now() };
    const userId = known?.id ?? (await people.add(stranger, sql));
    if ((await teams.role({ teamId: actor.teamId, userId }, sql)) !== undefined) {
      throw new InputError([{ field: 'email', message: t('teams:members.isIn', { email }) }]);
    }
    await record(parts, actor, { kind: 'member.invited', facts: { userId, role } }, sql);
    return make(parts, actor, { userId, email, role, by: typed.by }, sql);
  });
}

/** A new link for seven days from now, for the same person and role; the old one is void. @throws NotFoundError, NotAllowedError */
export async function inviteAgain(
  parts: InviteParts,
  actor: ActingMember,
  { id, by }: { readonly id: number; readonly by: InvitedBy },
): Promise<MadeInvitation> {
  const waiting = await findWaiting(parts, actor, id);
  refuseOwnersWork(parts, actor, [waiting.role]);
  const { userId, email, role } = waiting;
  return parts.db.transaction(async (sql) => {
    if (!(await parts.links.takeBack(actor.teamId, id, sql))) throw new NotFoundError('There is no such invitation.');
    await record(parts, actor, { kind: 'member.invited-again', facts: { userId, role } }, sql);
    return make(parts, actor, { userId, email, role, by }, sql);
  });
}

/** @throws NotFoundError */
export async function withdraw(parts: InviteParts, actor: ActingMember, id: number): Promise<void> {
  const { userId, role } = await findWaiting(parts, actor, id);
  await parts.db.transaction(async (sql) => {
    if (!(await parts.links.takeBack(actor.teamId, id, sql))) throw new NotFoundError('There is no such invitation.');
    await record(parts, actor, { kind: 'member.invitation-withdrawn', facts: { userId, role } }, sql);
  });
}

async function findWaiting({ links }: InviteParts, { teamId }: ActingMember, id: number) {
  const waiting = (await links.waitingIn(teamId)).find((one) => one.id === id);
  if (waiting === undefined) throw new NotFoundError('There is no such invitation.');
  return waiting;
}

interface Invited {
  readonly userId: number;
  readonly email: string;
  readonly role: Role;
  readonly by: InvitedBy;
}

async function make(
  { links, letters }: InviteParts,
  actor: ActingMember,
  ...[{ userId, email, role, by }, sql]: [Invited, Sql]
): Promise<MadeInvitation> {
  const place = { teamId: actor.teamId, role };
  const { id, token } = await links.makeNamed({ purpose: 'invitation', userId, createdBy: actor.id, place }, sql);
  if (by === 'link' || !letters.isOn) return { email, path: `/invitations/${token}` };
  await letters.invite(id, sql);
  return { email };
}

async function record(
  { events }: InviteParts,
  actor: ActingMember,
  ...[{ kind, facts }, sql]: [{ readonly kind: string; readonly facts: { userId: number; role: Role } }, Sql]
): Promise<void> {
  const event = { teamId: actor.teamId, actorId: actor.id, subject: 'team', subjectId: actor.teamId } as const;
  await events.record({ ...event, kind, facts }, sql);
}
