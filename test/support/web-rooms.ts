import { auditRoutes } from '../../core/audit/audit-routes.ts';
import { createAuditService } from '../../core/audit/audit-service.ts';
import { AuditStore } from '../../core/audit/audit-store.ts';
import { createAddressService } from '../../core/auth/address-service.ts';
import { createAccountService } from '../../core/auth/account-service.ts';
import { DeviceStore } from '../../core/auth/device-store.ts';
import { createOwnSessions } from '../../core/auth/own-sessions.ts';
import { createSecondFactorService } from '../../core/auth/second-factor-service.ts';
import { SecondFactorStore } from '../../core/auth/second-factor-store.ts';
import { AttemptStore } from '../../core/auth/attempt-store.ts';
import { forgottenRoutes } from '../../core/letters/forgotten-routes.ts';
import { createLetters, type Letters } from '../../core/letters/letter-jobs.ts';
import { LinkStore } from '../../core/auth/link-store.ts';
import { passwordRoutes } from '../../core/auth/password-routes.ts';
import { createPasswords, type Passwords } from '../../core/auth/passwords.ts';
import { createPeopleService } from '../../core/auth/people-service.ts';
import { PersonStore } from '../../core/auth/person-store.ts';
import { signInRoutes } from '../../core/auth/sign-in-routes.ts';
import { findStanding } from '../../core/auth/standing.ts';
import { createSignInService } from '../../core/auth/sign-in-service.ts';
import { userRoutes } from '../../core/auth/user-routes.ts';
import { accountRoutes } from '../../core/account/account-routes.ts';
import type { Channel } from '../../core/channels/channel.ts';
import { createAttentionService } from '../../core/attention/attention-service.ts';
import { createDeliveryDesk } from '../../core/deliveries/delivery-desk-service.ts';
import { createEventLog } from '../../core/events/event-log.ts';
import { createNotificationService } from '../../core/notifications/notification-service.ts';
import { createOverviews } from '../../core/insights/overviews.ts';
import { insightRoutes } from '../../core/insights/insight-routes.ts';
import { createPluginRegistry, type PluginRegistry } from '../../core/plugin-host/plugin-registry.ts';
import { siteRoutes } from '../../core/site/site-routes.ts';
import { dashboardRoutes } from '../../core/teams/dashboard-routes.ts';
import { createDashboardService } from '../../core/teams/dashboard-service.ts';
import { DashboardStore } from '../../core/teams/dashboard-store.ts';
import { invitationRoutes } from '../../core/teams/invitation-routes.ts';
import { memberRoutes } from '../../core/teams/member-routes.ts';
import { createMemberService } from '../../core/teams/member-service.ts';
import { teamRoutes } from '../../core/teams/team-routes.ts';
import { createTeamService } from '../../core/teams/team-service.ts';
import { TeamStore } from '../../core/teams/team-store.ts';
import { createWeeklyChoices } from '../../core/weekly/weekly-choices.ts';
import { createJobQueue } from '../../core/queue/job-queue.ts';
import { standardTimings } from '../../core/timings.ts';
import type { Route } from '../../core/web/route.ts';
import { silentLog } from './silent-log.ts';
import type { TestBase } from './app.ts';

export const adminPath = '/admin/api-integration/tiktok';

interface RoomOptions {
  readonly publicUrl?: string;
  readonly passwords?: Passwords;
  readonly channels?: readonly Channel[];
  /** Networks that tell how channels do; none unless said. */
  readonly registry?: PluginRegistry;
  readonly sendsMail?: boolean;
  /** Puts something around the letters. */
  readonly letters?: (letters: Letters, base: TestBase) => Letters;
}

/** Every route of signing in, people, teams, members, account and site, as the panel mounts them. */
export function webRooms(base: TestBase, options: RoomOptions = {}): readonly Route[] {
  const { db, clock, t, vault, sessionStore: sessions } = base;
  const { publicUrl = 'http://localhost:3000', passwords = createPasswords(), channels = [] } = options;
  const siteName = () => 'Castdeck';
  const people = new PersonStore(db.knex);
  const teamStore = new TeamStore(db.knex);
  const links = new LinkStore(db, clock);
  const events = createEventLog({ db, clock });
  const attempts = new AttemptStore(db, clock);
  const devices = new DeviceStore(db, clock);
  const signIns = createSignInService({ people, passwords, sessions, attempts, devices, events, log: silentLog });
  const factors = new SecondFactorStore(db.knex);
  const factorParts = { db, factors, attempts, sessions, events, vault, clock, t, siteName };
  const secondFactors = createSecondFactorService(factorParts);
  const ownSessions = createOwnSessions({ sessions, events });
  const accounts = createAccountService({ db, people, passwords, links, sessions, signIns, events, siteName, t });
  const peopleService = createPeopleService({ db, people, teams: teamStore, links, sessions, events, clock, t });
  const teams = createTeamService({ db, teams: teamStore, people, events, clock, t });
  const isOn = options.sendsMail === true;
  const ownLetters = createLetters({ queue: createJobQueue({ db, clock }), attempts, clock, isOn });
  const letters = options.letters?.(ownLetters, base) ?? ownLetters;
  const addresses = createAddressService({ db, people, links, letters, sessions, events, t });
  const members = createMemberService({
    letters,
    db,
    teams: teamStore,
    people,
    links,
    passwords,
    events,
    siteName,
    clock,
    t,
  });
  const store = new DashboardStore(db.knex);
  const desk = createDeliveryDesk({ db, queue: createJobQueue({ db, clock }), clock, timings: standardTimings, t });
  const attention = createAttentionService({ db, clock, timings: standardTimings, desk });
  const list = (teamId: number) => Promise.resolve(channels.filter((channel) => channel.teamId === teamId));
  const registry = options.registry ?? createPluginRegistry();
  const overviews = createOverviews({ registry, log: silentLog });
  const dashboard = createDashboardService({
    store,
    channels: { list },
    attention,
    overviews,
    networkName: () => 'TikTok',
    clock,
  });
  const start = { isSecure: publicUrl.startsWith('https:'), adminPath, secondFactors, devices, people, events, clock };
  return [
    ...siteRoutes({
      networks: () => Promise.resolve([{ name: 'TikTok', icon: 'tiktok', asks: [] }]),
      health: { isReady: () => Promise.resolve(true) },
      homeWords: () => ({ title: '', text: '' }),
      adminPath,
    }),
    ...signInRoutes({ signIns, findStanding: (id) => findStanding(people, id), ...start }),
    ...forgottenRoutes({ letters }),
    ...passwordRoutes({ accounts, ...start }),
    ...invitationRoutes(members),
    ...accountRoutes({
      ...{ accounts, addresses, ownSessions, secondFactors },
      themeOf: async (id) => (await people.find(id))?.theme ?? 'auto',
      mailChoices: createNotificationService({ db, clock, config: {} }).mailChoices,
      weekly: createWeeklyChoices({ db, clock, config: isOn ? { mail: {} } : {} }),
    }),
    ...userRoutes({ secondFactors, addresses, people: peopleService, teams, publicUrl }),
    ...teamRoutes({ teams, members, publicUrl }),
    ...auditRoutes({ audit: createAuditService({ store: new AuditStore(db), events, registry }) }),
    ...memberRoutes({ members, publicUrl }),
    ...dashboardRoutes(dashboard),
    ...insightRoutes({ channels: { list }, overviews, clock }),
  ];
}
