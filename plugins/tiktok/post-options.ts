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

/** Options that were stored before there was such a choice had it off. */
const off = z.boolean().default(false);

/**
 * What a person chose for one profile. Nothing has a default: a draft may still lack its privacy, a post may not.
 * `allowDuet`, `allowStitch` and `aiGenerated` are of videos, `title` and `autoMusic` of photos only.
 */
const postOptions = z.object({
  privacy: z.enum(privacyLevels).nullable(),
  allowComment: z.boolean(),
  allowDuet: z.boolean(),
  allowStitch: z.boolean(),
  /** Whether the post promotes anything; without it the next two are off. */
  disclose: off,
  yourBrand: off,
  brandedContent: off,
  aiGenerated: off,
  /** docs: content-posting-api-reference-photo-post, `title`; photos' caption is its `description`. */
  title: z.string().default(''),
  /** docs: content-posting-api-reference-photo-post, `auto_add_music` */
  autoMusic: off,
});
export type PostOptions = z.infer<typeof postOptions>;
export type ChosenOptions = PostOptions & { readonly privacy: PrivacyLevel };

export const interactions = ['allowComment', 'allowDuet', 'allowStitch'] as const;
export type Interaction = (typeof interactions)[number];

/** Everything that is on or off. */
const switches = [
  ...interactions,
  ...(['disclose', 'yourBrand', 'brandedContent', 'aiGenerated', 'autoMusic'] as const),
] as const;

/** Stored options as they were, or undefined when they are none of ours. */
export function readOptions(options: Json): PostOptions | undefined {
  const parsed = postOptions.safeParse(options);
  return parsed.success ? parsed.data : undefined;
}

/**
 * What the post discloses, and with it the label that TikTok puts on it (docs: content-sharing-guidelines): “Promotional
 * content” for `own`, “Paid partnership” for `paid`. `unsaid`: the switch is on and nothing is chosen, which TikTok forbids.
 */
export function disclosureOf(
  options: Pick<PostOptions, 'disclose' | 'yourBrand' | 'brandedContent'>,
): 'none' | 'unsaid' | 'own' | 'paid' {
  if (!options.disclose) return 'none';
  if (options.brandedContent) return 'paid';
  return options.yourBrand ? 'own' : 'unsaid';
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
      disclose: isTicked(fields['disclose']),
      yourBrand: isTicked(fields['yourBrand']),
      brandedContent: isTicked(fields['brandedContent']),
      aiGenerated: isTicked(fields['aiGenerated']),
      title: (fields['title'] ?? '').replace(/\s+/gu, ' ').trim(),
      autoMusic: isTicked(fields['autoMusic']),
    },
  };
}

export function optionFields(options: PostOptions): Readonly<Record<string, string>> {
  const ticked = switches.filter((name) => options[name]).map((name) => [name, '1'] as const);
  const title = options.title === '' ? {} : { title: options.title };
  return { privacy: options.privacy ?? '', ...title, ...Object.fromEntries(ticked) };
}

function isTicked(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
