import { InputError } from '../errors.ts';
import { zoneNames } from '../time/zones.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { MadeInvitation } from './invite.ts';
import type { MemberService } from './member-service.ts';
import type { TeamService } from './team-service.ts';

interface TeamRouteParts {
  readonly teams: TeamService;
  readonly members: Pick<MemberService, 'inviteFirstOwner' | 'sendsMail'>;
  readonly publicUrl: string;
}

/** Teams, as an admin sees them: names and numbers, never what is inside. */
export function teamRoutes(parts: TeamRouteParts): readonly Route[] {
  return [
    { method: 'get', path: '/admin/teams', permission: 'admin', handle: (context) => showTeams(parts, context, {}) },
    { method: 'post', path: '/admin/teams', permission: 'admin', handle: (context) => addTeam(parts, context) },
    {
      method: 'post',
      path: '/admin/teams/:team/owner',
      permission: 'admin',
      spends: () => 'invitation',
      // Whoever makes an owner hands on everything.
      confirms: () => true,
      handle: (context) => inviteOwner(parts, context),
    },
  ];
}

async function addTeam(parts: TeamRouteParts, context: PersonContext): Promise<void> {
  const { body, person, t } = context;
  try {
    const isOwn = body['own'] === '1';
    const [name, zone] = [body['name'], body['zone']];
    const id = await parts.teams.add(person.id, { name, zone, ...(isOwn ? { ownerId: person.id } : {}) });
    context.flash('ok', t(isOwn ? 'admin:teams.addedOwn' : 'admin:teams.added', { name: name ?? '' }));
    context.redirect(isOwn ? `/team/${id}/` : '/admin/teams');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showTeams(parts, context, { errors: problemsByField(error) });
  }
}

async function inviteOwner(parts: TeamRouteParts, context: PersonContext): Promise<void> {
  const { body, person } = context;
  const teamId = teamIdOf(context);
  try {
    const by = body['by'] === 'mail' ? 'mail' : 'link';
    const made = await parts.members.inviteFirstOwner({ id: person.id, teamId }, { email: body['email'], by });
    await showTeams(parts, context, { made });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showTeams(parts, context, { invitingErrors: problemsByField(error), inviting: teamId });
  }
}

/** 0, which none has, for anything that is no plain number. */
function teamIdOf({ params }: PersonContext): number {
  const { team = '' } = params;
  return plainId(team);
}

function plainId(typed: string): number {
  return /^[1-9]\d{0,14}$/.test(typed) ? Number(typed) : 0;
}

interface Shown {
  readonly errors?: Readonly<Record<string, string>>;
  /** The team whose first owner is being invited. */
  readonly inviting?: number;
  readonly invitingErrors?: Readonly<Record<string, string>>;
  /** Just made: its link is shown this once. */
  readonly made?: MadeInvitation;
}

async function showTeams(parts: TeamRouteParts, { t, query, body, page }: PersonContext, shown: Shown): Promise<void> {
  const { errors, invitingErrors, made } = shown;
  const rows = await parts.teams.list();
  const invitingId = shown.inviting ?? plainId(query['invite'] ?? '');
  const inviting = rows.find(({ id, owners }) => id === invitingId && owners === 0);
  const model = {
    title: t('admin:teams.title'),
    current: 'teams',
    rows,
    zones: zoneNames(),
    isAdding: errors !== undefined || query['add'] !== undefined,
    errors: errors ?? {},
    values: errors === undefined ? { zone: 'UTC' } : body,
    inviting: inviting && { ...inviting, errors: invitingErrors ?? {}, email: body['email'] ?? '' },
    made: made && { email: made.email, url: made.path === undefined ? null : `${parts.publicUrl}${made.path}` },
    sendsMail: parts.members.sendsMail,
  };
  await page('admin/teams', model, (errors ?? invitingErrors) === undefined ? 200 : 422);
}
