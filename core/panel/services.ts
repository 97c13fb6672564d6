import { AttemptStore } from '../auth/attempt-store.ts';
import { createAttentionService } from '../attention/attention-service.ts';
import { createOwnSessions } from '../auth/own-sessions.ts';
import { DeviceStore } from '../auth/device-store.ts';
import { createSecondFactorService } from '../auth/second-factor-service.ts';
import { SecondFactorStore } from '../auth/second-factor-store.ts';
import { createAllowances } from '../auth/allowances.ts';
import { createConfirmations } from '../auth/confirmations.ts';
import { createAddressService } from '../auth/address-service.ts';
import { createAccountService } from '../auth/account-service.ts';
import { createLetters } from '../letters/letter-jobs.ts';
import { LinkStore } from '../auth/link-store.ts';
import { createAuditService } from '../audit/audit-service.ts';
import { AuditStore } from '../audit/audit-store.ts';
import { createPasswords } from '../auth/passwords.ts';
import { createPeopleService } from '../auth/people-service.ts';
import { PersonStore } from '../auth/person-store.ts';
import { createSignInService } from '../auth/sign-in-service.ts';
import { findStanding } from '../auth/standing.ts';
import { createChannelCheck } from '../channel-check/channel-check-service.ts';
import { createAvatars } from '../channels/avatars.ts';
import { createChannelService } from '../channels/channel-service.ts';
import { createChannelStore } from '../channels/channel-store.ts';
import { createConnectLinks } from '../channels/connect-link-service.ts';
import { createConnectLinkStore } from '../channels/connect-link-store.ts';
import { createConnectService } from '../channels/connect-service.ts';
import { createAccountKeeper } from '../channels/keep-account.ts';
import { createOAuthStateStore } from '../channels/oauth-state-store.ts';
import { createCredentialService } from '../credentials/stored-credentials.ts';
import { createDeliveryDesk } from '../deliveries/delivery-desk-service.ts';
import { createWebhookService } from '../deliveries/webhook-service.ts';
import { createEventLog } from '../events/event-log.ts';
import { createErrorLibrary } from '../help/error-library.ts';
import { ownErrors } from '../help/own-errors.ts';
import { createHealth } from '../health/health.ts';
import { createOverviews } from '../insights/overviews.ts';
import { createMediaLinks } from '../media/media-links.ts';
import { createNotificationService } from '../notifications/notification-service.ts';
import { tellReconnectNeeded } from '../notifications/outbox-store.ts';
import { createOperationsService } from '../operations/operations-service.ts';
import { createPluginRegistry } from '../plugin-host/plugin-registry.ts';
import { createPostService } from '../posts/post-service.ts';
import { createPostStore } from '../posts/post-store.ts';
import { createJobQueue } from '../queue/job-queue.ts';
import { createSettingsService } from '../settings/settings-service.ts';
import { createSettingsStore } from '../settings/settings-store.ts';
import { createDashboardService } from '../teams/dashboard-service.ts';
import { DashboardStore } from '../teams/dashboard-store.ts';
import { createMemberService } from '../teams/member-service.ts';
import { createTeamService } from '../teams/team-service.ts';
import { createTeamRemoval } from '../teams/team-removal.ts';
import { TeamRemovalStore } from '../teams/team-removal-store.ts';
import { TeamStore } from '../teams/team-store.ts';
import { SessionStore } from '../web/session-store.ts';
import { createWeeklyChoices } from '../weekly/weekly-choices.ts';
import { makeCalendar } from './calendar.ts';
import { makeBatches } from './batches.ts';
import type { Foundation } from './foundation.ts';
import { makeDoctor } from './doctor.ts';
import { makeGoingLive } from './going-live.ts';
import { makeLibrary } from './library.ts';
import { makeSite } from './site.ts';
import { makeTeamRooms } from './team-rooms.ts';

/** Every service of the panel, made by hand in order: each is handed what it needs and nothing is found by name. */
export function makeServices(base: Foundation) {
  const engine = makeEngine(base);
  const people = makePeople(base, engine);
  const oversight = makeOversight(base, engine, people);
  const channels = makeChannels(base, engine, people);
  const content = makeContent(base, engine, channels);
  const batches = makeBatches(base, { ...engine, ...channels, ...content });
  const site = makeSite(base, engine);
  const doctor = makeDoctor(base, engine);
  const goingLive = makeGoingLive(base, { ...engine, ...site });
  return { ...engine, ...people, ...oversight, ...channels, ...content, ...batches, ...site, doctor, ...goingLive };
}

export type Services = ReturnType<typeof makeServices>;

function makeEngine(base: Foundation) {
  const { db } = base;
  const registry = createPluginRegistry();
  const queue = createJobQueue(base);
  const events = createEventLog(base);
  const credentials = createCredentialService({
    ...base,
    registry,
    queue,
    onGrantLost: ({ credentialId, reason }, sql) =>
      tellReconnectNeeded(sql, base, { credentialId, because: reason === 'app-replaced' ? 'app' : 'network' }),
  });
  const desk = createDeliveryDesk({ ...base, queue });
  const webhooks = createWebhookService({ ...base, registry, queue, credentials });
  const channelStore = createChannelStore(db);
  const settings = createSettingsService({
    ...base,
    registry,
    events,
    credentials,
    store: createSettingsStore(db),
    appUse: channelStore,
  });
  return {
    registry,
    queue,
    events,
    credentials,
    desk,
    webhooks,
    channelStore,
    settings,
    operations: createOperationsService({ ...base, queue, events }),
    health: createHealth(base),
    mediaLinks: createMediaLinks(base.config.publicUrl, base.keys),
    errorLibrary: createErrorLibrary({ registry, own: ownErrors(base.t) }),
  };
}

type Engine = ReturnType<typeof makeEngine>;

function makePeople(base: Foundation, { events, queue }: Engine) {
  const { db, clock } = base;
  const people = new PersonStore(db.knex);
  const teamStore = new TeamStore(db.knex);
  const links = new LinkStore(db, clock);
  const sessions = new SessionStore(db, clock);
  const passwords = createPasswords();
  const attempts = new AttemptStore(db, clock);
  const devices = new DeviceStore(db, clock);
  const signIns = createSignInService({ ...base, people, passwords, sessions, attempts, devices, events });
  const factors = new SecondFactorStore(db.knex);
  const letters = createLetters({ queue, attempts, clock, isOn: base.config.mail !== undefined });
  const parts = { ...base, people, teams: teamStore, links, letters, sessions, passwords, signIns, events };
  return {
    people,
    passwords,
    sessions,
    signIns,
    attempts,
    allowances: createAllowances(attempts, base.config.hourlyLimits),
    letters,
    links,
    teamStore,
    devices,
    ownSessions: createOwnSessions({ sessions, events }),
    secondFactors: createSecondFactorService({ ...base, factors, attempts, sessions, events }),
    confirmations: createConfirmations({ ...base, signIns }),
    accounts: createAccountService(parts),
    addresses: createAddressService(parts),
    peopleAdmin: createPeopleService(parts),
    teams: createTeamService(parts),
    members: createMemberService(parts),
    notifications: createNotificationService(base),
    weekly: createWeeklyChoices(base),
    findStanding: (userId: number) => findStanding(people, userId),
  };
}

type People = ReturnType<typeof makePeople>;

/** What is told of people's acts, and how a team ends. */
function makeOversight(base: Foundation, { events, registry, queue }: Engine, { teamStore }: People) {
  const teamRemovals = new TeamRemovalStore(base.db);
  return {
    audit: createAuditService({ store: new AuditStore(base.db), events, registry }),
    teamRemovals,
    teamRemoval: createTeamRemoval({ ...base, queue, events, teams: teamStore, store: teamRemovals }),
  };
}

function makeChannels(base: Foundation, engine: Engine, people: People) {
  const avatars = createAvatars({ dataDir: base.config.dataDir, log: base.log });
  const parts = { ...base, ...engine, store: engine.channelStore, avatars };
  const channels = createChannelService(parts);
  const connect = createConnectService({
    ...base,
    registry: engine.registry,
    findStanding: people.findStanding,
    states: createOAuthStateStore(base.db),
    keeper: createAccountKeeper(parts),
  });
  const connectLinks = createConnectLinks({
    ...base,
    registry: engine.registry,
    events: engine.events,
    links: createConnectLinkStore(base.db),
    teams: people.teams,
    membersOf: (teamId) => people.members.list(teamId),
  });
  return { avatars, channels, connect, connectLinks, channelCheck: createChannelCheck({ ...base, ...engine }) };
}

function makeContent(base: Foundation, engine: Engine, { channels }: ReturnType<typeof makeChannels>) {
  const { db } = base;
  const { registry, desk, credentials, events } = engine;
  const library = makeLibrary(base, { desk, events });
  const posts = createPostService({
    ...base,
    desk,
    events,
    channels,
    credentials,
    media: library.media,
    plugins: registry,
    store: createPostStore(db),
  });
  const attention = createAttentionService({ ...base, desk });
  const overviews = createOverviews({ ...base, registry });
  const dashboard = createDashboardService({
    ...base,
    channels,
    attention,
    overviews,
    store: new DashboardStore(db.knex),
    networkName: (id) => registry.find(id)?.plugin.name ?? id,
  });
  return {
    ...library,
    posts,
    attention,
    overviews,
    dashboard,
    ...makeCalendar(base, { desk, events, channels }),
    ...makeTeamRooms(base, { events, channels, desk, posts, plugins: registry }),
  };
}
