/** Pictures are kept as one of these, with the ending of the stored file; networks take no others. */
export const pictureEndings = { 'image/jpeg': 'jpg', 'image/webp': 'webp' } as const;

/** What people may send; PNG is kept as JPEG. */
export const pictureTypes: readonly string[] = [...Object.keys(pictureEndings), 'image/png'];

/**
 * The strictest of any network: its own rules, with their source, stand in its plugin; they say "1080p" and 20 MB.
 * 1080p is read as the box of a full-HD picture, upright or across.
 */
export const pictureLimits = { shortSide: 1080, longSide: 1920, bytes: 20_000_000 } as const;
