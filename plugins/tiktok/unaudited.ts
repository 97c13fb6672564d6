import type { ChannelView, CredentialSet, Draft, DraftProblem, PluginSettings, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { readOptions } from './post-options.ts';

// docs: content-sharing-guidelines and add-a-sandbox: an app without the Direct Post audit posts only to TikTok accounts
// that are private, and only what nobody but the account itself sees. A sandbox never has the audit; of a live app
// TikTok does not tell, so it counts what an admin has noted.

export interface AuditNote {
  readonly tone: 'info' | 'warn';
  readonly text: string;
}

/** What is known of the audit: undefined = nobody has noted it. */
type Audited = CredentialSet['isAudited'];

/** Of the app that a channel was connected with. */
export async function auditOf(settings: Pick<PluginSettings, 'findByAppKey'>, appKey: string): Promise<Audited> {
  return (await settings.findByAppKey(appKey))?.isAudited;
}

interface AuditQuestion {
  readonly channel: ChannelView;
  readonly creator: CreatorInfo;
  readonly isAudited: Audited;
}

/** What TikTok allows a profile that is connected through such an app, told before anything is scheduled. */
export function auditNote({ channel, creator, isAudited }: AuditQuestion, t: Translate): AuditNote | null {
  const room = roomOfRefusal(channel, isAudited);
  if (room !== undefined) {
    if (isPublic(creator)) return { tone: 'warn', text: t(`${room}.accountPublic`) };
    return { tone: 'info', text: t(`${room}.onlyMe`) };
  }
  return isAudited === undefined && looksUnaudited(creator)
    ? { tone: 'warn', text: t('tiktok-options:unaudited') }
    : null;
}

/** A draft with what is known of its channel's app. */
export type AuditedDraft = Draft & { readonly isAudited?: Audited };

/** Only what is certain: of a sandbox, or noted by an admin. Asked when scheduling and again when sending. */
export function unauditedProblems(draft: AuditedDraft, creator: CreatorInfo, t: Translate): readonly DraftProblem[] {
  const room = roomOfRefusal(draft.channel, draft.isAudited);
  if (room === undefined) return [];
  const code = 'unaudited_client_can_only_post_to_private_accounts';
  if (isPublic(creator)) return [{ field: 'channel', message: t(`${room}.accountPublic`), code }];
  const privacy = readOptions(draft.options)?.privacy ?? 'SELF_ONLY';
  const isOffered = creator.privacyOptions.includes(privacy);
  return privacy === 'SELF_ONLY' || !isOffered ? [] : [{ field: 'privacy', message: t(`${room}.onlyMe`), code }];
}

/** Where the sentences are why an app certainly has no audit; undefined where it has one, or may have. */
function roomOfRefusal(
  { mode }: ChannelView,
  isAudited: Audited,
): 'tiktok-options:sandbox' | 'tiktok-sets:notAudited' | undefined {
  // The id of the credential set that the channel was connected with.
  if (mode === 'sandbox') return 'tiktok-options:sandbox';
  return isAudited === false ? 'tiktok-sets:notAudited' : undefined;
}

/** docs: content-posting-api-reference-query-creator-info: only public accounts are offered it. */
function isPublic({ privacyOptions }: CreatorInfo): boolean {
  return privacyOptions.includes('PUBLIC_TO_EVERYONE');
}

/** Seen in the field: a private account is offered "Followers", but not to an app without the audit. */
function looksUnaudited(creator: CreatorInfo): boolean {
  return !isPublic(creator) && !creator.privacyOptions.includes('FOLLOWER_OF_CREATOR');
}
