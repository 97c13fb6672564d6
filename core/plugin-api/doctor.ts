import type { WhoCanFix } from './errors.ts';
import type { TextKey } from './settings.ts';

/** As the host's `t`. */
type Words = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** `bad`: something does not work, or the network will refuse it. `warn`: to be looked at. */
export type FindingTone = 'ok' | 'warn' | 'bad';

/** What a check found. Every text is made with the host's `t`. */
export interface Finding {
  readonly tone: FindingTone;
  /** Which of its check's outcomes this is: the same in every language. */
  readonly kind: string;
  /** What is so; of `ok` the words behind the check's name. */
  readonly sentence: string;
  /** What it leads to. */
  readonly meaning?: string;
  readonly who?: WhoCanFix;
  /** How it is put right, in order, in the words of the network's portal. */
  readonly steps: readonly string[];
  /** Paths of this installation where it is put right; one that does not exist is left out. */
  readonly links: readonly FindingLink[];
  /** The moment that the sentence speaks of: UTC milliseconds. */
  readonly at?: number;
  /** The network's own, with the section of its page in the error book. */
  readonly code?: string;
  readonly place?: string;
  readonly logId?: string;
}

export interface FindingLink {
  readonly label: string;
  readonly href: string;
}

/** One look at whether the installation is set up well: it changes nothing, here or at the network. */
export interface DoctorCheck {
  /** Among the plugin's checks: lower-case letters and hyphens. */
  readonly id: string;
  readonly label: string;
  /** What is thrown, and what takes too long, is told as a finding to look at; the other checks stand. */
  run(look: DoctorLook): Promise<Finding>;
}

/** What the host offers to a check beside what the plugin has already. */
export interface DoctorLook {
  /** Aborted when the check has had its time. */
  readonly signal: AbortSignal;
  /** Fetches a path at the public address as a stranger would, following no redirect. By this server: not from outside. */
  fetchOwn(path: string): Promise<OwnAnswer>;
  /** What came to the plugin's webhook address. */
  webhooks(): Promise<WebhookTrace>;
}

export type OwnAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly contentType: string;
      /** Of a redirect: where it leads. */
      readonly location: string;
      readonly body: Uint8Array;
    }
  /** `private`: the name leads to an address that only a local network knows. */
  | { readonly kind: 'none'; readonly why: 'no-answer' | 'private' | 'certificate' | 'name'; readonly code: string };

/** Times are UTC milliseconds. */
export interface WebhookTrace {
  readonly lastTakenAt: number | undefined;
  /** Refused ones, by the code of the verdict: when the last of each came. */
  readonly refusedAt: Readonly<Record<string, number>>;
}

/** How one outcome of a check is told. */
export interface FindingOutcome {
  readonly tone: FindingTone;
  readonly who?: WhoCanFix;
  /** How many steps its texts have. */
  readonly steps?: number;
}

/** What a finding says beside its texts. */
export interface FindingFacts {
  readonly values?: Readonly<Record<string, string | number>>;
  readonly links?: readonly FindingLink[];
  readonly at?: number | undefined;
  readonly code?: string | undefined;
  readonly place?: string | undefined;
  readonly logId?: string | undefined;
}

/**
 * Makes the findings of one check out of a table of its outcomes. Their texts are `<at>.<kind>.sentence`, and for all but
 * `ok` also `.meaning` and `.step1` to the number of steps.
 */
export function findingsOf<Kind extends string>(
  t: Words,
  at: TextKey,
  outcomes: Readonly<Record<Kind, FindingOutcome>>,
): (kind: Kind, facts?: FindingFacts) => Finding {
  return (kind, { values = {}, links = [], ...facts } = {}) => {
    const { tone, who, steps = 0 } = outcomes[kind];
    const text = (name: string) => t(`${at}.${kind}.${name}`, values);
    const known = Object.entries(facts).filter(([, value]) => value !== undefined);
    return {
      tone,
      kind,
      sentence: text('sentence'),
      ...(tone === 'ok' ? {} : { meaning: text('meaning') }),
      ...(who === undefined ? {} : { who }),
      steps: Array.from({ length: steps }, (_, index) => text(`step${index + 1}`)),
      links,
      ...Object.fromEntries(known),
    };
  };
}
