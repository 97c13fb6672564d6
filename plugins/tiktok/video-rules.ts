import type { Draft, FileProblem, MediaView, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';

// docs: content-posting-api-media-transfer-guide, restrictions on videos. It names no shortest length.

/** 4 GB is read as decimal, to be safe. */
const largestBytes = 4_000_000_000;
const videoTypes = ['video/mp4', 'video/quicktime', 'video/webm'];
const codecs = /^(?:avc|h\.?264|hevc|h\.?265|hvc|hev|vp0?8|vp0?9)/u;
/** Measured rates are never round: 23.976 and 60.01 are meant as 24 and 60. */
const rateTolerance = 0.5;

/** What TikTok would refuse of a video, a sentence each that names the file and the limit, with the code of its refusal. */
export function videoProblems(
  video: MediaView,
  creator: Pick<CreatorInfo, 'maxDurationSeconds'>,
  t: Translate,
): readonly FileProblem[] {
  return [...formProblems(video, t), ...lengthProblems(video, creator, t)];
}

/** TikTok takes the first frame instead of one that does not exist: nobody chose that. */
export function coverProblems({ cover, media }: Pick<Draft, 'cover' | 'media'>, t: Translate): readonly FileProblem[] {
  const [video] = media;
  if (cover === null || video?.kind !== 'video' || video.durationMs === null) return [];
  if (Number.isSafeInteger(cover) && cover >= 0 && cover <= video.durationMs) return [];
  const values = { file: video.fileName, length: clockLength(video.durationMs) };
  return [{ message: t('tiktok-options:check.cover', values), code: 'media_unfit' }];
}

function formProblems(video: MediaView, t: Translate): readonly FileProblem[] {
  const { fileName: file, width, height, frameRate, codec } = video;
  const found: FileProblem[] = [];
  const add = (code: string, message: string): void => void found.push({ message, code });
  if (!videoTypes.includes(video.type)) add('file_format_check_failed', t('tiktok:check.type', { file }));
  if (codec !== null && !codecs.test(codec.toLowerCase())) {
    add('file_format_check_failed', t('tiktok:check.codec', { file, codec }));
  }
  if (video.bytes > largestBytes) add('media_unfit', t('tiktok:check.tooLarge', { file }));
  if (frameRate !== null && (frameRate < 23 - rateTolerance || frameRate > 60 + rateTolerance)) {
    add('frame_rate_check_failed', t('tiktok:check.frameRate', { file, rate: Math.round(frameRate * 100) / 100 }));
  }
  if ([width, height].some((side) => side < 360 || side > 4096)) {
    add('picture_size_check_failed', t('tiktok:check.pictureSize', { file, width, height }));
  }
  return found;
}

function lengthProblems(
  video: MediaView,
  creator: Pick<CreatorInfo, 'maxDurationSeconds'>,
  t: Translate,
): readonly FileProblem[] {
  const lengths = lengthsOf(video, creator);
  if (lengths === undefined) return [];
  return [{ message: t('tiktok:check.tooLong', { file: video.fileName, ...lengths }), code: 'duration_check_failed' }];
}

/** The same as {@link videoProblems} in a few words, where its length is all that is wrong with a video. */
export function lengthInShort(
  video: MediaView | undefined,
  creator: Pick<CreatorInfo, 'maxDurationSeconds'>,
  t: Translate,
): string | undefined {
  const lengths = video === undefined ? undefined : lengthsOf(video, creator);
  return lengths === undefined ? undefined : t('tiktok-options:short.tooLong', lengths);
}

/** How long the video is and may be, where it is too long. */
function lengthsOf(
  { durationMs }: MediaView,
  { maxDurationSeconds }: Pick<CreatorInfo, 'maxDurationSeconds'>,
): { readonly length: string; readonly limit: string } | undefined {
  if (maxDurationSeconds === null || durationMs === null || durationMs <= maxDurationSeconds * 1000) return undefined;
  return { length: clockLength(durationMs), limit: clockLength(maxDurationSeconds * 1000) };
}

/** Minutes and seconds, e.g. 1:05; a begun second counts, so that what is too long never looks as long as the limit. */
export function clockLength(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
