import type { AppState } from './settings.ts';

/**
 * The way from an app that is tried with to one that its network has reviewed, as data: the host draws the steps, keeps
 * what admins say was done, and hands over the texts. Every text is made with the host's `t`; in `about` and in steps,
 * `**words**` are those that stand on a button or in a menu, of the network's portal say.
 */
export interface GoingLivePart {
  /** The set whose app is reviewed, and the one that everything is tried with before. */
  readonly sets: { readonly reviewed: string; readonly trial: string };
  /** What the network takes as the app's icon; absent = it asks for none. */
  readonly icon?: IconRule;
  /** In the network's order. */
  readonly steps: readonly GoingLiveStep[];
  /** For the network's reviewers: the app's description, and one for each product and permission that is asked for. */
  explanations(facts: GoingLiveFacts): readonly ReviewText[];
  /** The film that shows them, scene by scene, and nothing else. */
  scenes(facts: GoingLiveFacts): readonly FilmScene[];
  /** What a film must keep to, a sentence each. */
  readonly filmRules: readonly string[];
  /** Why the network refuses apps, as far as anybody knows. */
  readonly refusals: readonly Refusal[];
  /** Where the network's apps are kept. */
  readonly portal: { readonly label: string; readonly href: string };
}

/** A square picture. */
export interface IconRule {
  /** Pixels of a side. */
  readonly side: number;
  readonly mostBytes: number;
  readonly types: readonly ('image/jpeg' | 'image/png')[];
}

/** What is known without asking anybody. */
export interface GoingLiveFacts {
  readonly siteName: string;
  /** `https://panel.example.org`, without a slash at its end. */
  readonly publicUrl: string;
  /** Whether others than this machine reach it, by https. */
  readonly isPublic: boolean;
  /** The picture that was checked last; undefined: none was. */
  readonly icon: IconFacts | undefined;
  /** An admin's own words on the home page, in each language that has some; none where the standing words are shown. */
  readonly homeWords: readonly string[];
  readonly pages: { readonly privacy: LegalPageFacts; readonly terms: LegalPageFacts };
  /** Names of the verification files that the installation serves and nothing speaks against. */
  readonly proofs: readonly string[];
  /** The credential set that is reviewed, and the one to try with. */
  readonly reviewed: ReviewedSet;
  readonly trial: ReviewedSet;
}

export interface IconFacts {
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

export interface LegalPageFacts {
  readonly url: string;
  /** Nobody has written it yet: the text that comes with the software still stands there. */
  readonly isPlaceholder: boolean;
  /** Whether the home page leads to it. */
  readonly isLinked: boolean;
}

/** A credential set and what came of it, without its secrets. */
export interface ReviewedSet {
  readonly isComplete: boolean;
  readonly callbackUrl: string;
  choices(fieldId: string): readonly string[];
  /** Noted by an admin. */
  readonly appState: AppState | undefined;
  readonly isAudited: boolean | undefined;
  readonly testers: readonly string[];
  /** Channels that are connected with this app now. */
  readonly connected: number;
  /** What the network granted to any of them. */
  readonly granted: readonly string[];
  /** Whether a post went out through it to its end. */
  readonly hasPublished: boolean;
}

export interface GoingLiveStep {
  /** Lower-case letters and hyphens; what was ticked is kept under it. */
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** What to do, in order. */
  readonly todo: readonly string[];
  /** What the host sees by itself. */
  readonly checks: readonly GoingLiveCheck[];
  /** What only an admin can say was done, as the words of its tick; absent = the checks alone decide. */
  readonly byHand?: string;
  /** May be left out. */
  readonly isOptional?: true;
  /** The app's icon is checked here. */
  readonly asksIcon?: true;
  /** Values to copy into the network's portal; texts among them in English. */
  copies?(facts: GoingLiveFacts): readonly { readonly label: string; readonly value: string }[];
  /** Absent = always. */
  isNeeded?(facts: GoingLiveFacts): boolean;
}

export interface GoingLiveCheck {
  /** Lower-case letters and hyphens. */
  readonly id: string;
  /** Worth knowing; the step may be done without it. */
  readonly isHint?: true;
  /** Pure: the same facts give the same verdict. */
  look(facts: GoingLiveFacts): CheckVerdict;
}

export interface CheckVerdict {
  readonly isMet: boolean;
  /** What is so, and what to do where it is not met. */
  readonly text: string;
  /** A path of this installation where it is put right; one that does not exist is left out. */
  readonly link?: { readonly label: string; readonly href: string };
}

/** A text for the network's form. Shown in English, whatever the reader's language is: its reviewers read English. */
export type ReviewText = {
  /** The product's or permission's own name; of an app, what the text is. */
  readonly name: string;
  readonly kind: 'app' | 'product' | 'permission';
} & (
  | { readonly text: string }
  /** It is asked for and nothing uses it: there is nothing to explain. In the reader's language. */
  | { readonly warning: string }
);

/** Which page of the product a scene plays on; `network`: one of the network's own. */
export type ScenePlace = 'home' | 'sign-in' | 'connect' | 'channel' | 'compose' | 'post' | 'network';

export interface FilmScene {
  readonly place: ScenePlace;
  readonly title: string;
  /** What to click, in order: `**words**` are those on the English interface. */
  readonly clicks: readonly string[];
  readonly points: readonly FilmPoint[];
}

/** One thing that reviewers look for. Shown in English, as they read it. */
export interface FilmPoint {
  /** Products and permissions that it shows, e.g. `video.list`. */
  readonly shows: readonly string[];
  /** Numbers of the network's demands that it shows, as tests know them. */
  readonly demands: readonly string[];
  /** A few words, for the screen. */
  readonly name: string;
  /** A sentence to say, or to write under the film. */
  readonly say: string;
}

/** Why an app was refused, and the way on. */
export interface Refusal {
  readonly id: string;
  /** Words of reviewers that point to it, in lower case; each counts once. */
  readonly signs: readonly string[];
  readonly title: string;
  readonly about: string;
  readonly steps: readonly string[];
}
