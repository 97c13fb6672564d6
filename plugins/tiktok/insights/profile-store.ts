import { z } from 'zod';
import type { Explanation, PluginTable } from '#plugin-api';

/** A query on a table of the plugin, in a transaction or not. */
export type Table = (name: string) => PluginTable;

/** The four counters of a profile; null where TikTok did not tell. */
interface Counters {
  readonly followers: number | null;
  readonly following: number | null;
  readonly likes: number | null;
  readonly videos: number | null;
}

/** A pass over the list of all videos that is under way. */
export interface Pass {
  readonly beganAt: number;
  /** Where TikTok's next page begins, UTC ms; null = at the newest. */
  readonly cursor: number | null;
  /** Videos so far. */
  readonly seen: number;
}

/** Times are UTC milliseconds. */
export interface Profile extends Counters {
  readonly channelId: number;
  readonly bio: string | null;
  readonly link: string | null;
  readonly isVerified: boolean | null;
  readonly profileAt: number | null;
  /** When the last complete pass over the videos began: it may have lain still, and is as old as its first page. */
  readonly videosAt: number | null;
  /** When the newest videos were looked at last. */
  readonly recentAt: number | null;
  /** Public videos after the last complete pass. */
  readonly listed: number | null;
  readonly pass: Pass | null;
  readonly problem: Explanation | null;
  /** Where at TikTok the copied picture lay; null = not copied since this is noted. */
  readonly avatarPath: string | null;
  /** When a person asked for everything anew; null once that has been answered. */
  readonly askedAt: number | null;
  /** Permissions that were granted and that TikTok refused at the last look. */
  readonly refused: readonly string[];
}

export interface Snapshot extends Counters {
  /** YYYY-MM-DD in the team's zone. */
  readonly day: string;
  /** When a complete pass over the videos ended on that day. */
  readonly videosAt: number | null;
}

/** What TikTok tells of a profile. */
export type ProfileFacts = Counters & Pick<Profile, 'channelId' | 'bio' | 'link' | 'isVerified'>;

/** What a sync leaves behind; what it does not name stays. */
export interface SyncState {
  readonly pass?: Pass | null;
  readonly problem?: Explanation | null;
  readonly videosAt?: number;
  readonly recentAt?: number;
  readonly listed?: number;
  readonly avatarPath?: string;
  readonly askedAt?: number | null;
  readonly refused?: readonly string[];
}

/** All SQL of profiles and their daily snapshots. */
export class ProfileStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(channelId: number): Promise<Profile | undefined> {
    const [profile] = await this.findMany([channelId]);
    return profile;
  }

  async findMany(channelIds: readonly number[]): Promise<readonly Profile[]> {
    const rows: unknown[] = await this.#table('profiles').whereIn('channel_id', channelIds);
    return rows.map((row) => profileOf(profileRow.parse(row)));
  }

  /** Stores what is known now and, with counters, the day's snapshot: one row a day, the day's last numbers stay. */
  async save(facts: ProfileFacts, { day, at }: { readonly day: string; readonly at: number }): Promise<void> {
    const { followers, following, likes, videos } = facts;
    const counters = { followers, following, likes, videos };
    const about = { bio: facts.bio, link: facts.link, is_verified: facts.isVerified, profile_at: at };
    await this.#table('profiles')
      .insert({ channel_id: facts.channelId, ...about, ...counters })
      .onConflict('channel_id')
      .merge();
    if (Object.values(counters).every((count) => count === null)) return;
    await this.#snapshot(facts.channelId, day, { ...counters, at });
  }

  async saveState(channelId: number, state: SyncState): Promise<void> {
    await this.#table('profiles')
      .insert({ channel_id: channelId, ...stateColumns(state) })
      .onConflict('channel_id')
      .merge();
  }

  /** Notes in the day's snapshot that all videos were looked at. */
  async saveFullDay(channelId: number, { day, at }: { readonly day: string; readonly at: number }): Promise<void> {
    await this.#snapshot(channelId, day, { at, videos_at: at });
  }

  /** Oldest first. @param since YYYY-MM-DD */
  async snapshots(channelId: number, since = ''): Promise<readonly Snapshot[]> {
    const rows: unknown[] = await this.#table('snapshots')
      .where({ channel_id: channelId })
      .where('day', '>=', since)
      .orderBy('day');
    return rows.map((row) => snapshotOf(snapshotRow.parse(row)));
  }

  /** The newest of that day or before it. @param day YYYY-MM-DD */
  async snapshotUntil(channelId: number, day: string): Promise<Snapshot | undefined> {
    const rows: unknown[] = await this.#table('snapshots')
      .where({ channel_id: channelId })
      .where('day', '<=', day)
      .orderBy('day', 'desc')
      .limit(1);
    return rows.map((row) => snapshotOf(snapshotRow.parse(row)))[0];
  }

  /** The first day there is; undefined before the first snapshot. */
  async firstDay(channelId: number): Promise<string | undefined> {
    const rows: unknown[] = await this.#table('snapshots')
      .where({ channel_id: channelId })
      .orderBy('day')
      .limit(1)
      .select('day');
    return z.array(z.object({ day: z.string() })).parse(rows)[0]?.day;
  }

  async #snapshot(channelId: number, day: string, columns: Record<string, number | null>): Promise<void> {
    await this.#table('snapshots')
      .insert({ channel_id: channelId, day, ...columns })
      .onConflict(['channel_id', 'day'])
      .merge();
  }
}

const explanation = z.object({
  sentence: z.string(),
  who: z.enum(['you', 'team', 'admin', 'network', 'software']),
  nextStep: z.string(),
  code: z.string(),
  logId: z.string().optional(),
});
const counter = z.int().nullable();
const counters = { followers: counter, following: counter, likes: counter, videos: counter };
const profileRow = z.object({
  channel_id: z.int(),
  bio: z.string().nullable(),
  link: z.string().nullable(),
  is_verified: z.union([z.boolean(), z.number()]).transform(Boolean).nullable(),
  ...counters,
  profile_at: counter,
  videos_at: counter,
  recent_at: counter,
  listed: counter,
  pass_began_at: counter,
  pass_cursor: counter,
  pass_seen: counter,
  problem: z.string().nullable(),
  avatar_path: z.string().nullable(),
  asked_at: counter,
  refused: z.string().nullable(),
});
const words = z.array(z.string());
const snapshotRow = z.object({ day: z.string(), ...counters, videos_at: counter });

function profileOf(row: z.output<typeof profileRow>): Profile {
  const { channel_id, bio, link, is_verified, followers, following, likes, videos } = row;
  return {
    ...{ channelId: channel_id, bio, link, isVerified: is_verified, followers, following, likes, videos },
    profileAt: row.profile_at,
    videosAt: row.videos_at,
    recentAt: row.recent_at,
    listed: row.listed,
    pass: passOf(row),
    problem: row.problem === null ? null : explanationOf(row.problem),
    avatarPath: row.avatar_path,
    askedAt: row.asked_at,
    refused: row.refused === null ? [] : words.parse(JSON.parse(row.refused)),
  };
}

function passOf(row: z.output<typeof profileRow>): Pass | null {
  if (row.pass_began_at === null) return null;
  return { beganAt: row.pass_began_at, cursor: row.pass_cursor, seen: row.pass_seen ?? 0 };
}

function snapshotOf({ videos_at, ...row }: z.output<typeof snapshotRow>): Snapshot {
  return { ...row, videosAt: videos_at };
}

function explanationOf(text: string): Explanation {
  const { logId, ...rest } = explanation.parse(JSON.parse(text));
  return logId === undefined ? rest : { ...rest, logId };
}

function stateColumns({ pass, problem, refused, ...plain }: SyncState) {
  const columns = {
    ...(pass === undefined
      ? {}
      : { pass_began_at: pass?.beganAt ?? null, pass_cursor: pass?.cursor ?? null, pass_seen: pass?.seen ?? null }),
    ...(problem === undefined ? {} : { problem: problem === null ? null : JSON.stringify(problem) }),
    ...(refused === undefined ? {} : { refused: refused.length === 0 ? null : JSON.stringify(refused) }),
  };
  const others = {
    ...{ videos_at: plain.videosAt, recent_at: plain.recentAt, listed: plain.listed },
    ...{ avatar_path: plain.avatarPath, asked_at: plain.askedAt },
  };
  return { ...columns, ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)) };
}
