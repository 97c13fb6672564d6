import { roleMay, roles } from '../auth/permissions.ts';
import { InputError } from '../errors.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { Route, TeamContext } from '../web/route.ts';
import type { ActingMember } from './acting-member.ts';
import type { InvitedBy, MadeInvitation } from './invite.ts';
import type { MemberService } from './member-service.ts';

interface MemberRouteParts {
  readonly members: MemberService;
  readonly publicUrl: string;
}

/** Members: roles and invitations of one team. */
export function memberRoutes(parts: MemberRouteParts): readonly Route[] {
  const { members } = parts;
  const permission = 'members.manage';
  return [
    { method: 'get', path: '/team/:team/members', permission, handle: (context) => showMembers(parts, context, {}) },
    {
      method: 'post',
      path: '/team/:team/members',
      permission,
      spends: () => 'invitation',
      // Whoever makes an owner hands on everything.
      confirms: ({ body }) => body['role'] === 'owner',
      handle: (context) => invite(parts, context),
    },
    {
      method: 'post',
      path: '/team/:team/members/:user/role',
      permission,
      confirms: async (context) => context.body['role'] === 'owner' || (await isOwner(parts, context)),
      handle: async (context) => {
        const { name } = await members.changeRole(actorOf(context), idOf(context, 'user'), context.body['role']);
        context.flash('ok', context.t('teams:members.roleChanged', { name }));
        context.redirect(listPath(context));
      },
    },
    {
      method: 'post',
      path: '/team/:team/members/:user/removal',
      permission,
      confirms: (context) => isOwner(parts, context),
      handle: async (context) => {
        const { name } = await members.remove(actorOf(context), idOf(context, 'user'));
        context.flash('ok', context.t('teams:members.removed', { name }));
        // Who leaves by the own hand cannot see the list any more.
        const isSelf = idOf(context, 'user') === context.person.id;
        context.redirect(isSelf ? '/account' : listPath(context));
      },
    },
    ...waitingRoutes(parts),
  ];
}

/** Invitations that wait for their person. */
function waitingRoutes(parts: MemberRouteParts): readonly Route[] {
  const { members } = parts;
  const permission = 'members.manage';
  return [
    {
      method: 'post',
      path: '/team/:team/invitations/:invitation/renewal',
      permission,
      spends: () => 'invitation',
      confirms: async (context) => {
        const waiting = await members.invitations(context.team.id);
        return waiting.some(({ id, role }) => role === 'owner' && id === idOf(context, 'invitation'));
      },
      handle: async (context) => {
        const again = { id: idOf(context, 'invitation'), by: waysOf(context.body) };
        await showMembers(parts, context, { made: await members.inviteAgain(actorOf(context), again) });
      },
    },
    {
      method: 'post',
      path: '/team/:team/invitations/:invitation/withdrawal',
      permission,
      handle: async (context) => {
        await members.withdraw(actorOf(context), idOf(context, 'invitation'));
        context.flash('ok', context.t('teams:members.withdrawn'));
        context.redirect(listPath(context));
      },
    },
  ];
}

/** Whether the one who is changed owns the team: giving ownership up, or taking it, is as much as handing it on. */
async function isOwner({ members }: MemberRouteParts, context: TeamContext): Promise<boolean> {
  const list = await members.list(context.team.id);
  return list.some(({ id, role }) => role === 'owner' && id === idOf(context, 'user'));
}

function actorOf({ person, team }: TeamContext): ActingMember {
  return { id: person.id, teamId: team.id, role: team.role };
}

function idOf({ params }: TeamContext, name: string): number {
  const value = params[name] ?? '';
  return /^[1-9]\d{0,14}$/.test(value) ? Number(value) : 0;
}

function listPath({ team }: TeamContext): string {
  return `/team/${team.id}/members`;
}

async function invite(parts: MemberRouteParts, context: TeamContext): Promise<void> {
  const { body } = context;
  try {
    const typed = { email: body['email'], role: body['role'], by: waysOf(body) };
    await showMembers(parts, context, { made: await parts.members.invite(actorOf(context), typed) });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showMembers(parts, context, { errors: problemsByField(error) });
  }
}

function waysOf(body: TeamContext['body']): InvitedBy {
  return body['by'] === 'mail' ? 'mail' : 'link';
}

interface Shown {
  /** Just made: its link is shown this once. */
  readonly made?: MadeInvitation;
  readonly errors?: Readonly<Record<string, string>>;
}

async function showMembers(parts: MemberRouteParts, context: TeamContext, { made, errors }: Shown): Promise<void> {
  const { t, team, query, body, page, person } = context;
  const [list, invitations] = await Promise.all([parts.members.list(team.id), parts.members.invitations(team.id)]);
  const mayMakeOwners = roleMay(team.role, 'owners.manage');
  const grantable = roles.filter((role) => role !== 'owner' || mayMakeOwners);
  const model = {
    title: t('teams:members.title'),
    current: 'members',
    members: list.map((member) => ({ ...member, mayChange: member.role !== 'owner' || mayMakeOwners })),
    invitations,
    made: made && { email: made.email, url: made.path === undefined ? null : `${parts.publicUrl}${made.path}` },
    sendsMail: parts.members.sendsMail,
    selfId: person.id,
    isAdding: errors !== undefined || query['add'] !== undefined,
    errors: errors ?? {},
    values: errors === undefined ? { role: 'editor', by: 'mail' } : body,
    roleOptions: grantable.map((role) => ({ value: role, label: t(`frame:role.${role}`) })),
  };
  await page('teams/members', model, errors === undefined ? 200 : 422);
}
