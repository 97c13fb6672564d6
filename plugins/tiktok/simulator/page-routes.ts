import express, { Router } from 'express';
import { join } from 'node:path';
import { pictureOf } from './accounts.ts';
import { withoutSecret } from './apps.ts';
import type { SimulatorControl } from './control.ts';
import { pageHeaders, renderView } from './views.ts';
import type { World } from './world.ts';

const SHOWN = 60;

/** The page for people, and the pictures. */
export function pageRoutes(world: World, control: SimulatorControl): Router {
  const router = Router({ strict: true });
  router.get('/', async (_request, response) => {
    const page = await renderView('posted', pageValues(world, control));
    response.set(pageHeaders).type('html').send(page);
  });
  router.use('/__simulator/public', express.static(join(import.meta.dirname, 'public')));
  router.get('/img/:kind/:file', async (request, response) => {
    const subject = request.params.file.replace(/\.jpeg$/, '');
    const query = new URL(request.originalUrl, 'http://simulator').searchParams;
    const picture = await world.images.fetch(request.params.kind, subject, query);
    if (picture === undefined) response.status(403).type('text/plain').send('URL signature expired');
    else response.type('image/jpeg').send(picture);
  });
  return router;
}

function pageValues(world: World, control: SimulatorControl): Record<string, unknown> {
  const publishes = [...control.publishes()].reverse();
  const posts = [...control.posts()].reverse().slice(0, SHOWN);
  const requests = control.requests().slice(-SHOWN).reverse();
  return {
    url: world.url(),
    now: written(control.now()),
    posts: posts.map((post) => ({ ...post, when: written(post.arrived_at) })),
    unfinished: publishes.filter((one) => one.arrived_at === null || one.status === 'FAILED').slice(0, SHOWN),
    accounts: world.accounts.all().map((account) => ({
      ...account,
      avatar: world.images.address('avatar-100', pictureOf(account), 1),
      video_count: world.videos.count(account),
    })),
    apps: control.apps().map(withoutSecret),
    requests: requests.map((one) => ({ ...one, when: written(one.at) })),
  };
}

function written(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19);
}
