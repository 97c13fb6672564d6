import type { Request, Response } from 'express';
import type { Translate } from '#plugin-api';
import type { Role, TeamPermission } from '../auth/permissions.ts';

/** A signed-in person. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly isAdmin: boolean;
}

/** The team a route is about, and the person's place in it. */
export interface TeamOfMember {
  readonly id: number;
  readonly name: string;
  readonly zone: string;
  readonly role: Role;
}

export type FlashTone = 'ok' | 'bad' | 'warn' | 'info';

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
  readonly t: Translate;
  readonly person: Person | null;
  /** Path parameters and the parsed body as flat strings; a repeated field keeps its last value, `all` gives every one. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  all(field: string): readonly string[];
  /** Renders a page inside the frame; `model` is merged with the frame's own locals and must hold `title`. */
  page(view: string, model: PageModel, status?: number): Promise<void>;
  /** For `stream` bodies: checks the token that came as the first field. @throws NotAllowedError */
  checkCsrf(token: string | undefined): void;
  /** 303 to a path of this installation. */
  redirect(path: string): void;
  /** Shown once on the next page: role=status for ok and info, role=alert for the rest. */
  flash(tone: FlashTone, text: string): void;
}

export interface PageModel {
  readonly title: string;
  /** Sidebar entry that is current, e.g. `channels`. */
  readonly current?: string;
  readonly frame?: 'team' | 'admin' | 'plain' | 'popup';
  /** Script paths below /assets/, loaded deferred. */
  readonly scripts?: readonly string[];
  readonly [key: string]: unknown;
}

export interface PersonContext extends PublicContext {
  readonly person: Person;
}

export interface TeamContext extends PersonContext {
  readonly team: TeamOfMember;
}

interface RouteBase {
  readonly method: 'get' | 'post';
  readonly path: string;
  /** `form` for posts and `none` for gets unless said. */
  readonly body?: BodyLimit;
  /** Only for calls signed by somebody else than a browser session. */
  readonly csrf?: false;
}

/** A route is a value: what it answers to, who may, and what it does. There is no other way into the app. */
export type Route =
  | (RouteBase & { readonly permission: 'public'; handle(context: PublicContext): Promise<void> | void })
  | (RouteBase & { readonly permission: 'signed-in' | 'admin'; handle(context: PersonContext): Promise<void> | void })
  | (RouteBase & { readonly permission: TeamPermission; handle(context: TeamContext): Promise<void> | void });
