import { createHash } from 'node:crypto';
import type { Clock, Log, WebhookReceiver } from '#plugin-api';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database } from '../db/database.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { wakeByReference } from './plugin-deliveries.ts';
import { isWebhookKnown, rememberRefusal, rememberWebhook } from './webhook-store.ts';

type WebhookRequest = Parameters<WebhookReceiver['receive']>[0];

/** `unknown` = no such plugin, or it takes no calls; `repeated` and `taken` are both thanked for. */
type WebhookReceipt =
  { readonly kind: 'taken' | 'repeated' | 'unknown' } | { readonly kind: 'refused'; readonly reason: string };

/** Signed calls of a network to us: verified by its plugin, remembered once, and then only hints to look sooner. */
export interface WebhookService {
  receive(plugin: string, request: WebhookRequest): Promise<WebhookReceipt>;
}

export function createWebhookService(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly registry: PluginRegistry;
  readonly queue: JobQueue;
  readonly credentials: Pick<CredentialService, 'confirm'>;
  readonly log: Log;
}): WebhookService {
  const { db, clock, registry, queue, credentials, log } = deps;
  return {
    async receive(plugin, request) {
      const receiver = registry.find(plugin)?.parts.webhooks;
      if (receiver === undefined) return { kind: 'unknown' };
      const verdict = await receiver.receive(request);
      if (!verdict.accepted) {
        log.warn({ plugin, reason: verdict.reason }, 'a webhook was refused');
        const { code } = verdict;
        if (code !== undefined) await rememberRefusal(db.knex, { plugin, code: code.slice(0, 40), at: clock.now() });
        return { kind: 'refused', reason: verdict.reason };
      }
      const identityHash = createHash('sha256').update(verdict.identity).digest('hex');
      const event = { plugin, identityHash, event: verdict.event.slice(0, 80), at: clock.now() };
      if (await isWebhookKnown(db.knex, event)) return { kind: 'repeated' };
      // Before it counts as taken: should this fail, the network calls again. Waking twice harms nothing.
      for (const reference of verdict.wake) await wakeByReference({ db, queue, clock }, plugin, reference);
      await db.transaction(async (sql) => {
        if (!(await rememberWebhook(sql, event))) return;
        for (const account of verdict.confirm ?? []) await credentials.confirm({ plugin, ...account }, sql);
      });
      return { kind: 'taken' };
    },
  };
}
