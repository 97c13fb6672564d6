import {
  type ConnectContext,
  type CredentialSet,
  type DoctorCheck,
  type DoctorLook,
  type Finding,
  findingsOf,
  type Translate,
} from '#plugin-api';
import { isLoopbackHost } from '../api/hosts.ts';
import { linkToField } from './settings-link.ts';

export const callbackOutcomes = {
  ok: { tone: 'ok' },
  missing: { tone: 'warn', who: 'admin', steps: 1 },
  differs: { tone: 'bad', who: 'software', steps: 1 },
  local: { tone: 'warn', who: 'admin', steps: 2 },
  slash: { tone: 'bad', who: 'admin', steps: 2 },
  elsewhere: { tone: 'warn', who: 'admin', steps: 2 },
  absent: { tone: 'bad', who: 'admin', steps: 2 },
  unreachable: { tone: 'warn', who: 'admin', steps: 1 },
} as const;

interface CallbackParts {
  readonly t: Translate;
  readonly publicUrl: string;
  readonly computed: string;
  readonly settings: { active(): Promise<CredentialSet | undefined> };
  /** The address a person would be sent to. */
  readonly authorizeAddress: (context: ConnectContext) => string;
}

/** Whether TikTok is sent the address that stands in the settings, byte for byte, and whether we answer there. */
export function callbackCheck({ t, publicUrl, computed, settings, authorizeAddress }: CallbackParts): DoctorCheck {
  const found = findingsOf(t, 'tiktok-doctor:callback', callbackOutcomes);
  const run = async (look: DoctorLook): Promise<Finding> => {
    const set = await settings.active();
    if (set === undefined) return found('missing', { values: { address: computed } });
    const address = set.callbackUrl;
    const sent = sentCallback(authorizeAddress({ set, state: 'setup-check', codeVerifier: 'v'.repeat(43) }));
    const values = { address, computed, sent };
    const links = [linkToField(t, set.id, 'callbackUrl')];
    if (sent !== address) return found('differs', { values });
    const url = new URL(address);
    if (address !== computed && withoutSlash(address) === withoutSlash(computed)) {
      return found('slash', { values, links });
    }
    if (url.origin !== new URL(publicUrl).origin) return found('elsewhere', { values, links });
    const answer = await look.fetchOwn(url.pathname);
    if (answer.kind === 'none') return found('unreachable', { values, code: answer.code });
    // Without a login it says that it knows of none; only an address of nobody is 404.
    if (answer.status === 404 || answer.status >= 500)
      return found('absent', { values: { ...values, status: answer.status }, links });
    return found(isLoopbackHost(url.hostname) ? 'local' : 'ok', { values });
  };
  return { id: 'callback', label: t('tiktok-doctor:callback.label'), run };
}

/** As TikTok reads it, decoded once: developers.tiktok.com/doc/login-kit-web */
function sentCallback(authorizeAddress: string): string {
  return new URL(authorizeAddress).searchParams.get('redirect_uri') ?? '';
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/u, '');
}
