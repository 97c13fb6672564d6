import type { AccountAccess, ChannelView, JobResult, PluginJob } from '#plugin-api';
import { workerTimeoutMs } from '../api/client.ts';
import type { Failure } from '../api/replies.ts';
import { readOn } from './full-pass.ts';
import { keepVideos, type Visit } from './keep-videos.ts';
import { linkLatePosts } from './late-links.ts';
import type { MissedReason } from './missed-day-store.ts';
import type { InsightParts } from './parts.ts';
import { keepProfile } from './profile-facts.ts';
import type { Pass } from './profile-store.ts';
import { dayIn } from './slots.ts';
import { type NoPlace, readPages, spanOf, takePlaces } from './video-calls.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The newest videos' numbers move most. */
export const recentMs = 7 * dayMs;
const recentPages = 5;

export const syncKind = 'sync';
const recentKind = 'recent';

/**
 * Reads the profile, then every page of the video list, for some seconds at a time. How far it is is stored together with
 * what it read: a pass that is interrupted, however hard, goes on there.
 */
export function syncJob(parts: InsightParts): PluginJob {
  return {
    kind: syncKind,
    everyMs: dayMs,
    run: ({ key }, signal) =>
      visitChannel(parts, { channelId: Number(key), signal }, async (visit) => {
        const pass = mayList(visit.channel) ? await passOf(parts, visit.channel.id) : null;
        if (pass !== null) return continuePass(parts, visit, pass);
        const failure = await keepProfile(parts, visit);
        if (failure !== undefined) return heldUp(parts, visit.channel, failure);
        if (!mayList(visit.channel)) return withoutVideos(parts, visit.channel);
        const begun: Pass = { beganAt: parts.host.clock.now(), cursor: null, seen: 0 };
        await parts.profiles.saveState(visit.channel.id, { pass: begun });
        return continuePass(parts, visit, begun);
      }),
  };
}

/** Reads the profile and the newest videos. */
export function recentJob(parts: InsightParts): PluginJob {
  return {
    kind: recentKind,
    everyMs: hourMs,
    run: ({ key }, signal) =>
      visitChannel(parts, { channelId: Number(key), signal }, async (visit) => {
        const failure = await keepProfile(parts, visit);
        if (failure !== undefined) return heldUp(parts, visit.channel, failure);
        return mayList(visit.channel) ? readRecent(parts, visit) : withoutVideos(parts, visit.channel);
      }),
  };
}

async function visitChannel(
  parts: InsightParts,
  { channelId, signal }: { readonly channelId: number; readonly signal: AbortSignal },
  work: (visit: Visit) => Promise<JobResult>,
): Promise<JobResult> {
  const channel = await parts.host.channels.find(channelId);
  if (!channel) return { done: true };
  if (channel.state === 'reconnect-needed') {
    await noteMissed(parts, channel, 'access');
    return { done: true };
  }
  const account = withOneToken(await parts.host.channels.access(channel.id));
  return work({ channel, account, limits: { timeoutMs: workerTimeoutMs, signal } });
}

/** A claim of a job lasts minutes, and a token that ended meanwhile is replaced: it is read once. */
function withOneToken(account: AccountAccess): AccountAccess {
  let token: Promise<string> | undefined;
  return {
    ...account,
    accessToken: () => (token ??= account.accessToken()),
    replace: (refused) => (token = account.replace(refused)),
  };
}

function mayList(channel: ChannelView): boolean {
  return channel.scopes.includes('video.list');
}

async function withoutVideos(parts: InsightParts, channel: ChannelView): Promise<JobResult> {
  await parts.profiles.saveState(channel.id, { problem: null, pass: null, askedAt: null });
  return { done: true };
}

/** The pass that is under way; one that lay still for a day says nothing any more about what is missing. */
async function passOf(parts: InsightParts, channelId: number): Promise<Pass | null> {
  const pass = (await parts.profiles.find(channelId))?.pass ?? null;
  return pass !== null && pass.beganAt > parts.host.clock.now() - dayMs ? pass : null;
}

async function continuePass(parts: InsightParts, visit: Visit, pass: Pass): Promise<JobResult> {
  const end = await readOn(parts, visit, pass);
  if (end === 'over') return endPass(parts, visit.channel);
  return end === 'more' ? again(parts.host.clock.now()) : heldUp(parts, visit.channel, end);
}

async function endPass(parts: InsightParts, channel: ChannelView): Promise<JobResult> {
  const at = parts.host.clock.now();
  await parts.profiles.saveState(channel.id, { listed: await parts.videos.countPublic(channel.id), askedAt: null });
  await parts.profiles.saveFullDay(channel.id, { day: dayIn(channel.zone, at), at });
  await linkLatePosts(parts, channel);
  return { done: true };
}

/** Who publishes more in a week than these pages hold has been looked at in part only. */
function lookedAt(
  { videos, hasMore }: Awaited<ReturnType<typeof readPages>>,
  since: number,
  now: number,
): { readonly recentAt?: number } {
  const isAll = !hasMore || (videos.at(-1)?.publishedAt ?? now) < since;
  return isAll ? { recentAt: now } : {};
}

async function readRecent(parts: InsightParts, visit: Visit): Promise<JobResult> {
  const full = await takePlaces(visit.account, 'video/list', recentPages);
  if (full !== undefined) return again(full.at);
  const since = parts.host.clock.now() - recentMs;
  const pages = await readPages(parts, visit.account, {
    ...{ cursor: null, most: recentPages, limits: visit.limits },
    isEnough: ({ publishedAt }) => publishedAt < since,
  });
  const problem = await keepVideos(parts, visit, {
    answered: { videos: pages.videos, span: spanOf(null, pages) },
    state: pages.failure === undefined ? { problem: null, ...lookedAt(pages, since, parts.host.clock.now()) } : {},
  });
  const failure = problem ?? pages.failure;
  if (failure !== undefined) return heldUp(parts, visit.channel, failure);
  await linkLatePosts(parts, visit.channel);
  return { done: true };
}

function again(at: number): JobResult {
  return { again: { at, payload: null } };
}

function heldUp(parts: InsightParts, channel: ChannelView, why: Failure | NoPlace): Promise<JobResult> | JobResult {
  return 'ok' in why ? stopped(parts, channel, why) : again(why.at);
}

/** It counts only where the day has no snapshot in the end. */
async function noteMissed(parts: InsightParts, channel: ChannelView, reason: MissedReason): Promise<void> {
  const day = dayIn(channel.zone, parts.host.clock.now());
  await parts.missed.save(channel.id, { day, reason });
}

/** People read why; what may pass by itself is thrown, so that the host tries again later. */
async function stopped(parts: InsightParts, channel: ChannelView, failure: Failure): Promise<JobResult> {
  const { kind } = parts.errors.meaning(failure);
  await parts.profiles.saveState(channel.id, { problem: parts.errors.explain(failure), askedAt: null });
  const mayPass = kind === 'temporary' || kind === 'rate-limited';
  await noteMissed(parts, channel, kind === 'reconnect' ? 'access' : mayPass ? 'network' : 'refused');
  if (mayPass || failure.code === 'access_token_invalid') {
    throw parts.errors.remoteError(failure);
  }
  return { done: true };
}
