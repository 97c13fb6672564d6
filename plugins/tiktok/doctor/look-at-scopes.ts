import {
  type ChannelView,
  type CredentialSet,
  type DoctorCheck,
  type Finding,
  findingsOf,
  type Translate,
} from '#plugin-api';
import { missingScopes } from '../scopes.ts';

export const scopeOutcomes = {
  ok: { tone: 'ok' },
  nobody: { tone: 'ok' },
  missing: { tone: 'warn', who: 'team', steps: 2 },
  never: { tone: 'bad', who: 'admin', steps: 3 },
} as const;

interface ScopeParts {
  readonly t: Translate;
  readonly settings: { active(): Promise<CredentialSet | undefined> };
  readonly channels: { all(): Promise<readonly ChannelView[]> };
}

/** What is asked for, against what people really granted through the app in use. */
export function scopeCheck({ t, settings, channels }: ScopeParts): DoctorCheck {
  const found = findingsOf(t, 'tiktok-doctor:scopes', scopeOutcomes);
  const run = async (): Promise<Finding> => {
    const set = await settings.active();
    const asked = set?.choices('scopes') ?? [];
    const connected = (await channels.all()).filter(({ appKey }) => appKey === set?.appKey);
    const values = {
      total: connected.length,
      count: connected.length,
      asked: asked.length === 0 ? '–' : asked.join(', '),
    };
    if (set === undefined || connected.length === 0) return found('nobody', { values });
    const lacking = connected.map((channel) => missingScopes(t, channel.scopes, set));
    const never = asked.find((scope) => lacking.every((missing) => missing.some((one) => one.scope === scope)));
    const links = [{ label: t('tiktok-doctor:scopes.open'), href: '/admin/api-integration/tiktok/connections' }];
    if (never !== undefined) {
      const place = t(`tiktok-doctor:place.${set.id}`);
      const consequence = lacking[0]?.find(({ scope }) => scope === never)?.consequence ?? '';
      return found('never', { links, values: { ...values, scope: never, consequence, place } });
    }
    const incomplete = lacking.filter((missing) => missing.length > 0);
    if (incomplete.length === 0) return found('ok', { values });
    const scopes = [...new Set(incomplete.flatMap((missing) => missing.map(({ scope }) => scope)))].join(', ');
    const consequence = incomplete[0]?.[0]?.consequence ?? '';
    return found('missing', { links, values: { ...values, count: incomplete.length, scopes, consequence } });
  };
  return { id: 'scopes', label: t('tiktok-doctor:scopes.label'), run };
}
