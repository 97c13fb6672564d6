import type { Sql } from '../db/database.ts';

interface WebhookIdentity {
  readonly plugin: string;
  readonly identityHash: string;
}

export async function isWebhookKnown(sql: Sql, { plugin, identityHash }: WebhookIdentity): Promise<boolean> {
  const known: unknown[] = await sql('webhook_events').where({ plugin, identity_hash: identityHash }).select('at');
  return known.length > 0;
}

/** @returns false when this very event has been here before */
export async function rememberWebhook(
  sql: Sql,
  event: WebhookIdentity & { readonly event: string; readonly at: number },
): Promise<boolean> {
  if (await isWebhookKnown(sql, event)) return false;
  const row = { plugin: event.plugin, identity_hash: event.identityHash };
  // Two at once both get here; waking twice harms nothing.
  await sql('webhook_events')
    .insert({ ...row, event: event.event, at: event.at })
    .onConflict(['plugin', 'identity_hash'])
    .ignore();
  return true;
}

/** Strangers can have calls refused as often as they like: it is written down once a minute at most. */
const refusalPauseMs = 60_000;

/** When a call was last refused for this reason, to the minute. */
export async function rememberRefusal(
  sql: Sql,
  { plugin, code, at }: { readonly plugin: string; readonly code: string; readonly at: number },
): Promise<void> {
  const lately: unknown[] = await sql('webhook_refusals')
    .where({ plugin, code })
    .where('at', '>', at - refusalPauseMs)
    .select('at');
  if (lately.length > 0) return;
  await sql('webhook_refusals').insert({ plugin, code, at }).onConflict(['plugin', 'code']).merge({ at });
}
