import type { Draft, DraftProblem, MediaView, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { interactions, readOptions } from './post-options.ts';
import type { Interaction, PostOptions } from './post-options.ts';

/** A problem of a draft; `about` tells options, which a person chooses anew, from media and caption, which do not change. */
export interface RuleProblem extends DraftProblem {
  readonly about: 'options' | 'content';
}

/** docs: content-posting-api-media-transfer-guide, restrictions on videos. 4 GB is read as decimal, to be safe. */
const largestBytes = 4_000_000_000;
/** UTF-16 units: docs: content-posting-api-reference-direct-post, `title`. */
export const captionLimit = 2200;
const videoTypes = ['video/mp4', 'video/quicktime', 'video/webm'];
const codecs = /^(?:avc|h\.?264|hevc|h\.?265|hvc|hev|vp0?8|vp0?9)/u;
/** Measured rates are never round: 23.976 and 60.01 are meant as 24 and 60. */
const rateTolerance = 0.5;

/** Everything that TikTok would refuse, by what it says of the profile now. Used when scheduling and again when sending. */
export function findProblems(draft: Draft, creator: CreatorInfo, t: Translate): readonly RuleProblem[] {
  const options = readOptions(draft.options);
  return [
    ...(options === undefined ? [missingPrivacy(t)] : optionProblems(options, creator, t)),
    ...captionProblems(draft.caption, t),
    ...mediaProblems(draft.media, creator, t),
  ];
}

function optionProblems(options: PostOptions, creator: CreatorInfo, t: Translate): readonly RuleProblem[] {
  const isOff: Readonly<Record<Interaction, boolean>> = {
    allowComment: creator.commentDisabled,
    allowDuet: creator.duetDisabled,
    allowStitch: creator.stitchDisabled,
  };
  const sentences = { allowComment: 'commentOff', allowDuet: 'duetOff', allowStitch: 'stitchOff' } as const;
  const forbidden = interactions.filter((name) => options[name] && isOff[name]);
  return [
    ...privacyProblems(options, creator, t),
    ...forbidden.map((name) => ofOptions(name, t(`tiktok:check.${sentences[name]}`))),
  ];
}

function privacyProblems(options: PostOptions, creator: CreatorInfo, t: Translate): readonly RuleProblem[] {
  if (options.privacy === null) return [missingPrivacy(t)];
  if (creator.privacyOptions.includes(options.privacy)) return [];
  const privacy = t(`tiktok:privacy.${options.privacy}`);
  return [ofOptions('privacy', t('tiktok:check.privacyNotOffered', { privacy }))];
}

function missingPrivacy(t: Translate): RuleProblem {
  return ofOptions('privacy', t('tiktok:check.privacyMissing'));
}

function captionProblems(caption: string, t: Translate): readonly RuleProblem[] {
  const count = caption.length - captionLimit;
  return count > 0 ? [ofContent('caption', t('tiktok:check.caption', { count }))] : [];
}

function mediaProblems(media: readonly MediaView[], creator: CreatorInfo, t: Translate): readonly RuleProblem[] {
  const [video, ...others] = media;
  if (video === undefined || others.length > 0) return [ofContent('media', t('tiktok:check.oneVideo'))];
  const file = video.fileName;
  if (video.kind !== 'video') return [ofContent('media', t('tiktok:check.notVideo', { file }))];
  const sentences = [...formProblems(video, t), ...lengthProblems(video, creator, t)];
  return sentences.map((sentence) => ofContent('media', sentence));
}

function formProblems(video: MediaView, t: Translate): readonly string[] {
  const { fileName: file, width, height, frameRate, codec } = video;
  const found: string[] = [];
  if (!videoTypes.includes(video.type)) found.push(t('tiktok:check.type', { file }));
  if (codec !== null && !codecs.test(codec.toLowerCase())) found.push(t('tiktok:check.codec', { file, codec }));
  if (video.bytes > largestBytes) found.push(t('tiktok:check.tooLarge', { file }));
  if (frameRate !== null && (frameRate < 23 - rateTolerance || frameRate > 60 + rateTolerance)) {
    found.push(t('tiktok:check.frameRate', { file, rate: Math.round(frameRate * 100) / 100 }));
  }
  if ([width, height].some((side) => side < 360 || side > 4096)) {
    found.push(t('tiktok:check.pictureSize', { file, width, height }));
  }
  return found;
}

function lengthProblems(video: MediaView, creator: CreatorInfo, t: Translate): readonly string[] {
  const limitSeconds = creator.maxDurationSeconds;
  if (limitSeconds === null || video.durationMs === null || video.durationMs <= limitSeconds * 1000) return [];
  const values = {
    file: video.fileName,
    length: clockLength(video.durationMs),
    limit: clockLength(limitSeconds * 1000),
  };
  return [t('tiktok:check.tooLong', values)];
}

/** Minutes and seconds, e.g. 1:05; a begun second counts, so that what is too long never looks as long as the limit. */
export function clockLength(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function ofOptions(field: string, message: string): RuleProblem {
  return { field, message, about: 'options' };
}

function ofContent(field: string, message: string): RuleProblem {
  return { field, message, about: 'content' };
}
