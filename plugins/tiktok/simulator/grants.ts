import { openId, type Account } from './accounts.ts';
import type { App } from './apps.ts';
import type { SimulatorClock } from './clock.ts';
import { randomDigits, randomText } from './ids.ts';
import type { SwitchBoard } from './switches.ts';

/** One authorization by one person of one app, and the refresh token that goes on from it. */
export interface Session {
  readonly clientKey: string;
  readonly accountId: string;
  readonly openId: string;
  readonly scopes: readonly string[];
  refreshToken: string;
  /** UTC ms; a refresh does not move it. */
  readonly refreshEndsAt: number;
  isRevoked: boolean;
}

export interface AuthorizationCode {
  readonly code: string;
  readonly clientKey: string;
  readonly account: Account;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly endsAt: number;
  isUsed: boolean;
}

export interface TokenAnswer {
  readonly open_id: string;
  readonly scope: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly refresh_expires_in: number;
  readonly token_type: 'Bearer';
}

interface Parts {
  readonly clock: SimulatorClock;
  readonly switches: SwitchBoard;
}

/** Codes and tokens, alive or dead. Tokens are kept only in memory. */
export class Grants {
  readonly #parts: Parts;
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #access = new Map<string, { readonly session: Session; endsAt: number }>();
  readonly #refresh = new Map<string, Session>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  clear(): void {
    this.#codes.clear();
    this.#access.clear();
    this.#refresh.clear();
  }

  /** Real codes hold `*` and `!`, so a client that forgets to decode, or decodes twice, is found out. */
  issueCode(grant: Omit<AuthorizationCode, 'code' | 'endsAt' | 'isUsed'>): AuthorizationCode {
    const code = `${randomText(48)}*${randomDigits(1)}!${randomDigits(4)}`;
    const endsAt = this.#now() + this.#parts.switches.values.code_lifetime_seconds * 1000;
    const issued = { ...grant, code, endsAt, isUsed: false };
    this.#codes.set(code, issued);
    return issued;
  }

  /** Undefined when unknown, used or too old. */
  findCode(code: string): AuthorizationCode | undefined {
    const found = this.#codes.get(code);
    return found === undefined || found.isUsed || found.endsAt <= this.#now() ? undefined : found;
  }

  redeem(code: AuthorizationCode): TokenAnswer {
    code.isUsed = true;
    const session: Session = {
      clientKey: code.clientKey,
      accountId: code.account.id,
      openId: openId(code.clientKey, code.account),
      scopes: code.scopes,
      refreshToken: `rft.${randomText(60)}!${randomDigits(4)}.va`,
      refreshEndsAt: this.#now() + this.#parts.switches.lifetimes.refresh * 1000,
      isRevoked: false,
    };
    this.#refresh.set(session.refreshToken, session);
    return this.#answer(session);
  }

  findRefresh(token: string): Session | undefined {
    const session = this.#refresh.get(token);
    return session === undefined || session.isRevoked || session.refreshEndsAt <= this.#now() ? undefined : session;
  }

  /** The old refresh token is dead before the answer leaves, unless the legacy profile is on. */
  refresh(session: Session): TokenAnswer {
    if (this.#parts.switches.values.token_profile !== 'legacy') {
      this.#refresh.delete(session.refreshToken);
      session.refreshToken = `rft.${randomText(60)}!${randomDigits(4)}.va`;
      this.#refresh.set(session.refreshToken, session);
    }
    return this.#answer(session);
  }

  findAccess(token: string): Session | undefined {
    const access = this.#access.get(token);
    if (access === undefined || access.session.isRevoked || access.endsAt <= this.#now()) return undefined;
    return access.session;
  }

  expireAccess(token: string): void {
    const access = this.#access.get(token);
    if (access !== undefined) access.endsAt = 0;
  }

  burnRefresh(token: string): void {
    this.#refresh.delete(token);
  }

  /** Apps that this person has let in and not thrown out. */
  sessionsOf(accountId: string, clientKey?: string): readonly Session[] {
    const sessions = new Set([...this.#refresh.values()].filter((session) => !session.isRevoked));
    return [...sessions].filter((one) => one.accountId === accountId && (clientKey ?? one.clientKey) === one.clientKey);
  }

  /** Returns the apps that were thrown out. */
  removeAuthorization(accountId: string, clientKey?: string): readonly string[] {
    const keys = new Set<string>();
    const all = [...this.#refresh.values(), ...[...this.#access.values()].map((access) => access.session)];
    for (const session of all) {
      if (session.isRevoked || session.accountId !== accountId) continue;
      if (clientKey !== undefined && session.clientKey !== clientKey) continue;
      session.isRevoked = true;
      keys.add(session.clientKey);
    }
    return [...keys];
  }

  /** True when the person may skip the consent page. */
  hasGranted(app: App, account: Account, scopes: readonly string[]): boolean {
    const sessions = this.sessionsOf(account.id, app.client_key);
    return sessions.some((session) => scopes.every((scope) => session.scopes.includes(scope)));
  }

  #answer(session: Session): TokenAnswer {
    const token = `act.${randomText(60)}!${randomDigits(4)}.va`;
    const seconds = this.#parts.switches.lifetimes.access;
    this.#access.set(token, { session, endsAt: this.#now() + seconds * 1000 });
    return {
      open_id: session.openId,
      scope: session.scopes.join(','),
      access_token: token,
      expires_in: seconds,
      refresh_token: session.refreshToken,
      refresh_expires_in: Math.max(0, Math.floor((session.refreshEndsAt - this.#now()) / 1000)),
      token_type: 'Bearer',
    };
  }

  #now(): number {
    return this.#parts.clock.now();
  }
}
