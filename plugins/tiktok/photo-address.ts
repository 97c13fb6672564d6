import type { FileProblem, PluginHost, Translate } from '#plugin-api';
import { isLoopbackHost } from './api/hosts.ts';
import type { PhotoAddressState } from './situation.ts';

/** The settings' check box: an admin has verified the address at TikTok. */
export const photoAddressField = 'photoAddress';

type Host = Pick<PluginHost, 'settings' | 'mediaLinks'>;

/**
 * Whether TikTok fetches photos from here: only from an address that is verified in its portal, over https
 * (developers.tiktok.com/doc/content-posting-api-media-transfer-guide). A TikTok on this machine, the simulator, reaches
 * this machine.
 */
export async function photoAddressState({ settings, mediaLinks }: Host, appKey: string): Promise<PhotoAddressState> {
  const isReachable = mediaLinks.isPublic || isLoopbackHost(new URL(settings.address('api')).hostname);
  if (!isReachable) return 'not-public';
  const set = await settings.findByAppKey(appKey);
  return set?.isConfirmed(photoAddressField) === true ? 'ready' : 'unverified';
}

const closed = {
  unverified: { sentence: 'photosUnverified', code: 'address_unverified' },
  'not-public': { sentence: 'photosNotPublic', code: 'address_not_public' },
} as const;

/** Why photos cannot be posted now, for those who compose. */
export function photoAddressProblems(
  state: PhotoAddressState,
  { mediaLinks, t }: Pick<PluginHost, 'mediaLinks'> & { readonly t: Translate },
): readonly FileProblem[] {
  if (state === 'ready') return [];
  const { sentence, code } = closed[state];
  return [{ message: t(`tiktok:check.${sentence}`, { address: mediaLinks.prefix }), code }];
}
