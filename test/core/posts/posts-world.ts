import type { AccountAccess, Log } from '#plugin-api';
import type { Role } from '../../../core/auth/permissions.ts';
import { approvalRoutes } from '../../../core/approvals/approval-routes.ts';
import { createApprovals } from '../../../core/approvals/approval-service.ts';
import { attentionRoutes } from '../../../core/attention/attention-routes.ts';
import { createAttentionService } from '../../../core/attention/attention-service.ts';
import { savedCaptionRoutes } from '../../../core/captions/saved-caption-routes.ts';
import { createSavedCaptions } from '../../../core/captions/saved-caption-service.ts';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import type { Database } from '../../../core/db/database.ts';
import { createDeliveryDesk } from '../../../core/deliveries/delivery-desk-service.ts';
import type { DeliveryDesk } from '../../../core/deliveries/delivery-desk.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import { createForecast } from '../../../core/forecast/forecast-service.ts';
import { forecastRoutes } from '../../../core/forecast/forecast-routes.ts';
import { createMediaStore } from '../../../core/media/media-store.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { postRoutes } from '../../../core/posts/post-routes.ts';
import { createListHead } from '../../../core/posts/list-head.ts';
import { createPostService, type PostService } from '../../../core/posts/post-service.ts';
import { createPostStore } from '../../../core/posts/post-store.ts';
import { createJobQueue } from '../../../core/queue/job-queue.ts';
import { slotRoutes } from '../../../core/slots/slot-routes.ts';
import { createSlotService } from '../../../core/slots/slot-service.ts';
import { standardTimings } from '../../../core/timings.ts';
import type { Person, Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBase, type TestBrowser } from '../../support/app.ts';
import { createMember, createTeam, nextNumber } from '../../support/factories.ts';
import { silentLog } from '../../support/silent-log.ts';
import { createStubNetwork, type StubNetwork } from './stub-network.ts';

/** A team with an editor, the real app, database, desk and queue; only the network is a stub. */
export interface PostsWorld extends TestApp {
  readonly network: StubNetwork;
  readonly posts: PostService;
  readonly desk: DeliveryDesk;
  readonly team: { readonly id: number; readonly zone: string };
  readonly editor: Person;
  readonly browser: TestBrowser;
  /** `/team/<id>/posts` */
  readonly address: string;
}

export interface PostsWorldOptions {
  readonly db?: Database;
  /** Where codes are explained; nowhere unless said. */
  readonly errorHref?: (code: string) => string | undefined;
  /** Silent unless said. */
  readonly log?: Log;
  /** Of another room, on the same services. */
  readonly moreRoutes?: (parts: PostParts) => readonly Route[];
}

export type PostParts = TestBase & ReturnType<typeof makeParts>;

export async function openPostsWorld(options: PostsWorldOptions = {}): Promise<PostsWorld> {
  const network = createStubNetwork();
  const rooms: { posts?: PostService; desk?: DeliveryDesk } = {};
  const app = await createTestApp({
    ...options,
    networks: [network.forApp],
    routes: (base) => {
      const parts = makeParts(base, network, options.log ?? silentLog);
      rooms.posts = parts.posts;
      rooms.desk = parts.desk;
      const more = options.moreRoutes?.({ ...base, ...parts }) ?? [];
      return [
        ...savedCaptionRoutes(parts),
        ...forecastRoutes(parts),
        ...slotRoutes(parts),
        ...postRoutes(parts),
        ...approvalRoutes(parts),
        ...attentionRoutes(parts),
        ...more,
      ];
    },
  });
  const team = await createTeam(app.db, { zone: 'Europe/Berlin' });
  const editor = await createMember(app.db, { team, role: 'editor' });
  const { posts, desk } = rooms;
  if (posts === undefined || desk === undefined) throw new Error('The routes were not made.');
  const browser = await app.signIn(editor);
  return { ...app, network, posts, desk, team, editor, browser, address: `/team/${team.id}/posts` };
}

function makeParts({ db, clock, t }: TestBase, network: StubNetwork, log: Log) {
  const plugins = createPluginRegistry();
  plugins.add(network.active);
  const channelStore = createChannelStore(db);
  const mediaStore = createMediaStore(db);
  const account: AccountAccess = {
    accountId: 'someone',
    scopes: [],
    accessToken: () => Promise.resolve('a token'),
    replace: () => Promise.resolve('another token'),
    take: () => Promise.resolve({ taken: true }),
  };
  const channels: Parameters<typeof postRoutes>[0]['channels'] = {
    list: (teamId) => channelStore.list(teamId),
    findMany: (teamId, ids) => channelStore.findMany(teamId, ids),
    view: (channel) => Promise.resolve(channel),
  };
  const media: Parameters<typeof createPostService>[0]['media'] & Parameters<typeof postRoutes>[0]['media'] = {
    page: (teamId, page) => mediaStore.page(teamId, page),
    findMany: (teamId, ids) => mediaStore.findMany(teamId, ids),
    view: (file) => ({ ...file, path: `/nowhere/${file.storedName}` }),
  };
  const credentials = { access: () => Promise.resolve(account) };
  const desk = createDeliveryDesk({ db, queue: createJobQueue({ db, clock }), clock, timings: standardTimings, t });
  const events = createEventLog({ db, clock });
  const shared = { channels, media, credentials, plugins, desk, clock, t, log };
  const posts = createPostService({ ...shared, db, store: createPostStore(db), events });
  const savedCaptions = createSavedCaptions({ db, clock, t, events });
  return {
    ...shared,
    events,
    savedCaptions,
    posts,
    forecasts: createForecast({ db, clock, plugins }),
    slots: createSlotService({ db }),
    listHead: createListHead({ db, clock }),
    approvals: createApprovals({ ...shared, db, events, posts, timings: standardTimings }),
    attention: createAttentionService({ db, clock, timings: standardTimings, desk }),
  };
}

export async function createChannel(
  db: Database,
  facts: { readonly team: { readonly id: number }; readonly nickname?: string; readonly isPaused?: boolean },
): Promise<{ readonly id: number; readonly nickname: string }> {
  const n = nextNumber();
  const { team, nickname = `Channel ${n}`, isPaused = false } = facts;
  const account = `account-${n}`;
  const [credentialId] = await db.knex('credentials').insert({
    plugin: 'stubnet',
    app_key: 'app',
    account_id: account,
    mode: 'live',
    access_token: 'sealed',
    refresh_token: 'sealed',
    scopes: '[]',
    access_expires_at: 0,
    refresh_expires_at: Date.UTC(2027, 5, 1),
    state: 'valid',
    refreshed_at: 0,
  });
  const [id = 0] = await db.knex('channels').insert({
    team_id: team.id,
    credential_id: credentialId,
    plugin: 'stubnet',
    account_id: account,
    nickname,
    is_paused: isPaused,
    connected_at: 0,
  });
  return { id, nickname };
}

export async function createVideo(
  db: Database,
  facts: { readonly team: { readonly id: number }; readonly fileName?: string },
): Promise<{ readonly id: number; readonly fileName: string }> {
  const n = nextNumber();
  const { team, fileName = `video-${n}.mp4` } = facts;
  const [id = 0] = await db.knex('media').insert({
    team_id: team.id,
    file_name: fileName,
    stored_name: `${n}.mp4`,
    kind: 'video',
    type: 'video/mp4',
    bytes: 1_000_000,
    sha256: 'a'.repeat(64),
    width: 1080,
    height: 1920,
    duration_ms: 34_000,
    frame_rate: 30,
    codec: 'H.264',
    created_at: 0,
  });
  return { id, fileName };
}

export async function signInAs(world: PostsWorld, role: Role, team: { readonly id: number } = world.team) {
  return world.signIn(await createMember(world.db, { team, role }));
}

export interface Filled {
  readonly channel: { readonly id: number; readonly nickname: string };
  readonly video: { readonly id: number; readonly fileName: string };
  readonly fields: Readonly<Record<string, string>>;
}

/** A channel, a video and the form that schedules it for tomorrow at 09:30 in the team's zone. */
export async function fillForm(world: PostsWorld, more: Readonly<Record<string, string>> = {}): Promise<Filled> {
  const channel = await createChannel(world.db, { team: world.team });
  const video = await createVideo(world.db, { team: world.team });
  const fields = {
    nonce: nextNumber().toString(16).padStart(32, '0'),
    caption: 'Saffron buns, batch one',
    channels: String(channel.id),
    media: String(video.id),
    [`options.${channel.id}.audience`]: 'everyone',
    'declaration.stubnet': "By posting, you agree to Stubnet's Terms",
    when: 'schedule',
    date: '2026-11-22',
    time: '09:30',
    act: 'schedule',
    ...more,
  };
  return { channel, video, fields };
}

/** The id of the post that a 303 leads to. */
export function postIdIn(answer: {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  text: string;
}): number {
  const location = String(answer.headers['location']);
  const id = Number(/\/posts\/(\d+)$/.exec(location)?.[1]);
  if (answer.status !== 303 || Number.isNaN(id)) throw new Error(`No redirect to a post: ${answer.status} ${location}`);
  return id;
}
