import type { Sql } from '../db/database.ts';

/** @returns false when this very event has been here before */
export async function rememberWebhook(
  sql: Sql,
  event: { readonly plugin: string; readonly identityHash: string; readonly event: string; readonly at: number },
): Promise<boolean> {
  const row = { plugin: event.plugin, identity_hash: event.identityHash };
  const known: unknown[] = await sql('webhook_events').where(row).select('at');
  if (known.length > 0) return false;
  // Two at once both get here; waking twice harms nothing.
  await sql('webhook_events')
    .insert({ ...row, event: event.event, at: event.at })
    .onConflict(['plugin', 'identity_hash'])
    .ignore();
  return true;
}
