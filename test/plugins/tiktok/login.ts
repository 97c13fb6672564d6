import express from 'express';
import { demoApps } from '../../../plugins/tiktok/simulator/index.ts';
import type { ConnectedAccount } from '#plugin-api';
import { TikTokClient } from '../../../plugins/tiktok/api/client.ts';
import { TikTokConnector } from '../../../plugins/tiktok/connector.ts';
import type { TikTokStrategy } from '../../../plugins/tiktok/oauth-strategy.ts';
import { credentialSet, errors, pluginHost } from './support.ts';
import type { AppValues, HostValues } from './support.ts';

/** What passport hears from a strategy. */
export type LoginOutcome =
  | { readonly kind: 'redirect'; readonly url: URL }
  | { readonly kind: 'success'; readonly value: unknown }
  | { readonly kind: 'fail' | 'error'; readonly value: unknown };

export const callbackUrl = 'http://localhost:3000/app/tiktok/profile';
export const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

export function liveApp(values: Partial<AppValues> = {}): AppValues {
  const { client_key: appKey, client_secret: secret } = demoApps.live;
  return { appKey, secret, callbackUrl, ...values };
}

export function connectorFor(url: string, values: Partial<HostValues> & { app?: AppValues } = {}): TikTokConnector {
  const host = pluginHost({ set: credentialSet(values.app ?? liveApp()), ...values, url });
  return new TikTokConnector(host, new TikTokClient(host.http, url), errors);
}

/** Runs a strategy as passport would, with the query of a request to the callback (none at the start). */
export function run(strategy: TikTokStrategy, search = ''): Promise<LoginOutcome> {
  return new Promise((resolve) => {
    const acts = {
      redirect: (url: string) => resolve({ kind: 'redirect', url: new URL(url) }),
      success: (value: unknown) => resolve({ kind: 'success', value }),
      fail: (value: unknown) => resolve({ kind: 'fail', value }),
      error: (value: unknown) => resolve({ kind: 'error', value }),
    };
    const query = { value: Object.fromEntries(new URLSearchParams(search)) };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- express makes its requests in this way too
    const request: express.Request = Object.create(express.request, { query });
    Object.assign(strategy, acts).authenticate(request, {});
  });
}

/** The person on TikTok's consent page; @returns where the browser is sent */
export async function decide(consentUrl: URL, choice: { account: string; decision?: string }): Promise<URL> {
  const form = new URLSearchParams(consentUrl.searchParams);
  form.set('account', choice.account);
  form.set('decision', choice.decision ?? 'authorize');
  const address = new URL(consentUrl.pathname, consentUrl.origin);
  const answer = await fetch(address, { method: 'POST', body: form, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? 'http://nowhere.invalid/');
}

export async function connectAccount(
  url: string,
  values: Parameters<typeof connectorFor>[1] & { account?: string } = {},
): Promise<ConnectedAccount> {
  const connector = connectorFor(url, values);
  const set = credentialSet(values.app ?? liveApp());
  const context = { set, state: 'st4te', codeVerifier };
  const start = await run(connector.strategy(context));
  if (start.kind !== 'redirect') throw new Error('The login did not start.');
  const back = await decide(start.url, { account: values.account ?? 'hazelandrye' });
  const end = await run(connector.strategy(context), back.search);
  if (end.kind !== 'success') throw new Error(`The login ended as ${end.kind}.`);
  return connector.readAccount(end.value);
}
