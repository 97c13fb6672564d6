import type { Route } from '../web/route.ts';
import type { Health } from './health.ts';

/** For operators' probes: `/healthz` says that the process answers, `/readyz` that it can serve. */
export function healthRoutes(health: Health): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      permission: 'public',
      handle: ({ res }) => void res.set('Cache-Control', 'no-store').json({ status: 'ok' }),
    },
    {
      method: 'get',
      path: '/readyz',
      permission: 'public',
      handle: async ({ res }) => {
        const { isReady, checks } = await health.ready();
        res
          .status(isReady ? 200 : 503)
          .set('Cache-Control', 'no-store')
          .json({ status: isReady ? 'ready' : 'not ready', checks });
      },
    },
  ];
}
