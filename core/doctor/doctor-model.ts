import type { Finding, FindingTone, Translate } from '#plugin-api';
import type { KeptFinding } from './doctor-store.ts';
import type { NamedCheck } from './run-checks.ts';

/** One check as the page shows it. */
interface CheckRow extends Finding {
  readonly name: string;
  readonly label: string;
  /** Who can put it right, in words. */
  readonly whoText: string;
  readonly checkedAt: number;
}

/** The section Setup check. */
export interface SetupCheck {
  readonly action: string;
  /** To be told at once: what does not work, then what is to be looked at. */
  readonly open: readonly CheckRow[];
  readonly fine: readonly CheckRow[];
  readonly counts: Readonly<Record<FindingTone, number>>;
  /** Checks that were never made. */
  readonly unmade: readonly { readonly name: string; readonly label: string }[];
  /** When the oldest of what is shown was found, and who asked; null before the first time. */
  readonly since: { readonly at: number; readonly by: string | null } | null;
  /** Settings were saved after that. */
  readonly isOutdated: boolean;
}

interface ModelParts {
  readonly t: Translate;
  readonly network: string;
  readonly action: string;
  readonly checks: readonly NamedCheck[];
  readonly kept: ReadonlyMap<string, KeptFinding>;
  /** When settings were saved last. */
  readonly savedAt: number | undefined;
  /** Whether a page of ours answers there. */
  readonly isPage: (href: string) => boolean;
}

export function setupCheckOf(parts: ModelParts): SetupCheck {
  const { t, checks, kept, action, savedAt } = parts;
  const found = checks.flatMap((one) => kept.get(one.name) ?? []);
  const rows = checks.flatMap((one) => rowOf(one, parts));
  const of = (tone: FindingTone) => rows.filter((row) => row.tone === tone);
  const oldest = found.reduce<KeptFinding | undefined>(
    (first, one) => (first === undefined || one.checkedAt < first.checkedAt ? one : first),
    undefined,
  );
  const unmade = checks.filter(({ name }) => !kept.has(name));
  return {
    action,
    open: [...of('bad'), ...of('warn')],
    fine: of('ok'),
    counts: { bad: of('bad').length, warn: of('warn').length, ok: of('ok').length },
    unmade: unmade.map(({ name, check }) => ({ name, label: check.label })),
    since: oldest === undefined ? null : { at: oldest.checkedAt, by: oldest.checkedBy ?? t('doctor:commandLine') },
    isOutdated: oldest !== undefined && savedAt !== undefined && savedAt > oldest.checkedAt,
  };
}

function rowOf({ name, check }: NamedCheck, { t, kept, network, isPage }: ModelParts): readonly CheckRow[] {
  const one = kept.get(name);
  if (one === undefined) return [];
  const { finding, checkedAt } = one;
  return [
    {
      ...finding,
      name,
      label: check.label,
      links: finding.links.filter(({ href }) => isPage(href)),
      whoText: finding.who === undefined ? '' : t(`doctor:who.${finding.who}`, { network }),
      checkedAt,
    },
  ];
}
