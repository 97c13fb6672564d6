import type { AccountInput } from './accounts.ts';
import type { AppInput } from './apps.ts';

const loopbackCallbacks = ['http://localhost:*/app/tiktok/profile', 'http://127.0.0.1:*/app/tiktok/profile'];

/** The demo's own panel, whatever its port: TikTok takes no address of a single machine, this simulator does. */
const loopbackProperties = ['http://localhost:*/m/', 'http://127.0.0.1:*/m/'];

/** Invented keys and secrets: they open nothing but this simulator. */
export const demoApps = {
  live: {
    client_key: 'awdemo7k2x9m4p1q',
    client_secret: 'demo-live-secret-5f1c8a27e93b',
    name: 'Castdeck Demo',
    environment: 'live',
    approved: true,
    audited: true,
    platform: 'desktop',
    redirect_uris: loopbackCallbacks,
    url_properties: loopbackProperties,
  },
  sandbox: {
    client_key: 'sbawdemo3v8r5t6w',
    client_secret: 'demo-sandbox-secret-b04d6e71fa25',
    name: 'Castdeck Demo (sandbox)',
    environment: 'sandbox',
    approved: false,
    audited: false,
    platform: 'desktop',
    redirect_uris: loopbackCallbacks,
    url_properties: loopbackProperties,
    target_users: ['hazelandrye', 'hazelandrye.workshops', 'ryeclub'],
  },
} as const satisfies Record<string, { readonly [K in keyof AppInput]: unknown }>;

export const defaultApps: readonly AppInput[] = [
  {
    ...demoApps.live,
    redirect_uris: [...demoApps.live.redirect_uris],
    url_properties: [...demoApps.live.url_properties],
  },
  {
    ...demoApps.sandbox,
    redirect_uris: [...demoApps.sandbox.redirect_uris],
    url_properties: [...demoApps.sandbox.url_properties],
    target_users: [...demoApps.sandbox.target_users],
  },
];

/** An invented bakery. The last account is on no sandbox's list of target users. */
export const defaultAccounts: readonly AccountInput[] = [
  {
    username: 'hazelandrye',
    nickname: 'Hazel & Rye',
    bio_description: 'Rye, butter and patience. Two ovens in Copenhagen, one in Aarhus.',
    is_verified: true,
    follower_count: 48_214,
    following_count: 312,
    likes_count: 1_106_400,
    videos: 214,
  },
  {
    username: 'hazelandrye.workshops',
    nickname: 'Hazel & Rye Workshops',
    bio_description: 'Learn to bake with us: Saturdays, flour included.',
    duet_disabled: true,
    max_video_post_duration_sec: 60,
    follower_count: 6_730,
    following_count: 94,
    likes_count: 88_120,
    videos: 57,
  },
  {
    username: 'ryeclub',
    nickname: 'Rye Club',
    bio_description: 'Members only: tomorrow’s loaf, tonight.',
    private: true,
    duet_disabled: true,
    stitch_disabled: true,
    follower_count: 418,
    following_count: 36,
    likes_count: 5_204,
    videos: 23,
  },
  {
    username: 'hazelandrye.catering',
    nickname: 'Hazel & Rye Catering',
    bio_description: 'Breakfast for 20 to 400, all over Zealand.',
    follower_count: 2_951,
    following_count: 180,
    likes_count: 31_877,
    videos: 88,
  },
];
