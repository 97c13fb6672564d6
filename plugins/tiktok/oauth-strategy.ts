import { createHash } from 'node:crypto';
import OAuth2Strategy from 'passport-oauth2';
import { z } from 'zod';
import type { RemoteError } from '#plugin-api';
import type { Failure, Reply, TokenReply } from './api/replies.ts';

type Authenticate = OAuth2Strategy['authenticate'];
type Done = (error: unknown, user?: Express.User | false) => void;

export interface TikTokLogin {
  /** Base address of the consent page, e.g. https://www.tiktok.com */
  readonly authUrl: string;
  readonly apiUrl: string;
  readonly clientKey: string;
  readonly clientSecret: string;
  readonly callbackUrl: string;
  readonly scopes: readonly string[];
  /** Made, kept and compared by the host. */
  readonly state: string;
  readonly codeVerifier: string;
  exchange(code: string): Promise<Reply<TokenReply>>;
  errorOf(failure: Failure): RemoteError;
  /** What a granted token becomes: the strategy's user. */
  complete(tokens: TokenReply): Promise<object>;
}

/**
 * OAuth 2.0 with TikTok's names and rules (developers.tiktok.com/doc/login-kit-web): `client_key`, scopes with commas,
 * a challenge that is the lower-case hexadecimal SHA-256 of the verifier, trailing slashes, a token call whose
 * failure is told by the body and not by the status. One instance serves one login.
 */
export class TikTokStrategy extends OAuth2Strategy {
  readonly #login: TikTokLogin;

  constructor(login: TikTokLogin) {
    super(
      {
        authorizationURL: authorizeAddress(login.authUrl),
        tokenURL: `${login.apiUrl.replace(/\/+$/u, '')}/v2/oauth/token/`,
        clientID: login.clientKey,
        clientSecret: login.clientSecret,
        callbackURL: login.callbackUrl,
        scope: [...login.scopes],
        scopeSeparator: ',',
        skipUserProfile: true,
      },
      // eslint-disable-next-line max-params -- passport-oauth2 counts the parameters to know what to hand over
      (_access: string, _refresh: string, tokens: TokenReply, _profile: unknown, done: Done) => {
        login.complete(tokens).then((account) => done(null, account), done);
      },
    );
    this.name = 'tiktok';
    this.#login = login;
    this.#exchangeThroughOurClient();
    this.#leaveOutClientId();
  }

  override authenticate(...[request, options]: Parameters<Authenticate>): void {
    const given: unknown = options;
    super.authenticate(request, { ...(typeof given === 'object' ? given : {}), state: this.#login.state });
  }

  /** Where a person is sent by this login, as it comes out of the library. */
  authorizeAddress(): string {
    let address = '';
    Object.assign(this, { redirect: (to: string) => void (address = to) });
    this.authenticate(nobodysRequest);
    return address;
  }

  override authorizationParams(): object {
    return {
      client_key: this.#login.clientKey,
      code_challenge: codeChallenge(this.#login.codeVerifier),
      code_challenge_method: 'S256',
      // The consent page is shown each time, so that another account can be chosen.
      disable_auto_auth: '1',
    };
  }

  /** TikTok knows no `client_id`; the library adds one to every address it makes. */
  #leaveOutClientId(): void {
    Object.assign(this._oauth2, {
      getAuthorizeUrl: (params: Readonly<Record<string, string>>): string =>
        `${authorizeAddress(this.#login.authUrl)}?${new URLSearchParams(params).toString()}`,
    });
  }

  /** The library's own token call would send `client_id`, follow its own time-outs and judge by the status. */
  #exchangeThroughOurClient(): void {
    const exchange = async (code: unknown, done: TokenCallback): Promise<void> => {
      const reply = await this.#login.exchange(typeof code === 'string' ? code : '');
      if (reply.ok) done(null, reply.value.access_token, reply.value.refresh_token, reply.value);
      else done(this.#login.errorOf(reply));
    };
    Object.assign(this._oauth2, {
      getOAuthAccessToken: (code: unknown, _params: unknown, done: TokenCallback): void => {
        exchange(code, done).catch(done);
      },
    });
  }
}

/** All that the library reads of a request at the beginning of a login. */
const nobodysRequest = z.custom<Parameters<Authenticate>[0]>(() => true).parse({ query: {}, body: {} });

function authorizeAddress(authUrl: string): string {
  return `${authUrl.replace(/\/+$/u, '')}/v2/auth/authorize/`;
}

// eslint-disable-next-line max-params -- the shape of the library's callback
type TokenCallback = (error: unknown, accessToken?: string, refreshToken?: string, results?: unknown) => void;

/** TikTok wants hexadecimal where RFC 7636 has base64url: developers.tiktok.com/doc/login-kit-desktop */
export function codeChallenge(verifier: string): string {
  return createHash('sha256').update(verifier, 'ascii').digest('hex');
}
