import type { EventLog } from '../events/event-log.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { createLegalService } from '../site/legal-service.ts';
import { createSiteDesk } from '../site/site-desk.ts';
import { createVerificationService } from '../site/verification-service.ts';
import type { Foundation } from './foundation.ts';

/** What is the installation's own: its looks, its legal texts, the files that prove its address. */
export function makeSite(base: Foundation, { events, registry }: { events: EventLog; registry: PluginRegistry }) {
  const parts = { ...base, events, registry };
  return {
    siteDesk: createSiteDesk(parts),
    legal: createLegalService(parts),
    verification: createVerificationService(parts),
  };
}
