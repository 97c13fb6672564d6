import { z } from 'zod';
import type {
  ConnectContext,
  ConnectedAccount,
  Connector,
  CredentialSet,
  CredentialView,
  Explanation,
  FailedLogin,
  MissingScope,
  PluginHost,
  TokenSet,
} from '#plugin-api';
import { pageTimeoutMs, workerTimeoutMs } from './api/client.ts';
import type { AppKeys, TikTokClient } from './api/client.ts';
import type { TokenReply, UserInfo } from './api/replies.ts';
import type { CallLimits } from './api/transport.ts';
import type { ErrorBook } from './errors.ts';
import { withNotes } from './explain-by-notes.ts';
import { explainLogin } from './login-failure.ts';
import { TikTokStrategy } from './oauth-strategy.ts';
import { copyAvatar, readProfile } from './profile-reader.ts';
import { missingScopes, scopesOf } from './scopes.ts';

/** Of a page's time: for what follows after the profile was read. */
const loginReserveMs = 500;

const connectedAccount: z.ZodType<ConnectedAccount> = z.object({
  accountId: z.string().min(1),
  unionId: z.string().exactOptional(),
  nickname: z.string(),
  username: z.string().exactOptional(),
  avatar: z.instanceof(Uint8Array).exactOptional(),
  tokens: z.object({
    accessToken: z.string().min(1),
    accessExpiresAt: z.number(),
    refreshToken: z.string().min(1),
    refreshExpiresAt: z.number(),
    scopes: z.array(z.string()),
  }),
});

/** Logging in, refreshing and giving back: TikTok's side of a connected profile. */
export class TikTokConnector implements Connector {
  readonly #host: PluginHost;
  readonly #client: TikTokClient;
  readonly #errors: ErrorBook;

  constructor(host: PluginHost, client: TikTokClient, errors: ErrorBook) {
    this.#host = host;
    this.#client = client;
    this.#errors = errors;
  }

  strategy(context: ConnectContext): TikTokStrategy {
    const { set, state, codeVerifier } = context;
    const app = appKeys(set);
    const askedAt = this.#host.clock.now();
    // A person waits: what the profile tells within the page's time is taken along.
    const limits = { timeoutMs: pageTimeoutMs, signal: AbortSignal.timeout(pageTimeoutMs - loginReserveMs) };
    return new TikTokStrategy({
      authUrl: this.#host.settings.address('auth'),
      apiUrl: this.#host.settings.address('api'),
      clientKey: app.key,
      clientSecret: app.secret,
      callbackUrl: set.callbackUrl,
      scopes: set.choices('scopes'),
      state,
      codeVerifier,
      exchange: (code) =>
        this.#client.token(app, { code, redirectUri: set.callbackUrl, codeVerifier }, { timeoutMs: pageTimeoutMs }),
      errorOf: (failure) => this.#errors.remoteError(failure),
      complete: (tokens) => this.#complete(tokens, { askedAt, limits }),
    });
  }

  readAccount(value: unknown): ConnectedAccount {
    return connectedAccount.parse(value);
  }

  async refresh(credential: CredentialView): Promise<TokenSet> {
    const askedAt = this.#host.clock.now();
    const { set, tokens } = credential;
    const reply = await this.#client.refresh(appKeys(set), tokens.refreshToken, { timeoutMs: workerTimeoutMs });
    if (!reply.ok) throw this.#errors.remoteError(reply);
    const fresh = tokenSet(reply.value, askedAt);
    return fresh.scopes.length > 0 ? fresh : { ...fresh, scopes: tokens.scopes };
  }

  /** Removes the app from the person's connected apps. An access token that TikTok no longer knows is as good as revoked. */
  async revoke(credential: CredentialView): Promise<void> {
    const { set, tokens } = credential;
    const reply = await this.#client.revoke(appKeys(set), tokens.accessToken, { timeoutMs: workerTimeoutMs });
    if (reply.ok || reply.code === 'access_token_invalid' || reply.code === 'invalid_grant') return;
    throw this.#errors.remoteError(reply);
  }

  /** The smallest question that a token answers: developers.tiktok.com/doc/tiktok-api-v2-get-user-info */
  async confirm(accessToken: string): Promise<void> {
    const reply = await this.#client.userInfo(accessToken, ['open_id'], { timeoutMs: workerTimeoutMs });
    if (!reply.ok) throw this.#errors.remoteError(reply);
  }

  explain(failure: FailedLogin): Explanation {
    return withNotes(explainLogin(this.#errors, failure), failure.set, this.#host.t);
  }

  missingScopes(granted: readonly string[], set: CredentialSet): readonly MissingScope[] {
    return missingScopes(this.#host.t, granted, set);
  }

  /** A login is complete with its tokens; a profile that cannot be read now costs only its nickname and avatar. */
  async #complete(
    reply: TokenReply,
    { askedAt, limits }: { readonly askedAt: number; readonly limits: CallLimits },
  ): Promise<ConnectedAccount> {
    const tokens = tokenSet(reply, askedAt);
    const profile = await readProfile(this.#client, { token: tokens.accessToken, scopes: tokens.scopes }, limits);
    if (!profile.ok) this.#host.log.warn({ code: profile.code, logId: profile.logId }, 'profile could not be read');
    const user = profile.ok ? profile.value : {};
    const avatar = await copyAvatar(this.#client, user, limits);
    return {
      accountId: reply.open_id,
      nickname: nicknameOf(user) ?? this.#host.t('tiktok:profile'),
      ...(user.union_id === undefined ? {} : { unionId: user.union_id }),
      ...(user.username === undefined || user.username === '' ? {} : { username: user.username }),
      ...(avatar === undefined ? {} : { avatar }),
      tokens,
    };
  }
}

function appKeys(set: CredentialSet): AppKeys {
  return { key: set.appKey, secret: set.text('appSecret') };
}

/** Lifetimes come from the answer and count from before the call: a clock that is late never trusts a dead token. */
function tokenSet(reply: TokenReply, askedAt: number): TokenSet {
  return {
    accessToken: reply.access_token,
    accessExpiresAt: askedAt + reply.expires_in * 1000,
    refreshToken: reply.refresh_token,
    refreshExpiresAt: askedAt + reply.refresh_expires_in * 1000,
    scopes: scopesOf(reply.scope),
  };
}

function nicknameOf(user: UserInfo): string | undefined {
  const names = [user.display_name, user.username];
  return names.find((name) => name !== undefined && name.trim() !== '');
}
