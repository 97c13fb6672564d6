import { actKinds, type ActGroup } from '../events/act-kinds.ts';
import { readWallTime, resolveWallTime } from '../time/zones.ts';
import { csvOf } from '../web/csv.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { Act, ActQuestion, ActScope, AuditService } from './audit-service.ts';

interface AuditRouteParts {
  readonly audit: AuditService;
}

/** One list of acts: whose, in which zone its days begin, and where it stands. */
interface Place {
  readonly scope: ActScope;
  readonly zone: string;
  readonly path: string;
  readonly name: 'audit' | 'activity';
}

/** Who did what, when and from where: of the installation for admins, of a team for those who run it. */
export function auditRoutes(parts: AuditRouteParts): readonly Route[] {
  const ofAll: Place = { scope: 'installation', zone: 'UTC', path: '/admin/audit', name: 'audit' };
  const ofTeam = ({ team }: { readonly team: { readonly id: number; readonly zone: string } }): Place => ({
    scope: { teamId: team.id },
    zone: team.zone,
    path: `/team/${team.id}/activity`,
    name: 'activity',
  });
  const permission = 'members.manage';
  return [
    { method: 'get', path: '/admin/audit', permission: 'admin', handle: (context) => showActs(parts, context, ofAll) },
    {
      method: 'post',
      path: '/admin/audit/export',
      permission: 'admin',
      handle: (context) => sendActs(parts, context, ofAll),
    },
    {
      method: 'get',
      path: '/team/:team/activity',
      permission,
      handle: (context) => showActs(parts, context, ofTeam(context)),
    },
    {
      method: 'post',
      path: '/team/:team/activity/export',
      permission,
      handle: (context) => sendActs(parts, context, ofTeam(context)),
    },
  ];
}

type Fields = Readonly<Record<string, string>>;
const groups = Object.keys(actKinds).filter((name): name is ActGroup => name in actKinds);

/** What is no number, group or date asks for nothing. */
function questionOf(fields: Fields, zone: string): ActQuestion {
  const { person = '', kind, from = '', to = '', before = '' } = fields;
  const moment = (date: string, time: string) => {
    const wall = readWallTime(date, time);
    return wall === undefined ? undefined : resolveWallTime(wall, zone).at;
  };
  const end = moment(to, '23:59');
  return {
    personId: idOf(person),
    group: groups.find((group) => group === kind),
    from: moment(from, '00:00'),
    to: end === undefined ? undefined : end + 60_000,
    before: idOf(before),
  };
}

function idOf(typed: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(typed) ? Number(typed) : undefined;
}

const filterNames = ['person', 'kind', 'from', 'to'] as const;

/** The filter as an address has it, without what is empty. */
function filterOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(filterNames.flatMap((name) => (fields[name] ? [[name, fields[name]]] : [])));
}

async function showActs({ audit }: AuditRouteParts, context: PersonContext, place: Place): Promise<void> {
  const { query, page, t } = context;
  const [{ acts, olderThan }, people] = await Promise.all([
    audit.page(place.scope, questionOf(query, place.zone), t),
    audit.people(place.scope),
  ]);
  const filter = filterOf(query);
  const href = (more: Fields) => {
    const search = new URLSearchParams({ ...filter, ...more }).toString();
    return search === '' ? place.path : `${place.path}?${search}`;
  };
  await page('audit/list', {
    title: t(`activity:${place.name}.title`),
    sub: t(`activity:${place.name}.sub`),
    current: place.name,
    acts,
    place: { path: place.path, zone: place.zone, showsTeams: place.scope === 'installation' },
    filter,
    isFiltered: Object.keys(filter).length > 0,
    personOptions: options(
      t('activity:everybody'),
      people.map(({ id, name }) => [String(id), name]),
    ),
    kindOptions: options(
      t('activity:everything'),
      groups.map((group) => [group, t(`activity:group.${group}`)]),
    ),
    pager: {
      text: t('activity:shown', { count: acts.length }),
      ...(query['before'] === undefined ? {} : { newerHref: href({}), newer: t('activity:newest') }),
      ...(olderThan === undefined ? {} : { olderHref: href({ before: String(olderThan) }) }),
    },
  });
}

function options(first: string, rest: readonly (readonly [string, string])[]) {
  return [{ value: '', label: first }, ...rest.map(([value, label]) => ({ value, label }))];
}

async function sendActs({ audit }: AuditRouteParts, context: PersonContext, place: Place): Promise<void> {
  const { body, person, res, say, t } = context;
  const question = { ...questionOf(body, place.zone), before: undefined };
  const acts = await audit.exported(place.scope, question, { personId: person.id, t });
  const head = ['when', 'who', 'what', 'team', 'from'].map((name) => t(`activity:column.${name}`));
  const rows = acts.map((act) => rowOf(act).map(say));
  res
    .attachment(`${place.name}.csv`)
    .type('text/csv; charset=utf-8')
    .send(csvOf([[...head, 'kind'], ...rows]));
}

function rowOf({ at, who, what, team, address, kind }: Act): readonly string[] {
  return [new Date(at).toISOString(), who ?? '', what, team ?? '', address ?? '', kind];
}
