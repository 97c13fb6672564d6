import path from 'node:path';
import type { Database } from '../../../../core/db/database.ts';
import { ownTable } from '../../../../core/plugin-host/host.ts';
import { projectRoot } from '../../../../core/project-root.ts';
import { VideoListStore } from '../../../../plugins/tiktok/insights/video-list-store.ts';
import { VideoStore } from '../../../../plugins/tiktok/insights/video-store.ts';
import { openTestDatabase } from '../../../support/database.ts';
import { sharedMariaDb } from '../../../support/mariadb.ts';
import { needs } from '../../../support/needs.ts';

/** A row of tiktok_videos, by its columns. */
export type VideoRow = Readonly<Record<string, string | number | null>>;

export const DAY = 24 * 3_600_000;
export const JANUARY = Date.UTC(2026, 0, 1);
const firstId = 7_301_234_567_890_000_000n;

/** 19 digits: above what a number holds exactly. */
export function idOf(n: number): string {
  return (firstId + BigInt(n)).toString();
}

/** Runs a suite on the plugin's tables with one channel, on SQLite and on MariaDB. */
export function onListStage(title: string, suite: (stage: () => ListStage) => void): void {
  const folders = [{ owner: 'tiktok', folder: path.join(projectRoot, 'plugins/tiktok/migrations') }];
  const withStage = (open: () => Promise<Database>): void => {
    let opened: ListStage | undefined;
    before(async function () {
      this.timeout(30_000);
      opened = await ListStage.open(await open());
    });
    after(() => opened?.db.close());
    suite(() => {
      if (opened === undefined) throw new Error('The stage is open only while a test runs.');
      return opened;
    });
  };
  describe(`${title}, on SQLite`, () => withStage(() => openTestDatabase({ folders })));
  describe(`${title}, on MariaDB`, () => {
    before(needs('mariadbd'));
    let drop: (() => Promise<void>) | undefined;
    withStage(async () => {
      const server = await sharedMariaDb();
      const createDatabase = async () => {
        const target = await server.createDatabase();
        drop = () => server.dropDatabase(target);
        return target;
      };
      return openTestDatabase({ folders, mariadb: { createDatabase } });
    });
    after(() => drop?.());
  });
}

/** One channel with the videos that a test gives it. */
export class ListStage {
  readonly db: Database;
  readonly channelId: number;
  readonly list: VideoListStore;
  #queries = 0;

  private constructor(db: Database, channelId: number) {
    this.db = db;
    this.channelId = channelId;
    const table = (name: string, by?: { readonly index: string }) => ownTable('tiktok', db, { name, ...by });
    this.list = new VideoListStore(table, new VideoStore(table));
    db.knex.on('query', () => (this.#queries += 1));
  }

  static async open(db: Database): Promise<ListStage> {
    const at = { access_expires_at: 0, refresh_expires_at: 0, refreshed_at: 0 };
    const owner = { plugin: 'tiktok', account_id: 'account-1' };
    const sealed = { access_token: 'sealed', refresh_token: 'sealed', scopes: '[]', state: 'valid' };
    const [teamId = 0] = await db.knex('teams').insert({ name: 'Hazel & Rye', zone: 'UTC', created_at: 0 });
    const [credential = 0] = await db
      .knex('credentials')
      .insert({ ...owner, ...at, ...sealed, app_key: 'aw', mode: 'live' });
    const [channelId = 0] = await db.knex('channels').insert({
      ...owner,
      ...{ team_id: teamId, credential_id: credential, nickname: 'Hazel & Rye', connected_at: 0 },
    });
    return new ListStage(db, channelId);
  }

  /** These videos instead of those before. */
  async fill(rows: readonly VideoRow[]): Promise<void> {
    await this.db.knex('tiktok_videos').delete();
    const whole = rows.map((row) => ({ ...plain, channel_id: this.channelId, ...row }));
    if (whole.length > 0) await this.db.knex('tiktok_videos').insert(whole);
  }

  /** So many videos, a minute apart, in one statement; many share a length or a number, some have none. */
  async fillWith(count: number): Promise<void> {
    await this.db.knex('tiktok_videos').delete();
    const ofSqlite = `(with recursive seq(seq) as (select 0 union all select seq + 1 from seq where seq < ${count - 1}) select seq from seq)`;
    const numbers = this.db.kind === 'sqlite' ? ofSqlite : `seq_0_to_${count - 1}`;
    const id =
      this.db.kind === 'sqlite' ? 'cast(cast(? as integer) + seq as text)' : 'cast(cast(? as unsigned) + seq as char)';
    const columns =
      'video_id, channel_id, published_at, caption, duration_seconds, views, likes, comments, shares, engagement, seen_at';
    await this.db.knex.raw(
      `insert into tiktok_videos (${columns})
       select ${id}, ?, ? + seq * 60000, case when seq % 7700 = 77 then ? else 'Rye, slowly' end, 10 + seq % 50,
         (seq * 7919) % 1000003, seq % 100, case when seq % 3 = 0 then null else seq % 9 end, seq % 2,
         case when seq % 10 = 0 then null else (seq * 31) % 200000 end, ? from ${numbers} as numbers`,
      [firstId.toString(), this.channelId, JANUARY, 'Über Nacht gegangen', JANUARY],
    );
  }

  /** Statements that this work sends. */
  async statements(work: () => Promise<unknown>): Promise<number> {
    const before = this.#queries;
    await work();
    return this.#queries - before;
  }
}

const plain: VideoRow = {
  published_at: JANUARY,
  caption: '',
  duration_seconds: null,
  share_url: null,
  cover_url: null,
  views: null,
  likes: null,
  comments: null,
  shares: null,
  engagement: null,
  seen_at: JANUARY,
  first_seen_at: JANUARY,
  missing_since: null,
  post_id: null,
};
