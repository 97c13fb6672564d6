import express, { Router, type ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { accountShape } from './accounts.ts';
import { appShape, withoutSecret } from './apps.ts';
import { UnknownThing, type SimulatorControl } from './control.ts';
import { failureShape } from './failures.ts';
import { fatesShape } from './fates.ts';
import { switchesShape } from './switches.ts';

const shapes = {
  switches: z.strictObject({
    ...switchesShape.partial().shape,
    failures: z.array(failureShape).optional(),
    clear_failures: z.boolean().optional(),
    fates: fatesShape.nullable().optional(),
  }),
  account: z.strictObject({
    ...accountShape.partial().shape,
    username: accountShape.shape.username,
    new_username: accountShape.shape.username.optional(),
  }),
  app: z.strictObject({ ...z.object(appShape.shape).partial().shape, client_key: z.string().min(1) }),
  clock: z.strictObject({ advance_seconds: z.number().min(0) }),
  removal: z.strictObject({
    account: z.string(),
    client_key: z.string().optional(),
    reason: z.number().int().min(0).max(5).optional(),
  }),
  release: z.strictObject({ publish_id: z.string().optional() }),
  webhook: z.strictObject({
    client_key: z.string(),
    event: z.string().optional(),
    content: z.record(z.string(), z.unknown()).optional(),
    user_openid: z.string().optional(),
  }),
};

/** What no real TikTok has: switches, and a look behind the counter. */
export function controlRoutes(control: SimulatorControl): Router {
  const router = Router();
  router.use(express.json());
  readingRoutes(router, control);
  router.post('/switches', (request, response) => {
    response.json(control.setSwitches(shapes.switches.parse(request.body)));
  });
  router.post('/accounts', (request, response) => {
    response.json(control.putAccount(shapes.account.parse(request.body)));
  });
  router.post('/apps', (request, response) => {
    response.json(withoutSecret(control.putApp(shapes.app.parse(request.body))));
  });
  router.post('/clock', (request, response) => {
    const { advance_seconds: seconds } = shapes.clock.parse(request.body);
    response.json({ now: control.advanceClock(seconds * 1000) });
  });
  router.post('/reset', (_request, response) => {
    control.reset();
    response.json({ reset: true });
  });
  router.post('/revoke-authorization', (request, response) => {
    response.json({ removed_from: control.revokeAuthorization(shapes.removal.parse(request.body)) });
  });
  router.post('/release', (request, response) => {
    response.json({ released: control.release(shapes.release.parse(request.body ?? {}).publish_id) });
  });
  router.post('/webhook', (request, response) => {
    control.sendWebhook(shapes.webhook.parse(request.body));
    response.json({ sent: true });
  });
  router.use(explain);
  return router;
}

function readingRoutes(router: Router, control: SimulatorControl): void {
  router.get('/posts', (_request, response) => void response.json(control.posts()));
  router.get('/publishes', (_request, response) => void response.json(control.publishes()));
  router.get('/requests', (_request, response) => void response.json(control.requests()));
  router.get('/webhooks', (_request, response) => void response.json(control.webhooks()));
  router.get('/stats', (_request, response) => void response.json(control.stats()));
  router.get('/switches', (_request, response) => void response.json(control.switches()));
  router.get('/accounts', (_request, response) => void response.json(control.accounts()));
  router.get('/apps', (_request, response) => void response.json(control.apps().map(withoutSecret)));
  router.get('/clock', (_request, response) => void response.json({ now: control.now() }));
  router.get('/posts/:id/video', (request, response, next) => {
    const file = control.fileOf(request.params.id);
    if (file === undefined) next();
    else response.sendFile(file, { headers: { 'content-type': 'video/mp4', 'content-disposition': 'inline' } });
  });
}

// Express tells an error handler by its four parameters.
// eslint-disable-next-line max-params
const explain: ErrorRequestHandler = (problem, _request, response, next) => {
  if (problem instanceof z.ZodError) response.status(400).json({ error: z.prettifyError(problem) });
  else if (problem instanceof UnknownThing) response.status(404).json({ error: problem.message });
  else if (problem instanceof SyntaxError) response.status(400).json({ error: 'The body is not valid JSON.' });
  else next(problem);
};
