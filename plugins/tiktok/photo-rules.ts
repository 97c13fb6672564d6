import type { Draft, FileProblem, MediaView, Translate } from '#plugin-api';

/**
 * docs: content-posting-api-media-transfer-guide, restrictions on photos. "1080p" is read as a box of 1080 × 1920, upright or
 * across, and MB as decimal: both satisfy every reading of TikTok's words.
 */
const limits = { count: 35, bytes: 20_000_000, shortSide: 1080, longSide: 1920 } as const;
const types = ['image/jpeg', 'image/webp'];
/** UTF-16 units. docs: content-posting-api-reference-photo-post, `title` and `description` */
const photoTitleLimit = 90;
export const photoDescriptionLimit = 4000;

/** What TikTok would refuse of these pictures, a sentence each that names the file and the limit, with the code of its refusal. */
export function photoProblems(media: readonly MediaView[], t: Translate): readonly FileProblem[] {
  if (media.some(({ kind }) => kind !== 'picture')) return [unfit(t('tiktok:check.mixed'))];
  const ofAll = media.length > limits.count ? [unfit(t('tiktok:check.tooManyPhotos', { count: media.length }))] : [];
  return [...ofAll, ...media.flatMap((photo) => fileProblems(photo, t))];
}

/** The cover is one of them, by its place. */
export function photoCoverProblems(
  { media, cover }: Pick<Draft, 'media' | 'cover'>,
  t: Translate,
): readonly FileProblem[] {
  const isThere = cover === null || (Number.isSafeInteger(cover) && cover >= 0 && cover < media.length);
  return isThere ? [] : [unfit(t('tiktok:check.photoCover'))];
}

/** Photos' caption is TikTok's `description`. */
export function photoCaptionProblems(caption: string, t: Translate): readonly string[] {
  const count = caption.length - photoDescriptionLimit;
  return count > 0 ? [t('tiktok:check.photoDescription', { count })] : [];
}

export function photoTitleProblems(title: string, t: Translate): readonly string[] {
  const count = title.length - photoTitleLimit;
  return count > 0 ? [t('tiktok:check.photoTitle', { count })] : [];
}

function fileProblems({ fileName: file, type, bytes, width, height }: MediaView, t: Translate): readonly FileProblem[] {
  const isLarge = Math.min(width, height) > limits.shortSide || Math.max(width, height) > limits.longSide;
  return [
    ...(types.includes(type)
      ? []
      : [{ message: t('tiktok:check.photoType', { file }), code: 'file_format_check_failed' }]),
    ...(bytes > limits.bytes
      ? [unfit(t('tiktok:check.photoBytes', { file, size: (bytes / 1_000_000).toFixed(1) }))]
      : []),
    ...(isLarge
      ? [{ message: t('tiktok:check.photoPixels', { file, width, height }), code: 'picture_size_check_failed' }]
      : []),
  ];
}

/** TikTok has no name of its own for it: it is found here. */
function unfit(message: string): FileProblem {
  return { message, code: 'media_unfit' };
}
