import express, { type Express } from 'express';
import { apiRoutes, type LogLine } from './api-routes.ts';
import { consentRoutes } from './consent-routes.ts';
import type { SimulatorControl } from './control.ts';
import { controlRoutes } from './control-routes.ts';
import { pageRoutes } from './page-routes.ts';
import { unknownPath } from './replies.ts';
import type { World } from './world.ts';

/** One address plays both of TikTok's: the server side and the pages of www.tiktok.com. */
export function simulatorApp(world: World, control: SimulatorControl, log: LogLine): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(apiRoutes(world, log));
  app.use(consentRoutes(world));
  app.use(pageRoutes(world, control));
  app.use('/__simulator', controlRoutes(control));
  app.use((request, response) => {
    const { status, headers, body } = unknownPath();
    log(`:${request.socket.remotePort ?? 0} ${request.method} ${request.path} ${status} ${body}`);
    response.status(status).set(headers).send(body);
    request.resume();
  });
  return app;
}
