import type { WhoCanFix } from '#plugin-api';

export interface OwnCode {
  /** Where it comes up: the key of its name. */
  readonly place: 'composing' | 'posting' | 'connecting' | 'access' | 'pages';
  /** The sentence that people read there. */
  readonly told: string;
  readonly who: WhoCanFix;
  readonly retry: keyof typeof isTriedByItself;
  /** Steps by key, in order. */
  readonly you: readonly string[];
  readonly admin?: readonly string[];
}

export const isTriedByItself = {
  no: false,
  person: false,
  login: false,
  held: true,
  itself: true,
  tried: false,
} as const;
