import { InputError } from '../errors.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route, TeamContext } from '../web/route.ts';
import type { TeamRemoval } from './team-removal.ts';

/** Deleting a team: by an owner from its settings, by an admin from the list of teams. */
export function teamRemovalRoutes({ teamRemoval }: { readonly teamRemoval: TeamRemoval }): readonly Route[] {
  const own = '/team/:team/deletion';
  const any = '/admin/teams/:team/deletion';
  const ofOwn = ({ team }: TeamContext): Place => ({
    teamId: team.id,
    path: `/team/${team.id}/deletion`,
    isAdmin: false,
  });
  const ofAny = ({ params }: PersonContext): Place => {
    const teamId = /^[1-9]\d{0,14}$/.test(params['team'] ?? '') ? Number(params['team']) : 0;
    return { teamId, path: `/admin/teams/${teamId}/deletion`, isAdmin: true };
  };
  return [
    {
      method: 'get',
      path: own,
      permission: 'team.delete',
      handle: (context) => show(teamRemoval, context, ofOwn(context)),
    },
    {
      method: 'post',
      path: own,
      permission: 'team.delete',
      confirms: () => true,
      handle: (context) => remove(teamRemoval, context, ofOwn(context)),
    },
    { method: 'get', path: any, permission: 'admin', handle: (context) => show(teamRemoval, context, ofAny(context)) },
    {
      method: 'post',
      path: any,
      permission: 'admin',
      confirms: () => true,
      handle: (context) => remove(teamRemoval, context, ofAny(context)),
    },
  ];
}

interface Place {
  readonly teamId: number;
  readonly path: string;
  /** An admin sees numbers, never what is inside. */
  readonly isAdmin: boolean;
}

async function remove(teamRemoval: TeamRemoval, context: PersonContext, place: Place): Promise<void> {
  const { person, body, flash, redirect, t } = context;
  try {
    const { name } = await teamRemoval.begin(person.id, place.teamId, body['name']);
    flash('ok', t('teams:deletion.done', { name }));
    redirect(place.isAdmin ? '/admin/teams' : '/account');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await show(teamRemoval, context, { ...place, errors: problemsByField(error) });
  }
}

async function show(
  teamRemoval: TeamRemoval,
  { page, body, t }: PersonContext,
  { teamId, path, isAdmin, errors }: Place & { readonly errors?: Readonly<Record<string, string>> },
): Promise<void> {
  const { team, contents, underWay } = await teamRemoval.plan(teamId);
  const model = {
    title: t('teams:deletion.title', { name: team.name }),
    current: isAdmin ? 'teams' : 'settings',
    teamName: team.name,
    contents,
    isUnderWay: underWay.length > 0,
    underWay: isAdmin
      ? []
      : underWay.map(({ postId, nickname }) => ({ href: `/team/${teamId}/posts/${postId}`, nickname })),
    action: path,
    back: isAdmin ? '/admin/teams' : `/team/${teamId}/settings`,
    values: { name: errors === undefined ? '' : (body['name'] ?? '') },
    errors: errors ?? {},
  };
  await page('teams/deletion', model, errors === undefined ? 200 : 422);
}
