import { InputError } from '../errors.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PublicContext, Route } from '../web/route.ts';
import type { MemberService } from './member-service.ts';

/** What an invited person sees: a new one chooses name and password, a known one signs in and joins. */
export function invitationRoutes(members: MemberService): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/invitations/:token',
      permission: 'public',
      handle: (context) => showInvitation(members, context),
    },
    {
      method: 'post',
      path: '/invitations/:token',
      permission: 'public',
      handle: async (context) => {
        const { params, person, redirect } = context;
        const token = params['token'] ?? '';
        const { isNew } = await members.offer(token);
        if (isNew) {
          await acceptAsNew(members, context, token);
          return;
        }
        if (person === null) {
          redirect(signInPath(token));
          return;
        }
        const teamId = await members.accept(token, person.id);
        await context.rotateSession();
        greet(context);
        redirect(`/team/${teamId}/`);
      },
    },
  ];
}

async function acceptAsNew(members: MemberService, context: PublicContext, token: string): Promise<void> {
  const { body, language, redirect } = context;
  try {
    const typed = { name: body['name'], password: body['password'], language };
    const standing = await members.acceptAsNew(token, typed);
    await context.startSession(standing);
    greet(context);
    redirect(`/team/${standing.teams[0]?.id ?? 0}/`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showInvitation(members, context, problemsByField(error));
  }
}

function greet({ flash, t }: PublicContext): void {
  flash('ok', t('teams:invitation.joined'));
}

function signInPath(token: string): string {
  return `/sign-in?next=${encodeURIComponent(`/invitations/${token}`)}`;
}

async function showInvitation(
  members: MemberService,
  { params, person, body, page, t }: PublicContext,
  errors?: Readonly<Record<string, string>>,
): Promise<void> {
  const token = params['token'] ?? '';
  const { team: teamName, role, email, userId, isNew } = await members.offer(token);
  const model = {
    title: t('teams:invitation.title', { team: teamName }),
    frame: 'plain',
    startsSession: true,
    teamName,
    role,
    email,
    isNew,
    isForPerson: person?.id === userId,
    isForOther: person !== null && person.id !== userId,
    action: `/invitations/${token}`,
    signInHref: signInPath(token),
    errors: errors ?? {},
    values: { name: body['name'] ?? '' },
  } as const;
  await page('teams/invitation', model, errors === undefined ? 200 : 422);
}
