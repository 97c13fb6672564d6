import { type Clock, type DoctorCheck, type Finding, findingsOf, type Translate } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { selectTokenHealth } from './doctor-store.ts';

export const tokenOutcomes = {
  ok: { tone: 'ok' },
  nobody: { tone: 'ok' },
  overdue: { tone: 'bad', who: 'admin', steps: 2 },
  failing: { tone: 'warn', who: 'network', steps: 2 },
  lost: { tone: 'warn', who: 'team', steps: 2 },
} as const;

/** Accesses are refreshed well before they end: one that has been over for this long is not being refreshed. */
const overdueMs = 900_000;

interface TokenParts {
  readonly t: Translate;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly network: { readonly id: string; readonly name: string };
}

/** Whether the accesses of a network's channels are kept alive. */
export function tokenCheck({ t, sql, clock, network }: TokenParts): DoctorCheck {
  const found = findingsOf(t, 'doctor:tokens', tokenOutcomes);
  const run = async (): Promise<Finding> => {
    const health = await selectTokenHealth(sql, { plugin: network.id, endedBefore: clock.now() - overdueMs });
    const { count, overdue, failing, failingCode, lost, refreshedAt } = health;
    const links = [{ label: t('doctor:tokens.open'), href: `/admin/api-integration/${network.id}/connections` }];
    if (count === 0) return found('nobody', { values: { network: network.name } });
    const values = { network: network.name, count, total: count };
    if (overdue > 0) return found('overdue', { links, values: { ...values, count: overdue }, at: refreshedAt });
    if (failing > 0) {
      const facts = { links, values: { ...values, count: failing }, at: refreshedAt, place: 'refresh' };
      return found('failing', { ...facts, code: failingCode });
    }
    if (lost > 0) return found('lost', { links, values: { ...values, count: lost }, at: refreshedAt });
    return found('ok', { values, at: refreshedAt });
  };
  return { id: 'tokens', label: t('doctor:tokens.label'), run };
}
