import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import i18next from 'i18next';
import { z } from 'zod';
import { createPluginHttp } from '../../../core/plugin-host/http.ts';
import type {
  AccountAccess,
  ChannelView,
  Clock,
  CredentialSet,
  Draft,
  MediaView,
  PluginHost,
  PluginSettings,
  Translate,
} from '#plugin-api';
import { TikTokClient } from '../../../plugins/tiktok/api/client.ts';
import { ErrorBook } from '../../../plugins/tiktok/errors.ts';

/** The plugin's texts, as the host would hand them over. A missing key is an error here. */
export const t: Translate = loadTexts();

export const errors = new ErrorBook(t);

function loadTexts(): Translate {
  const folder = path.join(import.meta.dirname, '../../../plugins/tiktok/locales/en');
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  const texts = readdirSync(folder).map((file) => [path.parse(file).name, read(file)] as const);
  const i18n = i18next.createInstance();
  void i18n.init({
    lng: 'en',
    initAsync: false,
    interpolation: { escapeValue: false },
    resources: { en: z.record(z.string(), z.record(z.string(), z.unknown())).parse(Object.fromEntries(texts)) },
  });
  return (key, values) => {
    if (!i18n.exists(key, { ...values })) throw new Error(`No text for ${key}`);
    return i18n.t(key, { ...values });
  };
}

export class MovableClock {
  at: number;

  constructor(at: number) {
    this.at = at;
  }

  now(): number {
    return this.at;
  }
}

export interface AppValues {
  readonly appKey: string;
  readonly secret: string;
  readonly callbackUrl?: string;
  readonly scopes?: readonly string[];
  /** Of photos: an admin has said so. */
  readonly isAddressVerified?: boolean;
  /** What an admin has noted of the app. */
  readonly noted?: Pick<CredentialSet, 'appState' | 'isAudited' | 'testers'>;
}

export const allScopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];

export function credentialSet(values: AppValues): CredentialSet {
  return {
    id: 'live',
    appKey: values.appKey,
    text: (field) => (field === 'appSecret' ? values.secret : values.appKey),
    choices: () => values.scopes ?? allScopes,
    isConfirmed: () => values.isAddressVerified === true,
    callbackUrl: values.callbackUrl ?? 'http://localhost:3000/app/tiktok/profile',
    ...values.noted,
  };
}

export function pluginSettings(set: CredentialSet, url: string): PluginSettings {
  return {
    isEnabled: () => Promise.resolve(true),
    active: () => Promise.resolve(set),
    complete: () => Promise.resolve([set]),
    findByAppKey: (key) => Promise.resolve(key === set.appKey ? set : undefined),
    notes: () =>
      Promise.resolve({
        state: set.appState,
        isAudited: set.isAudited,
        testers: set.testers ?? [],
        testersNotedAt: undefined,
      }),
    address: () => url,
    withdraw: () => Promise.resolve(),
  };
}

export interface HostValues {
  readonly url: string;
  readonly clock?: Clock;
  readonly set?: CredentialSet;
  readonly log?: string[];
  /** Where TikTok fetches photos. */
  readonly mediaLinks?: PluginHost['mediaLinks'];
  readonly withdraw?: PluginSettings['withdraw'];
  readonly rivals?: PluginHost['deliveries']['rivals'];
}

export function pluginHost(values: HostValues): PluginHost {
  const set = values.set ?? credentialSet({ appKey: 'awexample0000000', secret: 'example-client-secret' });
  const write = (facts: object, message: string): void => void values.log?.push(`${message} ${JSON.stringify(facts)}`);
  const absent = (): never => {
    throw new Error('Not part of this test.');
  };
  return {
    log: { debug: write, info: write, warn: write, error: write },
    clock: values.clock ?? new MovableClock(Date.UTC(2026, 10, 20, 9)),
    t,
    http: createPluginHttp({ mayCallLoopback: true }),
    urls: { publicUrl: 'http://localhost:3000', callbackUrl: set.callbackUrl, webhookUrl: '' },
    settings: {
      ...pluginSettings(set, values.url),
      ...(values.withdraw === undefined ? {} : { withdraw: values.withdraw }),
    },
    channels: { find: absent, all: absent, access: absent, update: absent },
    deliveries: {
      wake: absent,
      findByRemoteIds: absent,
      linkless: absent,
      linkFound: absent,
      rivals: values.rivals ?? absent,
    },
    jobs: { enqueue: absent },
    mediaLinks: values.mediaLinks ?? { prefix: 'http://localhost:3000/m/', isPublic: false, make: absent },
    table: absent,
    transaction: absent,
    folder: '',
    channelFolder: () => '',
  };
}

/** Of photos that the simulator is told not to fetch. */
export const unfetchedLinks: PluginHost['mediaLinks'] = {
  prefix: 'http://localhost:3000/m/',
  isPublic: false,
  make: ({ id }) => `http://localhost:3000/m/${id}.jpg`,
};

export function clientFor(url: string): TikTokClient {
  return new TikTokClient(createPluginHttp({ mayCallLoopback: true }), url);
}

/** An account whose token never needs refreshing, unless a next one is given. */
export function account(token: string, next?: string): AccountAccess & { readonly replaced: string[] } {
  const replaced: string[] = [];
  return {
    accountId: 'open-id-1',
    scopes: allScopes,
    replaced,
    accessToken: () => Promise.resolve(token),
    replace: (refused) => {
      replaced.push(refused);
      return Promise.resolve(next ?? token);
    },
    take: () => Promise.resolve({ taken: true }),
  };
}

export const channel: ChannelView = {
  id: 7,
  teamId: 3,
  accountId: 'open-id-1',
  nickname: 'Hazel & Rye',
  username: 'hazelandrye',
  mode: 'live',
  appKey: 'awexample0000000',
  state: 'connected',
  scopes: allScopes,
  zone: 'Europe/Copenhagen',
};

export function video(facts: Partial<MediaView> = {}): MediaView {
  return {
    id: 1,
    fileName: 'buns.mp4',
    kind: 'video',
    type: 'video/mp4',
    bytes: 1000,
    sha256: '',
    width: 1080,
    height: 1920,
    durationMs: 34_000,
    frameRate: 30,
    codec: 'H.264',
    path: '/nowhere/buns.mp4',
    ...facts,
  };
}

export const publicOptions = {
  privacy: 'PUBLIC_TO_EVERYONE',
  allowComment: true,
  allowDuet: false,
  allowStitch: false,
} as const;

/** Of the same file as a picture. */
export function asPhoto(file: MediaView): MediaView {
  const still = { durationMs: null, frameRate: null, codec: null };
  return { ...file, ...still, fileName: 'buns.jpg', kind: 'picture', type: 'image/jpeg', width: 1080, height: 1350 };
}

export function draft(facts: Partial<Draft> = {}): Draft {
  return { channel, caption: 'Cardamom buns #fika', media: [video()], cover: null, options: publicOptions, ...facts };
}
