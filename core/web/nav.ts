import type { Translate } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { Route, TeamOfMember } from './route.ts';

export interface NavItem {
  readonly id: string;
  readonly label: string;
  readonly href: string;
  readonly icon?: string;
  /** How many things there need a person. */
  readonly count?: number;
  /** Where they are listed. */
  readonly countHref?: string;
  readonly group: string;
  /** An indented entry below the one before it. */
  readonly sub?: true;
}

/** A network as the frame names it. */
export interface NavNetwork {
  readonly id: string;
  readonly name: string;
}

interface Place {
  readonly id: string;
  readonly path: string;
  readonly icon: string;
  readonly group: string;
}

const teamPlaces: readonly Place[] = [
  { id: 'dashboard', path: '/team/:team/', icon: 'grid-1x2', group: 'work' },
  { id: 'calendar', path: '/team/:team/calendar', icon: 'calendar3', group: 'work' },
  { id: 'posts', path: '/team/:team/posts', icon: 'collection-play', group: 'work' },
  { id: 'channels', path: '/team/:team/channels', icon: 'broadcast', group: 'work' },
  { id: 'insights', path: '/team/:team/insights', icon: 'graph-up', group: 'work' },
  { id: 'files', path: '/team/:team/files', icon: 'images', group: 'work' },
  { id: 'captions', path: '/team/:team/captions', icon: 'bookmark', group: 'work' },
  { id: 'members', path: '/team/:team/members', icon: 'people', group: 'people' },
  { id: 'activity', path: '/team/:team/activity', icon: 'clock-history', group: 'people' },
  { id: 'settings', path: '/team/:team/settings', icon: 'gear', group: 'people' },
];

/** What the counts count. */
const attentionPath = '/team/:team/attention';
const integrationPath = '/admin/api-integration/:plugin';

const adminPlaces: readonly Place[] = [
  { id: 'site', path: '/admin/site', icon: 'window-sidebar', group: 'settings' },
  { id: 'api-integration', path: integrationPath, icon: 'plug', group: 'settings' },
  { id: 'going-live', path: '/admin/going-live', icon: 'clipboard-check', group: 'settings' },
  { id: 'error-book', path: '/help/errors', icon: 'book', group: 'settings' },
  { id: 'users', path: '/admin/users', icon: 'people', group: 'installation' },
  { id: 'teams', path: '/admin/teams', icon: 'layers', group: 'installation' },
  { id: 'jobs', path: '/admin/jobs', icon: 'hdd-stack', group: 'installation' },
  { id: 'audit', path: '/admin/audit', icon: 'shield-check', group: 'installation' },
];

export interface Navigation {
  team(team: TeamOfMember, counts: Readonly<Record<string, number>>, t: Translate): readonly NavItem[];
  admin(counts: Readonly<Record<string, number>>, t: Translate): readonly NavItem[];
}

/** The sidebar: of the places the product knows, those that exist and that the person may open. */
export function createNavigation(routes: readonly Route[], networks: readonly NavNetwork[]): Navigation {
  const pages = new Map(routes.filter((route) => route.method === 'get').map((route) => [route.path, route]));
  return {
    team: (team, counts, t) =>
      teamPlaces
        .filter(({ path }) => mayOpen(pages.get(path), team))
        .map((place) => ({
          id: place.id,
          icon: place.icon,
          label: t(`web:nav.${place.id}`),
          href: pathIn(team, place.path),
          group: t(`web:nav.group.${place.group}`),
          count: counts[place.id] ?? 0,
          ...(mayOpen(pages.get(attentionPath), team) ? { countHref: pathIn(team, attentionPath) } : {}),
        })),
    admin: (counts, t) =>
      adminPlaces
        .filter(({ path }) => pages.has(path))
        .flatMap((place) => adminItems(place, networks, t))
        .map((item) => ({ ...item, count: counts[item.id] ?? 0 })),
  };
}

function pathIn(team: TeamOfMember, path: string): string {
  return path.replace(':team', String(team.id));
}

function mayOpen(page: Route | undefined, team: TeamOfMember): boolean {
  if (page === undefined) return false;
  const { permission } = page;
  if (permission === 'public' || permission === 'signed-in') return true;
  return permission !== 'admin' && roleMay(team.role, permission);
}

function adminItems(place: Place, networks: readonly NavNetwork[], t: Translate): readonly NavItem[] {
  const group = t(`web:nav.group.${place.group}`);
  const item = { id: place.id, icon: place.icon, label: t(`web:nav.${place.id}`), href: place.path, group };
  if (place.path !== integrationPath) return [item];
  const [first] = networks;
  if (first === undefined) return [];
  const href = (network: NavNetwork) => integrationPath.replace(':plugin', network.id);
  const subs = networks.map((network) => ({
    id: `api-integration/${network.id}`,
    label: network.name,
    href: href(network),
    group,
    sub: true as const,
  }));
  return [{ ...item, href: href(first) }, ...subs];
}
