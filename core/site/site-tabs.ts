import type { Translate } from '#plugin-api';

const tabs = [
  { id: 'identity', href: '/admin/site' },
  { id: 'legal', href: '/admin/site/legal' },
  { id: 'verification', href: '/admin/site/verification' },
] as const;

/** The pages of Settings → Site. */
export function siteTabs(t: Translate, current: string) {
  return tabs.map(({ id, href }) => ({ label: t(`identity:tabs.${id}`), href, isCurrent: href === current }));
}
