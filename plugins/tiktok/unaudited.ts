import type { ChannelView, Draft, DraftProblem, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { readOptions } from './post-options.ts';

// docs: content-sharing-guidelines and add-a-sandbox: an app without the Direct Post audit posts only to TikTok accounts
// that are private, and only what nobody but the account itself sees. A sandbox never has the audit; of a live app
// TikTok does not tell.

export interface AuditNote {
  readonly tone: 'info' | 'warn';
  readonly text: string;
}

/** What TikTok allows a profile that is connected through such an app, told before anything is scheduled. */
export function auditNote(channel: ChannelView, creator: CreatorInfo, t: Translate): AuditNote | null {
  if (isOfSandbox(channel)) {
    if (isPublic(creator)) return { tone: 'warn', text: t('tiktok-options:sandbox.accountPublic') };
    return { tone: 'info', text: t('tiktok-options:sandbox.onlyMe') };
  }
  return looksUnaudited(creator) ? { tone: 'warn', text: t('tiktok-options:unaudited') } : null;
}

/** Only what is certain: that of a sandbox. Asked when scheduling and again when sending. */
export function sandboxProblems(draft: Draft, creator: CreatorInfo, t: Translate): readonly DraftProblem[] {
  if (!isOfSandbox(draft.channel)) return [];
  if (isPublic(creator)) return [{ field: 'channel', message: t('tiktok-options:sandbox.accountPublic') }];
  const privacy = readOptions(draft.options)?.privacy ?? 'SELF_ONLY';
  const isOffered = creator.privacyOptions.includes(privacy);
  return privacy === 'SELF_ONLY' || !isOffered
    ? []
    : [{ field: 'privacy', message: t('tiktok-options:sandbox.onlyMe') }];
}

/** The id of the credential set that the channel was connected with. */
function isOfSandbox({ mode }: ChannelView): boolean {
  return mode === 'sandbox';
}

/** docs: content-posting-api-reference-query-creator-info: only public accounts are offered it. */
function isPublic({ privacyOptions }: CreatorInfo): boolean {
  return privacyOptions.includes('PUBLIC_TO_EVERYONE');
}

/** Seen in the field: a private account is offered "Followers", but not to an app without the audit. */
function looksUnaudited(creator: CreatorInfo): boolean {
  return !isPublic(creator) && !creator.privacyOptions.includes('FOLLOWER_OF_CREATOR');
}
