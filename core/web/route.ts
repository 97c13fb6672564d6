import type { Request, Response } from 'express';
import type { Translate } from '#plugin-api';
import type { Role, TeamPermission } from '../auth/permissions.ts';
import type { HourlyLimits } from '../config/hourly-limits.ts';
import type { Language } from '../language/languages.ts';

/** A signed-in person. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly isAdmin: boolean;
}

export type Theme = 'auto' | 'light' | 'dark';

/** A team and the person's place in it. */
export interface TeamOfMember {
  readonly id: number;
  readonly name: string;
  readonly zone: string;
  readonly role: Role;
}

/** What is known about a signed-in person at each request: read anew, so that a changed role counts at once. */
export interface Standing {
  readonly person: Person;
  /** Light, dark, or whatever the system says; a device's own choice comes first. */
  readonly theme: Theme;
  /** Null: the installation's. */
  readonly language: Language | null;
  /** By name. */
  readonly teams: readonly TeamOfMember[];
}

/** Somebody whose password was right and whose code is awaited. */
export interface PendingSignIn {
  readonly userId: number;
  /** UTC ms. */
  readonly until: number;
  /** Changes with the password. */
  readonly stamp: string;
  /** Where to go on to; empty for the start. */
  readonly next: string;
}

export type FlashTone = 'ok' | 'bad' | 'warn' | 'info';

/** A button beside a message: a form that is posted to a path of this installation. */
export interface FlashAct {
  readonly action: string;
  readonly label: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** How large a body a route reads; anything above answers 413 before it is kept. */
export type BodyLimit =
  | 'none'
  /** urlencoded, 100 kB and 50 fields */
  | 'form'
  /** urlencoded, 1 MB and 1,000 fields */
  | 'composer'
  /** the raw bytes, up to 256 kB: for signatures */
  | 'raw'
  /** the route reads the stream itself; without the x-csrf-token header it must call `checkCsrf` before it keeps a byte */
  | 'stream';

export interface PublicContext {
  readonly req: Request;
  readonly res: Response;
  /** The language of whoever asks. */
  readonly language: Language;
  /** Theirs, for dates and numbers. */
  readonly locale: string;
  readonly t: Translate;
  /** For what is read on another page than this: it becomes words there. */
  readonly deferring: Translate;
  /** Words of a text that may hold deferred ones: for answers that are no page. */
  readonly say: (text: string) => string;
  readonly person: Person | null;
  /** Path parameters and the parsed body as flat strings; a repeated field keeps its last value, `all` gives every one. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  readonly all: (field: string) => readonly string[];
  /** Renders a page inside the frame; `model` is merged with the frame's own locals and must hold `title`. */
  readonly page: (view: string, model: PageModel, status?: number) => Promise<void>;
  /** For `stream` bodies: checks the token that came as the first field. @throws NotAllowedError */
  readonly checkCsrf: (token: string | undefined) => void;
  /** 303 to a path of this installation. */
  readonly redirect: (path: string) => void;
  /** The bytes of a `raw` body, empty for every other. */
  readonly raw: Buffer;
  /** SHA-256 of the session's id, for binding something to this session (an OAuth state). */
  readonly sessionHash: string;
  /** Signs the person in here, who has just proved who it is: a new session, whatever the browser brought along is over. */
  readonly startSession: (standing: Standing) => Promise<void>;
  /** Keeps who has given the right password, in a new session that nobody is signed in to, until the second factor is there. */
  readonly awaitCode: (pending: PendingSignIn) => Promise<void>;
  /** Gives the session a new id and ends the old one: after every change of what the person may do. */
  readonly rotateSession: () => Promise<void>;
  /** Shown once on the next page: role=status for ok and info, role=alert for the rest. The act takes it back, say. */
  readonly flash: (tone: FlashTone, text: string, act?: FlashAct) => void;
}

export interface PageModel {
  readonly title: string;
  /** Sidebar entry that is current, e.g. `channels`. */
  readonly current?: string;
  readonly frame?: 'team' | 'admin' | 'plain' | 'popup';
  /** Asset paths, e.g. `js/upload.js`, loaded as modules. */
  readonly scripts?: readonly string[];
  /** Asset paths of libraries that are no modules; they run before the scripts. */
  readonly libraries?: readonly string[];
  /** Names of stylesheets in core/public/css that only this page needs; those of others by their asset paths. */
  readonly pageStyles?: readonly string[];
  /** A form for people who are not signed in: gives them a session to hold the form's token. */
  readonly startsSession?: true;
  readonly [key: string]: unknown;
}

export interface PersonContext extends PublicContext {
  readonly person: Person;
}

export interface TeamContext extends PersonContext {
  readonly team: TeamOfMember;
}

interface RouteBase {
  /** The last three are a script's, with a `stream` body: the host asks each for the token in the header x-csrf-token. */
  readonly method: 'get' | 'post' | 'head' | 'patch' | 'delete';
  readonly path: string;
  /** `form` for posts and `none` for gets unless said. */
  readonly body?: BodyLimit;
  /** Only for calls signed by somebody else than a browser session. */
  readonly csrf?: false;
}

/** A route is a value: what it answers to, who may, and what it does. There is no other way into the app. */
export type Route =
  | (RouteBase & { readonly permission: 'public'; handle(context: PublicContext): Promise<void> | void })
  | (RouteBase & {
      readonly permission: 'signed-in' | 'admin';
      confirms?(context: PersonContext): Promise<boolean> | boolean;
      spends?(context: PersonContext): keyof HourlyLimits | undefined;
      handle(context: PersonContext): Promise<void> | void;
    })
  | (RouteBase & {
      readonly permission: TeamPermission;
      /** Of a form: whether it is one that asks for the password again, unless it was given within ten minutes. */
      confirms?(context: TeamContext): Promise<boolean> | boolean;
      /** What this costs of what the person may do in an hour; too much is answered 429. */
      spends?(context: TeamContext): keyof HourlyLimits | undefined;
      handle(context: TeamContext): Promise<void> | void;
    });
