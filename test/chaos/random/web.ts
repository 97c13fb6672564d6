import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createWebhookService } from '../../../core/deliveries/webhook-service.ts';
import { createPluginRegistry, type PluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { TikTokWebhooks } from '../../../plugins/tiktok/webhooks.ts';
import { dueIn, type EngineWorld } from '../../support/engine-world.ts';
import { liveApp } from '../../plugins/tiktok/login.ts';
import { credentialSet, pluginSettings, publicOptions, t } from '../../plugins/tiktok/support.ts';
import { newPost, type NewPost, type ProcessOrder } from './order.ts';

/** Schedules posts and takes webhooks over HTTP. */
export async function runWeb(world: EngineWorld, order: ProcessOrder): Promise<void> {
  const webhooks = createWebhookService({ ...world, log: world.log.log, registry: withWebhooks(world, order) });
  const answer = async (request: IncomingMessage): Promise<number> => {
    const body = await buffer(request);
    if (request.url === '/posts') return schedule(world, order.teamId, newPost.parse(JSON.parse(body.toString())));
    const { kind } = await webhooks.receive('fake', { headers: request.headers, body });
    return { taken: 200, repeated: 200, refused: 400, unknown: 404 }[kind];
  };
  const server = createServer((request, response) => {
    const end = (status: number): void => void response.writeHead(status).end();
    // The database may be away: whoever asked comes again.
    answer(request).then(end, () => end(503));
  });
  await new Promise<void>((resolve) => server.listen(order.port, '127.0.0.1', resolve));
}

/** @returns 200 also for a post that is there already: the form's number is made of its caption */
async function schedule(world: EngineWorld, teamId: number, { channelId, caption }: NewPost): Promise<number> {
  const nonce = createHash('sha256').update(caption).digest('hex');
  const known: unknown[] = await world.db.knex('posts').where({ team_id: teamId, nonce }).select('id');
  if (known.length > 0) return 200;
  const now = world.clock.now();
  await world.db.transaction(async (sql) => {
    const [postId = 0] = await sql('posts').insert({
      ...{ team_id: teamId, caption, nonce, nonce_body: 'x', created_by: world.actor.id },
      ...{ created_at: now, updated_at: now, state: 'scheduled' },
    });
    const options = { ...publicOptions, privacy: 'SELF_ONLY' };
    const place = { postId, teamId, channelId, plugin: 'fake' };
    return world.desk.create({ ...place, options, due: dueIn(world, 0), consent: null }, sql);
  });
  return 200;
}

function withWebhooks({ registry, clock }: EngineWorld, { url }: ProcessOrder): PluginRegistry {
  const receiver = new TikTokWebhooks({ settings: pluginSettings(credentialSet(liveApp()), url), clock, t });
  const found = registry.get('fake');
  const active = { ...found, parts: { ...found.parts, webhooks: receiver } };
  const mine = createPluginRegistry();
  mine.add(active);
  return mine;
}
