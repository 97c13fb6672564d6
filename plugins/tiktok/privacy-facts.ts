import type { PrivacyFacts, Translate } from '#plugin-api';

/** What is kept from TikTok (scopes of the Display API, developers.tiktok.com/doc/tiktok-api-scopes), and the way out in its app. */
export function createPrivacyFacts(t: Translate): PrivacyFacts {
  return {
    stored: (site) => t('tiktok-site:privacy.stored', { site }),
    revoke: (site) => t('tiktok-site:privacy.revoke', { site }),
  };
}
