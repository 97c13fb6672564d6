import type { ChannelView } from '#plugin-api';
import type { Profile } from './profile-store.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A worker takes what was asked for within seconds; longer than this nobody is at work. */
const longestWaitMs = 10 * minuteMs;

/** What is being read from TikTok now. */
export type PassProgress =
  | { readonly kind: 'first' }
  | { readonly kind: 'asked' }
  | {
      readonly kind: 'reading';
      /** Videos so far. */
      readonly seen: number;
      /** As many as TikTok says there are; null where it does not, or says fewer than came already. */
      readonly total: number | null;
      /** 0 to 99: the last of them is over when it is stored. */
      readonly percent: number | null;
    };

/** @returns null when nothing is under way, or something keeps it from going on, which the page says */
export function passProgress(channel: ChannelView, profile: Profile | undefined, now: number): PassProgress | null {
  if (channel.state === 'reconnect-needed') return null;
  const pass = profile?.pass ?? null;
  const isRead = pass !== null && pass.beganAt > now - dayMs && profile?.problem === null;
  if (profile !== undefined && isRead) return readingOf(profile, pass.seen);
  const askedAt = profile?.askedAt ?? null;
  if (askedAt !== null && askedAt > now - longestWaitMs) return { kind: 'asked' };
  return isFirst(channel, profile) ? { kind: 'first' } : null;
}

/** Nothing was read yet of what may be read: videos come a little after the profile. */
function isFirst({ scopes }: ChannelView, profile: Profile | undefined): boolean {
  if (profile === undefined) return true;
  if (profile.problem !== null) return false;
  if (profile.profileAt === null) return true;
  const hasBegun = profile.pass !== null || profile.recentAt !== null || profile.videosAt !== null;
  return scopes.includes('video.list') && !hasBegun;
}

function readingOf(profile: Profile, seen: number): PassProgress {
  const told = profile.videos ?? profile.listed;
  const total = told === null || told === 0 || told < seen ? null : told;
  const percent = total === null ? null : Math.min(99, Math.floor((100 * seen) / total));
  return { kind: 'reading', seen, total, percent };
}
