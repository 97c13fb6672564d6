import type { DraftProblem, FileProblem, MediaView, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { missingPrivacy, optionProblems } from './option-rules.ts';
import { photoCaptionProblems, photoCoverProblems, photoProblems, photoTitleProblems } from './photo-rules.ts';
import { readOptions } from './post-options.ts';
import { type AuditedDraft, unauditedProblems } from './unaudited.ts';
import { coverProblems, lengthInShort, videoProblems } from './video-rules.ts';

/** A problem of a draft; `about` tells options, which a person chooses anew, from media and caption, which do not change. */
export interface RuleProblem extends DraftProblem {
  readonly about: 'options' | 'content';
}

/** UTF-16 units: docs: content-posting-api-reference-direct-post, `title`. */
export const captionLimit = 2200;

/** Everything that TikTok would refuse, by what it says of the profile now. Used when scheduling and again when sending. */
export function findProblems(draft: AuditedDraft, creator: CreatorInfo, t: Translate): readonly RuleProblem[] {
  const options = readOptions(draft.options);
  const question = { creator, isOfPhotos: isOfPhotos(draft.media) };
  const { isOfPhotos: ofPhotos } = question;
  const title = options === undefined || !ofPhotos ? [] : photoTitleProblems(options.title, t);
  const ofOptions = [
    ...(options === undefined ? [missingPrivacy(t)] : optionProblems({ ...question, options }, t)),
    ...title.map((message) => ({ field: 'title', message, code: 'caption_too_long' })),
    ...unauditedProblems(draft, creator, t),
  ];
  const words = ofPhotos ? photoCaptionProblems(draft.caption, t) : captionProblems(draft.caption, t);
  const files = [
    ...mediaProblems(draft.media, creator, t),
    ...(ofPhotos ? photoCoverProblems : coverProblems)(draft, t),
  ];
  const ofContent = [
    ...words.map((message) => ({ field: 'caption', message, code: 'caption_too_long' })),
    ...inShort(
      files.map((file) => ({ field: 'media', ...file })),
      ofPhotos ? undefined : lengthInShort(draft.media[0], creator, t),
    ),
  ];
  return [
    ...ofOptions.map((problem) => ({ ...problem, about: 'options' as const })),
    ...ofContent.map((problem) => ({ ...problem, about: 'content' as const })),
  ];
}

/** As the host takes it. */
export function withoutSubject({ field, message, short, code }: RuleProblem): DraftProblem {
  return { field, message, ...(short === undefined ? {} : { short }), ...(code === undefined ? {} : { code }) };
}

/** Where there is one problem, and words for it. */
function inShort(problems: readonly DraftProblem[], short: string | undefined): readonly DraftProblem[] {
  return short === undefined || problems.length > 1 ? problems : problems.map((problem) => ({ ...problem, short }));
}

export function isOfPhotos(media: readonly Pick<MediaView, 'kind'>[]): boolean {
  return media.some(({ kind }) => kind === 'picture');
}

/** What this profile cannot post of these files. */
export function mediaProblems(
  media: readonly MediaView[],
  creator: Pick<CreatorInfo, 'maxDurationSeconds'>,
  t: Translate,
): readonly FileProblem[] {
  if (isOfPhotos(media)) return photoProblems(media, t);
  const [video, ...others] = media;
  if (video === undefined || others.length > 0) {
    return [{ message: t('tiktok:check.oneVideo'), code: 'media_unfit' }];
  }
  return videoProblems(video, creator, t);
}

function captionProblems(caption: string, t: Translate): readonly string[] {
  const count = caption.length - captionLimit;
  return count > 0 ? [t('tiktok:check.caption', { count })] : [];
}
