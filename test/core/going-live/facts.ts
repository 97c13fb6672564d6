import type { GoingLiveFacts, ReviewedSet } from '#plugin-api';

export const everyScope = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];

/** Of an app that is live and audited, with a sandbox that was tried: nothing is left to do. */
export function factsOf(changes: Partial<GoingLiveFacts> = {}): GoingLiveFacts {
  const publicUrl = 'https://panel.example.org';
  return {
    siteName: 'Hazel Planner',
    publicUrl,
    isPublic: true,
    icon: { fileName: 'icon.png', width: 1024, height: 1024, bytes: 90_000 },
    homeWords: [],
    pages: {
      privacy: { url: `${publicUrl}/privacy-policy`, isPlaceholder: false, isLinked: true },
      terms: { url: `${publicUrl}/terms-of-service`, isPlaceholder: false, isLinked: true },
    },
    proofs: ['tiktokAbC.txt'],
    reviewed: setOf({ appState: 'live', isAudited: true }),
    trial: setOf(),
    ...changes,
  };
}

export function setOf(changes: Partial<ReviewedSet> & { readonly scopes?: readonly string[] } = {}): ReviewedSet {
  const { scopes = everyScope, ...rest } = changes;
  return {
    isComplete: true,
    callbackUrl: 'https://panel.example.org/app/tiktok/profile',
    choices: (field) => (field === 'scopes' ? scopes : []),
    appState: undefined,
    isAudited: undefined,
    testers: [],
    connected: 1,
    granted: scopes,
    hasPublished: true,
    ...rest,
  };
}
