import type { PublishingDelivery } from '#plugin-api';
import type { PostInfo } from './api/client.ts';
import type { ChosenOptions } from './post-options.ts';

/** Disclosure as TikTok names it; the same for videos and photos. */
export function brandToggles(options: ChosenOptions): {
  readonly brand_content_toggle: boolean;
  readonly brand_organic_toggle: boolean;
} {
  return {
    brand_content_toggle: options.disclose && options.brandedContent,
    brand_organic_toggle: options.disclose && options.yourBrand,
  };
}

/**
 * Exactly what the person chose (docs: content-posting-api-reference-direct-post). TikTok leaves on what is not named, so
 * every switch is named; a cover that nobody chose is not.
 */
export function videoPostInfo(
  { caption, cover }: Pick<PublishingDelivery, 'caption' | 'cover'>,
  options: ChosenOptions,
): PostInfo {
  return {
    title: caption,
    privacy_level: options.privacy,
    disable_comment: !options.allowComment,
    disable_duet: !options.allowDuet,
    disable_stitch: !options.allowStitch,
    ...brandToggles(options),
    is_aigc: options.aiGenerated,
    ...(cover === null ? {} : { video_cover_timestamp_ms: cover }),
  };
}
