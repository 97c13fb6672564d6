import type { DraftProblem, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { disclosureOf, interactions } from './post-options.ts';
import type { Interaction, PostOptions } from './post-options.ts';

/** What the options are held against. */
export interface OptionQuestion {
  readonly options: PostOptions;
  readonly creator: CreatorInfo;
  readonly isOfPhotos: boolean;
}

/**
 * What of the chosen options TikTok does not offer, or its guidelines forbid (docs: content-sharing-guidelines). The
 * page keeps a person from choosing it; this holds whatever page it came from.
 */
export function optionProblems(
  { options, creator, isOfPhotos }: OptionQuestion,
  t: Translate,
): readonly DraftProblem[] {
  return [
    ...privacyProblems(options, creator, t),
    ...(isOfPhotos ? onlyOfVideos(options, t) : []),
    ...interactionProblems({ options, creator, isOfPhotos }, t),
    ...disclosureProblems(options, t),
  ];
}

export function missingPrivacy(t: Translate): DraftProblem {
  return { field: 'privacy', message: t('tiktok:check.privacyMissing') };
}

function privacyProblems(options: PostOptions, creator: CreatorInfo, t: Translate): readonly DraftProblem[] {
  if (options.privacy === null) return [missingPrivacy(t)];
  if (creator.privacyOptions.includes(options.privacy)) return [];
  const privacy = t(`tiktok:privacy.${options.privacy}`);
  const message = t('tiktok:check.privacyNotOffered', { privacy });
  return [{ field: 'privacy', message, code: 'privacy_level_option_mismatch' }];
}

/** docs: content-posting-api-reference-query-creator-info: duet and stitch are to be ignored for photos. */
function interactionProblems({ options, creator, isOfPhotos }: OptionQuestion, t: Translate): readonly DraftProblem[] {
  const isOff: Readonly<Record<Interaction, boolean>> = {
    allowComment: creator.commentDisabled,
    allowDuet: !isOfPhotos && creator.duetDisabled,
    allowStitch: !isOfPhotos && creator.stitchDisabled,
  };
  const sentences = { allowComment: 'commentOff', allowDuet: 'duetOff', allowStitch: 'stitchOff' } as const;
  const forbidden = interactions.filter((name) => options[name] && isOff[name]);
  return forbidden.map((name) => notOffered(name, t(`tiktok:check.${sentences[name]}`)));
}

/** Chosen while there was a video: photos have no such switch, and nobody has seen it switched off. */
function onlyOfVideos(options: PostOptions, t: Translate): readonly DraftProblem[] {
  const isAny = options.allowDuet || options.allowStitch || options.aiGenerated;
  return isAny ? [notOffered('channel', t('tiktok-options:check.onlyOfVideos'))] : [];
}

function disclosureProblems(options: PostOptions, t: Translate): readonly DraftProblem[] {
  const problem = (field: string, key: string): readonly DraftProblem[] => [
    notOffered(field, t(`tiktok-options:${key}`)),
  ];
  const { yourBrand, brandedContent, privacy } = options;
  if (!options.disclose) return yourBrand || brandedContent ? problem('disclose', 'check.notDisclosed') : [];
  // Still to be chosen.
  if (disclosureOf(options) === 'unsaid') {
    return [{ field: 'disclose', message: t('tiktok-options:disclosure.unsaid') }];
  }
  // TikTok documents no answer to this pair: it is never sent.
  return brandedContent && privacy === 'SELF_ONLY' ? problem('brandedContent', 'check.brandedPrivate') : [];
}

function notOffered(field: string, message: string): DraftProblem {
  return { field, message, code: 'option_not_offered' };
}
