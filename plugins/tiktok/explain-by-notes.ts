import type { AppState, CredentialSet, Explanation, Translate } from '#plugin-api';
import { aliases } from './errors.ts';

/**
 * A failed login whose cause depends on the app, told with what an admin has noted of it. Target users are only counted:
 * whoever reads this may be of another team than they.
 */
export function withNotes(told: Explanation, set: CredentialSet | undefined, t: Translate): Explanation {
  const also = set === undefined ? undefined : nextOf(told.code, set, t);
  return also === undefined ? told : { ...told, nextStep: `${told.nextStep} ${also}` };
}

function nextOf(code: string, set: CredentialSet, t: Translate): string | undefined {
  switch (aliases[code] ?? code) {
    case 'client_key':
      return ofKey(set, t);
    case 'non_sandbox_target':
      return t('tiktok-sets:explain.testers', { count: set.testers?.length ?? 0 });
    case 'scope':
      return ofScope(set, t);
    default:
      return undefined;
  }
}

function ofKey(set: CredentialSet, t: Translate): string | undefined {
  if (set.id === 'sandbox') return t('tiktok-sets:explain.sandbox');
  const { appState } = set;
  if (appState === undefined) return undefined;
  return appState === 'live' ? t('tiktok-sets:explain.live') : t('tiktok-sets:explain.draft', named(appState, t));
}

function ofScope(set: CredentialSet, t: Translate): string | undefined {
  if (set.id === 'sandbox') return t('tiktok-sets:explain.scopeSandbox');
  const { appState } = set;
  if (appState === undefined || appState === 'live') return undefined;
  return t('tiktok-sets:explain.scopeDraft', named(appState, t));
}

function named(appState: AppState, t: Translate): { readonly state: string } {
  return { state: t(`tiktok-sets:state.states.${appState}`) };
}
