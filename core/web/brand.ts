import { defaultAccent } from './accent.ts';

export const logoKinds = ['square', 'wide'] as const;
export type LogoKind = (typeof logoKinds)[number];

/** What makes the pages somebody's own. Answers at once; what changed meanwhile is taken in by `freshen`. */
export interface Brand {
  readonly name: () => string;
  /** `#rrggbb` */
  readonly accent: () => string;
  /** SHA-256 of an uploaded logo, in hex; undefined where there is none. */
  readonly logo: (kind: LogoKind) => string | undefined;
  /** The PNG itself. */
  readonly readLogo: (kind: LogoKind) => Promise<Buffer | undefined>;
  /** Called before every page. */
  readonly freshen: () => Promise<void>;
}

/** A brand that nobody changes: of tests. */
export function standingBrand(name: string): Brand {
  return {
    name: () => name,
    accent: () => defaultAccent,
    logo: () => undefined,
    readLogo: () => Promise.resolve(undefined),
    freshen: () => Promise.resolve(),
  };
}
