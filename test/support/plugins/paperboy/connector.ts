import passport from 'passport';
import { z } from 'zod';
import type { ConnectContext, Connector, PluginHost, TokenSet } from '#plugin-api';

const dayMs = 86_400_000;
const callback = z.object({ code: z.string().optional() });
const authorized = z.object({ reader: z.string() });

/** A passport strategy: first it sends the person to the network, then it reads with what they come back. */
class PaperboyStrategy extends passport.Strategy {
  override readonly name = 'paperboy';
  readonly #context: ConnectContext;
  readonly #consentPage: string;

  constructor(context: ConnectContext, consentPage: string) {
    super();
    this.#context = context;
    this.#consentPage = consentPage;
  }

  override authenticate(request: { query: unknown }): void {
    const { code } = callback.parse(request.query);
    if (code !== undefined) {
      // A real network exchanges the code for tokens here, with host.http.
      const person = { reader: code };
      this.success(person);
      return;
    }
    const { state, set } = this.#context;
    const query = new URLSearchParams({ agency: set.appKey, redirect_uri: set.callbackUrl, state });
    this.redirect(`${this.#consentPage}?${query.toString()}`);
  }
}

export function createConnector(host: PluginHost): Connector {
  const { clock, settings, t } = host;
  const freshTokens = (reader: string): TokenSet => ({
    accessToken: `pass-${reader}-${clock.now()}`,
    accessExpiresAt: clock.now() + dayMs,
    refreshToken: `subscription-${reader}`,
    refreshExpiresAt: clock.now() + 365 * dayMs,
    scopes: ['print'],
  });
  return {
    strategy: (context) => new PaperboyStrategy(context, `${settings.address('api')}/subscribe`),
    readAccount: (value) => {
      const { reader } = authorized.parse(value);
      return { accountId: reader, nickname: reader, tokens: freshTokens(reader) };
    },
    refresh: ({ tokens }) => Promise.resolve(freshTokens(tokens.refreshToken.replace('subscription-', ''))),
    explain: ({ query }) => ({
      sentence: t('paperboy:login.failed'),
      who: 'you',
      nextStep: t('paperboy:login.again'),
      code: query['error'] ?? 'unknown',
    }),
    missingScopes: () => [],
  };
}
