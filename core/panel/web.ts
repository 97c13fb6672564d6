import type { RequestListener } from 'node:http';
import type { Translate } from '#plugin-api';
import { approvalRoutes } from '../approvals/approval-routes.ts';
import { auditRoutes } from '../audit/audit-routes.ts';
import { accountRoutes } from '../account/account-routes.ts';
import { attentionRoutes } from '../attention/attention-routes.ts';
import { batchRoutes } from '../batches/batch-routes.ts';
import { importRoutes } from '../batches/import/import-routes.ts';
import { passwordRoutes } from '../auth/password-routes.ts';
import { forgottenRoutes } from '../letters/forgotten-routes.ts';
import { signInRoutes } from '../auth/sign-in-routes.ts';
import { userRoutes } from '../auth/user-routes.ts';
import { calendarRoutes } from '../calendar/calendar-routes.ts';
import { pluginChannelRoutes } from '../channels/channel-page-routes.ts';
import { channelCheckRoutes } from '../channel-check/channel-check-routes.ts';
import { channelRoutes } from '../channels/channel-routes.ts';
import { connectLinkRoutes } from '../channels/connect-link-routes.ts';
import { connectRoutes, overriddenCallback } from '../channels/connect-routes.ts';
import { webhookRoutes } from '../deliveries/webhook-routes.ts';
import { connectionRoutes } from '../connections/connection-routes.ts';
import { createConnectionService } from '../connections/connection-service.ts';
import { goingLiveRoutes } from '../going-live/going-live-routes.ts';
import { reviewRoutes } from '../going-live/review-routes.ts';
import { helpRoutes } from '../help/help-routes.ts';
import { doctorRoutes, readSetupCheck } from '../doctor/doctor-routes.ts';
import { insightRoutes } from '../insights/insight-routes.ts';
import { languageRoutes } from '../language/language-routes.ts';
import { mediaLinkRoutes } from '../media/media-link-routes.ts';
import { mediaRoutes } from '../media/media-routes.ts';
import { notificationRoutes } from '../notifications/notification-routes.ts';
import { jobsRoutes } from '../operations/jobs-routes.ts';
import { metricsRoutes } from '../operations/metrics-routes.ts';
import { postRoutes } from '../posts/post-routes.ts';
import { titleOf } from '../posts/post-title.ts';
import { settingsRoutes } from '../settings/settings-routes.ts';
import { slotRoutes } from '../slots/slot-routes.ts';
import { forecastRoutes } from '../forecast/forecast-routes.ts';
import { savedCaptionRoutes } from '../captions/saved-caption-routes.ts';
import { teamSettingsRoutes } from '../team-settings/team-settings-routes.ts';
import { dashboardRoutes } from '../teams/dashboard-routes.ts';
import { invitationRoutes } from '../teams/invitation-routes.ts';
import { memberRoutes } from '../teams/member-routes.ts';
import { readTeamFacts } from '../teams/team-facts.ts';
import { teamRemovalRoutes } from '../teams/team-removal-routes.ts';
import { teamRoutes } from '../teams/team-routes.ts';
import { uploadRoutes } from '../uploads/upload-routes.ts';
import { createApp, type Network } from '../web/app.ts';
import { knownPages } from '../web/known-pages.ts';
import type { Route } from '../web/route.ts';
import type { Foundation } from './foundation.ts';
import { siteFiles, sitePages } from './site-pages.ts';
import type { Services } from './services.ts';

/** The web of the panel, to be put behind a server. Plugins must be awake. */
export function makeWeb(base: Foundation, services: Services, readsAnew: boolean): RequestListener {
  const connectDeps = { ...services };
  const factsParts = { ...base, ...services };
  return createApp({
    ...base,
    brand: base.identity,
    log: base.pino,
    routes: panelRoutes(base, services),
    findRoute: (path) => overriddenCallback(connectDeps, path),
    findFile: siteFiles(services, panelRoutes(base, services)),
    networks: panelNetworks(base, services),
    sessionStore: services.sessions,
    findStanding: services.findStanding,
    confirmations: services.confirmations,
    allowances: services.allowances,
    teamFacts: (teamId, reader) => readTeamFacts(factsParts, teamId, reader),
    recordStrip: services.recordStrip,
    errorHref: (code) => services.errorLibrary.href(code),
    adminCounts: async () => ({ 'api-integration': await services.doctor.countBad() }),
    cache: !readsAnew,
  });
}

/** Every address of the installation. */
export function panelRoutes(base: Foundation, services: Services): readonly Route[] {
  const parts = routeParts(base, services);
  const isPage = (href: string): boolean => knownPages(routes)(href);
  const routes: readonly Route[] = [
    ...sitePages(base, services, { adminPath: parts.adminPath, routes: () => panelRoutes(base, services) }),
    ...[...languageRoutes(parts), ...signInRoutes(parts)],
    ...[...forgottenRoutes(parts), ...passwordRoutes(parts)],
    ...invitationRoutes(services.members),
    ...accountRoutes({
      ...parts,
      themeOf: (id) => themeOf(services, id),
      mailChoices: services.notifications.mailChoices,
    }),
    ...dashboardRoutes(services.dashboard),
    ...insightRoutes(parts),
    ...attentionRoutes(parts),
    ...notificationRoutes(parts),
    ...savedCaptionRoutes(parts),
    ...[...forecastRoutes(parts), ...slotRoutes(parts)],
    ...postRoutes(parts),
    ...approvalRoutes(parts),
    ...calendarRoutes(parts),
    ...[...connectRoutes(parts), ...connectLinkRoutes(parts)],
    ...channelRoutes({ ...parts, postTitles: postTitles(services) }),
    ...channelCheckRoutes(parts),
    ...pluginChannelRoutes(parts),
    ...mediaLinkRoutes(parts),
    ...importRoutes(parts),
    ...batchRoutes(parts),
    ...mediaRoutes(services),
    ...uploadRoutes(services),
    ...memberRoutes(parts),
    ...teamSettingsRoutes(parts),
    ...adminRoutes(base, services, isPage),
    ...webhookRoutes(services),
  ];
  return routes;
}

/** What the rooms' routes are made of. */
function routeParts(base: Foundation, services: Services) {
  return { ...base, ...services, ...base.config, plugins: services.registry, adminPath: adminHome(services) };
}

/** The installation's own pages, and those that explain it. */
function adminRoutes(base: Foundation, services: Services, isPage: (href: string) => boolean): readonly Route[] {
  const parts = routeParts(base, services);
  return [
    ...settingsRoutes({
      ...{ ...parts, config: base.config },
      setupCheck: (id, t) => readSetupCheck({ ...services, isPage }, id, t),
    }),
    ...doctorRoutes({ ...services, isPage }),
    ...[...goingLiveRoutes({ ...parts, isPage }), ...reviewRoutes({ ...parts, isPage })],
    ...userRoutes({ ...parts, people: services.peopleAdmin }),
    ...teamRemovalRoutes(services),
    ...teamRoutes({ ...services, publicUrl: base.config.publicUrl }),
    ...auditRoutes(services),
    ...helpRoutes(parts),
    ...jobsRoutes(parts),
    ...connectionRoutes({ ...parts, connections: createConnectionService(parts) }),
    ...metricsRoutes(parts),
  ];
}

/** Handed to the rooms that name posts without knowing what a post is. */
function postTitles({ posts }: Services) {
  return async (teamId: number, postIds: readonly number[], t: Translate): Promise<ReadonlyMap<number, string>> => {
    const found = await posts.findMany(teamId, postIds);
    return new Map(found.map((post) => [post.id, titleOf(t, post)]));
  };
}

/** An admin's first page: where the networks are set up. */
function adminHome({ registry }: Services): string {
  const [first] = registry.all();
  return first === undefined ? '/admin/users' : `/admin/api-integration/${first.plugin.id}`;
}

/** What the pages need to know of each plugin: views, public files, origins for the content policy. */
export function panelNetworks({ plugins }: Foundation, { registry }: Services): readonly Network[] {
  return plugins.map(({ plugin, views, publicFiles }) => {
    const { origins } = registry.get(plugin.id).parts;
    return {
      id: plugin.id,
      name: plugin.name,
      icon: plugin.icon,
      ...(views === undefined ? {} : { views }),
      ...(publicFiles === undefined ? {} : { publicFiles }),
      ...(origins === undefined ? {} : { origins }),
    };
  });
}

async function themeOf({ people }: Services, personId: number) {
  return (await people.find(personId))?.theme ?? 'auto';
}
