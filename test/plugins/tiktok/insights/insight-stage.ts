import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sinon from 'sinon';
import type { ChannelView, JobResult, LinklessPosts, PluginJob, PublishedPost } from '#plugin-api';
import type { Database } from '../../../../core/db/database.ts';
import { ownTable } from '../../../../core/plugin-host/host.ts';
import { createPluginHttp } from '../../../../core/plugin-host/http.ts';
import { projectRoot } from '../../../../core/project-root.ts';
import { TikTokClient } from '../../../../plugins/tiktok/api/client.ts';
import { ErrorBook } from '../../../../plugins/tiktok/errors.ts';
import { insightPage } from '../../../../plugins/tiktok/insights/channel-page.ts';
import { insightParts, type InsightParts } from '../../../../plugins/tiktok/insights/parts.ts';
import { recentJob, syncJob } from '../../../../plugins/tiktok/insights/sync.ts';
import { createTestClock, type TestClock } from '../../../support/clock.ts';
import { openTestDatabase } from '../../../support/database.ts';
import { connect, openStage, START, type Stage } from '../simulator/support.ts';

/** One channel of one profile of the simulator, and the insights on a real database; the host around them is short. */
export class InsightStage {
  readonly stage: Stage;
  readonly db: Database;
  readonly clock: TestClock = createTestClock(START);
  readonly parts: InsightParts;
  readonly folder: string;
  channel: ChannelView;
  token = '';
  /** What the host knows of posts: by the id of the video that each became. */
  ours: ReadonlyMap<string, PublishedPost> = new Map();
  linkless: LinklessPosts = { posts: [], linkedIds: new Set() };
  readonly found: string[] = [];
  /** What the host was told of the account. */
  readonly updates: Parameters<InsightParts['host']['channels']['update']>[1][] = [];
  /** Of the last windows, how many places were taken at once. */
  readonly places: number[] = [];
  tokensRead = 0;
  /** No window has a place. */
  isFull = false;

  private constructor(stage: Stage, db: Database, own: { folder: string; channel: ChannelView }) {
    this.stage = stage;
    this.db = db;
    this.folder = own.folder;
    this.channel = own.channel;
    this.parts = insightParts({
      host: this.#host(),
      client: new TikTokClient(createPluginHttp({ mayCallLoopback: true }), stage.url),
      errors: new ErrorBook((key) => key),
    });
  }

  static async open(): Promise<InsightStage> {
    const stage = await openStage();
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-insights-'));
    const db = await openTestDatabase({
      folders: [{ owner: 'tiktok', folder: path.join(projectRoot, 'plugins/tiktok/migrations') }],
    });
    const channel = await plantChannel(db, [...allScopes]);
    const opened = new InsightStage(stage, db, { folder, channel });
    await opened.connect();
    return opened;
  }

  async close(): Promise<void> {
    await this.stage.close();
    await this.db.close();
    await rm(this.folder, { recursive: true });
  }

  /** The person authorizes (again), with these scopes. */
  async connect(scopes: readonly string[] = allScopes): Promise<void> {
    this.channel = { ...this.channel, scopes };
    this.token = (await connect(this.stage, { account: 'hazelandrye', scope: scopes.join(',') })).access_token;
  }

  /** Both clocks; what the profile granted is granted anew. */
  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    this.stage.simulator.control.advanceClock(milliseconds);
    await this.connect(this.channel.scopes);
  }

  /** Runs the job as a worker does, each answer `again` at once. @returns the number of claims */
  async sync(limit = 1_000): Promise<number> {
    for (let claims = 1; claims < limit; claims += 1) {
      if ('done' in (await this.run(syncJob(this.parts)))) return claims;
    }
    return limit;
  }

  recent(): Promise<JobResult> {
    return this.run(recentJob(this.parts));
  }

  /** The job as TikTok lets it run: a page takes a third of a second, and a claim ends after ten of them. */
  async claim(): Promise<JobResult> {
    const { client } = this.parts;
    const list = client.videoList.bind(client);
    const slow = sinon.stub(client, 'videoList').callsFake((...order) => {
      this.clock.advance(300);
      return list(...order);
    });
    try {
      return await this.run(syncJob(this.parts));
    } finally {
      slow.restore();
    }
  }

  run(job: PluginJob): Promise<JobResult> {
    return job.run({ key: String(this.channel.id), payload: null }, new AbortController().signal);
  }

  load(query: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, unknown>>> {
    return insightPage(this.parts).load(this.channel, query);
  }

  /** Ids, newest first, those that are gone with them. */
  listed(): Promise<string[]> {
    return this.db.knex('tiktok_videos').orderBy('published_at', 'desc').pluck('video_id');
  }

  calls(endpoint: string): number {
    return this.stage.simulator.control.requests().filter((request) => request.endpoint.includes(endpoint)).length;
  }

  #host(): InsightParts['host'] {
    const account = {
      accountId: 'account-1',
      scopes: allScopes,
      accessToken: () => {
        this.tokensRead += 1;
        return Promise.resolve(this.token);
      },
      replace: () => Promise.resolve(this.token),
      take: ({ places = 1 }: { readonly places?: number }) => {
        if (this.isFull) return Promise.resolve({ taken: false as const, at: this.clock.now() + 1 });
        this.places.push(places);
        return Promise.resolve({ taken: true as const });
      },
    };
    return {
      clock: this.clock,
      folder: this.folder,
      channelFolder: (id) => path.join(this.folder, 'channels', String(id)),
      t: (key) => key,
      table: (name, by) => ownTable('tiktok', this.db, { name, ...by }),
      transaction: (work) => this.db.transaction((sql) => work((name) => sql(`tiktok_${name}`))),
      jobs: { enqueue: () => Promise.resolve() },
      deliveries: {
        wake: () => Promise.resolve(),
        findByRemoteIds: () => Promise.resolve(this.ours),
        linkless: () => Promise.resolve(this.linkless),
        rivals: () => Promise.resolve(this.linkless),
        linkFound: (deliveryId, { remoteId, url }) => {
          this.found.push(`${deliveryId} ${url}`);
          this.ours = new Map([...this.ours, [remoteId, { postId: deliveryId, authorName: 'Tobias Krag' }]]);
          return Promise.resolve();
        },
      },
      channels: {
        find: (id) => Promise.resolve(id === this.channel.id ? this.channel : undefined),
        all: () => Promise.resolve([this.channel]),
        access: () => Promise.resolve(account),
        update: (_id, facts) => Promise.resolve(void this.updates.push(facts)),
      },
    };
  }
}

const allScopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list'];

async function plantChannel(db: Database, scopes: readonly string[]): Promise<ChannelView> {
  const [teamId = 0] = await db
    .knex('teams')
    .insert({ name: 'Hazel & Rye', zone: 'Europe/Copenhagen', created_at: START });
  const times = { access_expires_at: START, refresh_expires_at: START, refreshed_at: START };
  const sealed = { access_token: 'sealed', refresh_token: 'sealed', scopes: JSON.stringify(scopes), state: 'valid' };
  const owner = { plugin: 'tiktok', account_id: 'account-1' };
  const [credential = 0] = await db
    .knex('credentials')
    .insert({ ...owner, ...times, ...sealed, app_key: 'aw', mode: 'live' });
  const [id = 0] = await db.knex('channels').insert({
    ...owner,
    team_id: teamId,
    credential_id: credential,
    nickname: 'Hazel & Rye',
    username: 'hazelandrye',
    connected_at: START,
  });
  return {
    id,
    teamId,
    accountId: 'account-1',
    nickname: 'Hazel & Rye',
    username: 'hazelandrye',
    mode: 'live',
    appKey: 'aw',
    state: 'connected',
    scopes,
    zone: 'Europe/Copenhagen',
  };
}
