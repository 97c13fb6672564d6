import type { Explanation, Translate } from '#plugin-api';
import type { CoreReason } from './decide-retry.ts';

const whoCanFix = {
  software_error: 'software',
  status_unresolved: 'team',
  missed_window: 'team',
  not_approved: 'team',
  poison: 'software',
  channel_disconnected: 'team',
  too_many_attempts: 'admin',
  account_switched: 'team',
  unreadable: 'admin',
} as const satisfies Record<CoreReason, Explanation['who']>;

/** The words for an end or a wait: a plugin's own explanation stays as it is. */
export function explain(t: Translate, because: Explanation | CoreReason): Explanation {
  if (typeof because !== 'string') return because;
  return {
    sentence: t(`deliveries:reason.${because}.sentence`),
    who: whoCanFix[because],
    nextStep: t(`deliveries:reason.${because}.nextStep`),
    code: because,
  };
}
