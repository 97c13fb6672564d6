import { InputError } from '../errors.ts';
import { zoneNames } from '../time/zones.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { TeamService } from './team-service.ts';

/** Teams, as an admin sees them: names and numbers, never what is inside. */
export function teamRoutes(teams: TeamService): readonly Route[] {
  return [
    { method: 'get', path: '/admin/teams', permission: 'admin', handle: (context) => showTeams(teams, context) },
    {
      method: 'post',
      path: '/admin/teams',
      permission: 'admin',
      handle: async (context) => {
        const { body, person, t } = context;
        try {
          const isOwn = body['own'] === '1';
          const [name, zone] = [body['name'], body['zone']];
          const id = await teams.add(person.id, { name, zone, ...(isOwn ? { ownerId: person.id } : {}) });
          context.flash('ok', t(isOwn ? 'admin:teams.addedOwn' : 'admin:teams.added', { name: name ?? '' }));
          context.redirect(isOwn ? `/team/${id}/` : '/admin/teams');
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          await showTeams(teams, context, problemsByField(error));
        }
      },
    },
  ];
}

async function showTeams(
  teams: TeamService,
  { t, query, body, page }: PersonContext,
  errors?: Readonly<Record<string, string>>,
): Promise<void> {
  const model = {
    title: t('admin:teams.title'),
    current: 'teams',
    rows: await teams.list(),
    zones: zoneNames(),
    isAdding: errors !== undefined || query['add'] !== undefined,
    errors: errors ?? {},
    values: errors === undefined ? { zone: 'UTC' } : body,
  };
  await page('admin/teams', model, errors === undefined ? 200 : 422);
}
