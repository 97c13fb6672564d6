import type { FindingLink, Translate } from '#plugin-api';

/** The way to the field of a set where something is put right. @param field its id in the settings */
export function linkToField(t: Translate, set: string, field: 'appId' | 'appSecret' | 'callbackUrl'): FindingLink {
  return { label: t('tiktok-doctor:keys.open'), href: `/admin/api-integration/tiktok#f-${set}-${field}` };
}
