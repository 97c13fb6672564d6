import type { Clock, MissingScope, Translate } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { walkPath } from '../channels/reconnect-walk.ts';
import { NotFoundError } from '../errors.ts';
import type { ActivePlugin, PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { shorten } from '../settings/settings-form.ts';
import type { PersonContext, Route, Standing, TeamOfMember } from '../web/route.ts';
import type { Connection, ConnectionPlace } from './connection.ts';
import type { ConnectionOfSet, ConnectionService, ConnectionView } from './connection-service.ts';

interface ConnectionRoutesDeps {
  readonly connections: ConnectionService;
  readonly registry: PluginRegistry;
  readonly clock: Clock;
  /** The teams a person is a member of: an admin follows a channel to its page only from inside its team. */
  readonly findStanding: (userId: number) => Promise<Standing | undefined>;
}

const onAPage = 50;
/** An access that ends sooner is worth a look. */
const soonMs = 14 * 86_400_000;

/** How every connection of a network is doing, over all teams. */
export function connectionRoutes(deps: ConnectionRoutesDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/admin/api-integration/:plugin/connections',
      permission: 'admin',
      handle: (context) => showConnections(deps, context),
    },
  ];
}

async function showConnections(deps: ConnectionRoutesDeps, context: PersonContext): Promise<void> {
  const { t, query, params, person } = context;
  const active = deps.registry.find(params['plugin'] ?? '');
  if (active === undefined) throw new NotFoundError('There is no such network.');
  const { plugin } = active;
  const view = viewIn(active, query);
  const page = await deps.connections.page(active, view, { limit: onAPage, ...turnIn(query) });
  const teams = (await deps.findStanding(person.id))?.teams ?? [];
  const address = `/admin/api-integration/${plugin.id}/connections`;
  const hrefOf = (name: string, place: ConnectionPlace | null) =>
    place === null ? null : `${address}?${queryOf(view)}&${name}=${place.teamId}.${place.channelId}`;
  await context.page('connections/list', {
    title: t('connections:title', { network: plugin.name }),
    frame: 'admin',
    current: `api-integration/${plugin.id}`,
    network: { id: plugin.id, name: plugin.name, icon: plugin.icon },
    settingsPath: `/admin/api-integration/${plugin.id}`,
    tabs: await tabs(deps, active, { view, t, address }),
    missingScope: view.kind === 'missing' ? view.scope : null,
    rows: await Promise.all(page.connections.map((one) => rowOf(deps, active, { one, teams, t }))),
    pager: {
      newerHref: hrefOf('before', page.earlier),
      olderHref: hrefOf('after', page.later),
      newer: t('connections:pager.earlier'),
      older: t('connections:pager.later'),
      text: t('connections:pager.shown', { count: page.connections.length }),
    },
  });
}

async function tabs(
  { connections }: ConnectionRoutesDeps,
  active: ActivePlugin,
  { view, t, address }: { view: ConnectionView; t: Translate; address: string },
) {
  const counts = await connections.counts(active);
  const tab = (one: ConnectionView, label: string, count: number) => ({
    href: `${address}?${queryOf(one)}`,
    label,
    count,
    isCurrent: queryOf(one) === queryOf(view),
  });
  return [
    tab({ kind: 'all' }, t('connections:show.all'), counts.all),
    tab({ kind: 'reconnect' }, t('connections:show.reconnect'), counts.reconnect),
    tab({ kind: 'failed' }, t('connections:show.failed'), counts.failed),
    ...active.plugin.settings.sets.map(({ id, label }) =>
      tab({ kind: 'set', setId: id }, t(label), counts.bySet.get(id) ?? 0),
    ),
  ];
}

/** One line of the list. */
async function rowOf(
  { clock }: ConnectionRoutesDeps,
  active: ActivePlugin,
  { one, teams, t }: { one: ConnectionOfSet; teams: readonly TeamOfMember[]; t: Translate },
) {
  const now = clock.now();
  const { channelId, nickname, username, refreshExpiresAt, accessExpiresAt, connectedAt, connectedBy } = one;
  const set = active.plugin.settings.sets.find(({ id }) => id === one.setId);
  const activeSet = (await active.settings.active())?.id;
  const own = teams.find(({ id }) => id === one.team.id);
  const isLost = one.isLost || set === undefined;
  const state = isLost ? 'reconnect-needed' : one.isPaused ? 'paused' : 'connected';
  const mayReconnect = own !== undefined && roleMay(own.role, 'channels.connect');
  return {
    ...{ id: channelId, nickname, username, state, connectedAt, connectedBy, accessExpiresAt, refreshExpiresAt },
    team: one.team.name,
    path: own === undefined ? null : `/team/${own.id}/channels/${channelId}`,
    // To the app that new logins use: what is lost comes back, what publishes with another app moves.
    walkPath: (isLost || one.setId !== activeSet) && mayReconnect ? walkPath(own.id, active.plugin.id) : null,
    appLabel: set === undefined ? t('connections:oldApp') : t(set.label),
    appKeyHint: shorten(one.appKey),
    isAccessOver: accessExpiresAt <= now,
    isRefreshEnding: refreshExpiresAt - now < soonMs,
    refreshedAt: one.refreshedAt,
    failure: one.failure,
    missing: await missingScopes(active, one),
  };
}

async function missingScopes(active: ActivePlugin, one: Connection): Promise<readonly MissingScope[]> {
  const set = await active.settings.findByAppKey(one.appKey);
  return set === undefined ? [] : active.parts.connector.missingScopes(one.scopes, set);
}

function viewIn({ plugin }: ActivePlugin, query: PersonContext['query']): ConnectionView {
  const { show, missing } = query;
  const scopes = plugin.settings.fields.flatMap((field) => (field.kind === 'choices' ? field.choices : []));
  const scope = scopes.find(({ value }) => value === missing)?.value;
  if (scope !== undefined) return { kind: 'missing', scope };
  if (show === 'reconnect' || show === 'failed') return { kind: show };
  const setId = plugin.settings.sets.find(({ id }) => id === query['app'])?.id;
  return setId === undefined ? { kind: 'all' } : { kind: 'set', setId };
}

function queryOf(view: ConnectionView): string {
  if (view.kind === 'missing') return `missing=${encodeURIComponent(view.scope)}`;
  if (view.kind === 'set') return `app=${encodeURIComponent(view.setId)}`;
  return `show=${view.kind}`;
}

function turnIn(query: PersonContext['query']): { after?: ConnectionPlace; before?: ConnectionPlace } {
  const [after, before] = [readPlace(query['after']), readPlace(query['before'])];
  return before !== undefined ? { before } : after !== undefined ? { after } : {};
}

/** `<team>.<channel>` as our own links carry it. */
function readPlace(text: string | undefined): ConnectionPlace | undefined {
  const [, teamId, channelId] = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(text ?? '') ?? [];
  if (teamId === undefined || channelId === undefined) return undefined;
  return { teamId: Number(teamId), channelId: Number(channelId) };
}
