import { InputError } from '../errors.ts';
import type { TeamService } from '../teams/team-service.ts';
import { problemsByField } from '../web/form-problems.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { AddressService } from './address-service.ts';
import { userAddressRoutes } from './user-address-routes.ts';
import type { PeopleService, PersonLink } from './people-service.ts';
import type { SecondFactorService } from './second-factor-service.ts';
import { checkRole } from './person-form.ts';
import { roles } from './permissions.ts';

interface UserRouteParts {
  readonly people: PeopleService;
  readonly teams: TeamService;
  readonly addresses: AddressService;
  readonly publicUrl: string;
  readonly secondFactors: Pick<SecondFactorService, 'having' | 'remove'>;
}

/** Users: who may sign in, and the one-time links that an admin hands on. */
export function userRoutes(parts: UserRouteParts): readonly Route[] {
  return [
    { method: 'get', path: '/admin/users', permission: 'admin', handle: (context) => showUsers(parts, context, {}) },
    {
      method: 'post',
      path: '/admin/users',
      permission: 'admin',
      // Whoever makes an admin or an owner hands on everything.
      confirms: ({ body }) => body['isAdmin'] === '1' || body['role'] === 'owner',
      handle: (context) => addPerson(parts, context),
    },
    factorRoute(parts),
    {
      method: 'post',
      path: '/admin/users/:user/links',
      permission: 'admin',
      confirms: () => true,
      handle: async (context) => {
        const link = await parts.people.newLink(context.person.id, idOf(context));
        await showUsers(parts, context, { link });
      },
    },
    ...switchRoutes(parts),
    ...userAddressRoutes(parts),
  ];
}

/** Keeping somebody out, and letting them in again. */
function switchRoutes(parts: UserRouteParts): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/admin/users/:user/disabling',
      permission: 'admin',
      handle: async (context) => {
        const { name } = await parts.people.disable(context.person.id, idOf(context));
        context.flash('ok', context.t('admin:users.disabled', { name }));
        context.redirect('/admin/users');
      },
    },
    {
      method: 'post',
      path: '/admin/users/:user/enabling',
      permission: 'admin',
      handle: async (context) => {
        const { name } = await parts.people.enable(context.person.id, idOf(context));
        context.flash('ok', context.t('admin:users.enabled', { name }));
        context.redirect('/admin/users');
      },
    },
  ];
}

/** For somebody who lost the phone and the recovery codes: who it is, the admin finds out. */
function factorRoute({ people, secondFactors }: UserRouteParts): Route {
  return {
    method: 'post',
    path: '/admin/users/:user/second-factor-removal',
    permission: 'admin',
    confirms: () => true,
    handle: async (context) => {
      const { name, id } = await people.find(idOf(context));
      await secondFactors.remove(id, context.person.id);
      context.flash('ok', context.t('admin:users.factorReset', { name }));
      context.redirect('/admin/users');
    },
  };
}

/** 0, which nobody has, for anything that is no plain number. */
function idOf({ params }: PersonContext): number {
  const { user = '' } = params;
  return /^[1-9]\d{0,14}$/.test(user) ? Number(user) : 0;
}

async function addPerson(parts: UserRouteParts, context: PersonContext): Promise<void> {
  const { body, person, t } = context;
  try {
    const place = placeOf(context);
    const typed = { name: body['name'], email: body['email'], isAdmin: body['isAdmin'] === '1', place };
    const link = await parts.people.add(person.id, typed);
    await showUsers(parts, context, { link });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await showUsers(parts, context, { errors: problemsByField(error) });
  }

  function placeOf({ body: { team = '', role } }: PersonContext) {
    if (team === '') return undefined;
    if (!/^[1-9]\d{0,14}$/.test(team)) throw problem('team', t('admin:users.noSuchTeam'));
    const checked = checkRole(role, t);
    if ('problem' in checked) throw problem('role', checked.problem);
    return { teamId: Number(team), role: checked.value };
  }
}

function problem(field: string, message: string): InputError {
  return new InputError([{ field, message }]);
}

interface Shown {
  /** Just made: shown this once. */
  readonly link?: PersonLink;
  readonly errors?: Readonly<Record<string, string>>;
}

async function showUsers(parts: UserRouteParts, context: PersonContext, { link, errors }: Shown): Promise<void> {
  const { t, query, body, page, person } = context;
  const [people, teams, factors] = await Promise.all([
    parts.people.list(),
    parts.teams.list(),
    parts.secondFactors.having(),
  ]);
  const model = {
    title: t('admin:users.title'),
    current: 'users',
    people: people.map((one) => ({ ...one, hasFactor: factors.has(one.id) })),
    selfId: person.id,
    link: link && { name: link.name, url: `${parts.publicUrl}${link.path}`, isShort: link.isShort },
    isAdding: errors !== undefined || query['add'] !== undefined,
    errors: errors ?? {},
    values: errors === undefined ? {} : body,
    teamOptions: [
      { value: '', label: t('admin:users.noTeam') },
      ...teams.map(({ id, name }) => ({ value: String(id), label: name })),
    ],
    roleOptions: roleOptions(t),
  };
  await page('admin/users', model, errors === undefined ? 200 : 422);
}

function roleOptions(t: PersonContext['t']) {
  return roles.map((role) => ({ value: role, label: t(`frame:role.${role}`) }));
}
