import { Router, type Request, type Response } from 'express';
import { text } from 'node:stream/consumers';
import { isShutOut } from './authorize-request.ts';
import { decideConsent, openConsent, type ConsentAnswer } from './consent.ts';
import { pageHeaders, renderView } from './views.ts';
import type { World } from './world.ts';

const COOKIE = 'tiktok_simulator_account';

/** What each scope lets an app do, in the words of a consent page. */
const scopeTexts: Readonly<Record<string, string>> = {
  'user.info.basic': 'Read your profile info (avatar, display name)',
  'user.info.profile': 'Read access to your additional profile information, such as username and bio',
  'user.info.stats': 'Read access to your profile engagement statistics',
  'video.list': 'Read your public videos on TikTok',
  'video.publish': 'Post content to TikTok',
  'video.upload': 'Share content to TikTok as drafts',
};

/** The browser side of TikTok: who is logged in, what they allow, and the page where mistakes end. */
export function consentRoutes(world: World): Router {
  const router = Router({ strict: true });
  const paths = ['/v2/auth/authorize/', '/v2/auth/authorize'];
  router.use(paths, (request, response, next) => {
    const isSlashed = request.originalUrl.split('?')[0]?.endsWith('/');
    if (isSlashed || world.switches.values.authorize_slash === 'optional') next();
    else response.status(404).type('text/plain').send('Unsupported path(Janus)');
  });
  router.get(paths, async (request, response) => {
    const query = queryOf(request);
    await answer(world, openConsent(world, query, cookieOf(request)), { query, response });
  });
  router.post(paths, async (request, response) => {
    const form = new URLSearchParams(await text(request));
    await answer(world, decideConsent(world, form), { query: form, response });
  });
  router.get('/v2/auth/error/', async (request, response) => {
    const query = queryOf(request);
    const values = { error: query.get('error'), keyword: query.get('error_type'), logid: query.get('logid') };
    response
      .set(pageHeaders)
      .type('html')
      .send(await renderView('error', values));
  });
  router.post('/v2/auth/log-out/', (_request, response) => {
    response.clearCookie(COOKIE, { path: '/v2/auth/' }).redirect(303, '/');
  });
  return router;
}

async function answer(
  world: World,
  decided: ConsentAnswer,
  { query, response }: { query: URLSearchParams; response: Response },
): Promise<void> {
  if (decided.account !== undefined)
    response.cookie(COOKIE, decided.account.username, { path: '/v2/auth/', httpOnly: true, sameSite: 'lax' });
  if (decided.kind === 'go') {
    response.redirect(303, decided.to);
    return;
  }
  const { request, account } = decided;
  const carried = [...query].filter(([name]) => !['account', 'scopes', 'scopes_shown', 'decision'].includes(name));
  const page = await renderView('consent', {
    app: request.app,
    carried,
    chosen: account?.username,
    accounts: world.accounts.all().map((one) => ({ ...one, isShutOut: isShutOut(request.app, one) })),
    scopes: request.scopes.map((name) => ({
      name,
      text: scopeTexts[name] ?? name,
      isFixed: name === 'user.info.basic',
    })),
  });
  response.set(pageHeaders).type('html').send(page);
}

function queryOf(request: Request): URLSearchParams {
  return new URL(request.originalUrl, 'http://simulator').searchParams;
}

function cookieOf(request: Request): string | undefined {
  const pair = (request.headers.cookie ?? '').split('; ').find((one) => one.startsWith(`${COOKIE}=`));
  return pair?.slice(COOKIE.length + 1);
}
