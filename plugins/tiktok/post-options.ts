import { z } from 'zod';
import type { DraftProblem, Json, Translate } from '#plugin-api';

/** docs: content-posting-api-reference-direct-post, `privacy_level` */
export const privacyLevels = [
  'PUBLIC_TO_EVERYONE',
  'MUTUAL_FOLLOW_FRIENDS',
  'FOLLOWER_OF_CREATOR',
  'SELF_ONLY',
] as const;
export type PrivacyLevel = (typeof privacyLevels)[number];

/** What a person chose for one profile. Nothing has a default: a draft may still lack its privacy, a post may not. */
const postOptions = z.object({
  privacy: z.enum(privacyLevels).nullable(),
  allowComment: z.boolean(),
  allowDuet: z.boolean(),
  allowStitch: z.boolean(),
});
export type PostOptions = z.infer<typeof postOptions>;
export type ChosenOptions = PostOptions & { readonly privacy: PrivacyLevel };

export const interactions = ['allowComment', 'allowDuet', 'allowStitch'] as const;
export type Interaction = (typeof interactions)[number];

/** Stored options as they were, or undefined when they are none of ours. */
export function readOptions(options: Json): PostOptions | undefined {
  const parsed = postOptions.safeParse(options);
  return parsed.success ? parsed.data : undefined;
}

export function hasPrivacy(options: PostOptions): options is ChosenOptions {
  return options.privacy !== null;
}

/** Typed values of one profile's card. An unticked box sends nothing; an empty privacy stays open. */
export function parseOptionFields(
  fields: Readonly<Record<string, string>>,
  t: Translate,
): { options: PostOptions } | { problems: readonly DraftProblem[] } {
  const typed = fields['privacy'] ?? '';
  const privacy = privacyLevels.find((level) => level === typed);
  if (privacy === undefined && typed !== '') {
    const message = t('tiktok:check.privacyNotOffered', { privacy: typed });
    return { problems: [{ field: 'privacy', message }] };
  }
  return {
    options: {
      privacy: privacy ?? null,
      allowComment: isTicked(fields['allowComment']),
      allowDuet: isTicked(fields['allowDuet']),
      allowStitch: isTicked(fields['allowStitch']),
    },
  };
}

export function optionFields(options: PostOptions): Readonly<Record<string, string>> {
  const ticked = interactions.filter((name) => options[name]).map((name) => [name, '1'] as const);
  return { privacy: options.privacy ?? '', ...Object.fromEntries(ticked) };
}

function isTicked(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
