import { systemRandom } from '../queue/backoff.ts';
import { selectEndingCredentials, type StoredCredential } from './credential-store.ts';
import type { RefreshDeps, TokenRefresh } from './token-refresh.ts';

const batch = 100;
const atOnce = 5;

/** Goes through everything that ends soon, however much it is. One that fails keeps nobody else waiting. */
export async function refreshAhead(deps: RefreshDeps, refresh: TokenRefresh, signal: AbortSignal): Promise<void> {
  for await (const ending of endingInBatches(deps)) {
    await Promise.all(Array.from({ length: atOnce }, () => refreshFrom(ending)));
    if (signal.aborted) return;
  }

  async function refreshFrom(ending: StoredCredential[]): Promise<void> {
    for (let row = ending.shift(); row !== undefined && !signal.aborted; row = ending.shift()) {
      try {
        await refresh.refresh(row);
      } catch (error) {
        deps.log.warn({ err: error, credential: row.id }, 'a token could not be refreshed ahead');
      }
    }
  }
}

/** Whether `refreshAhead` would find any. Only reads. */
export async function hasEnding(deps: RefreshDeps): Promise<boolean> {
  for await (const ending of endingInBatches(deps)) if (ending.length > 0) return true;
  return false;
}

async function* endingInBatches(deps: RefreshDeps): AsyncGenerator<StoredCredential[]> {
  const before = deps.clock.now() + deps.timings.refreshAheadMs;
  let after: StoredCredential | undefined;
  for (;;) {
    const rows = await selectEndingCredentials(deps.db.knex, { before, after, limit: batch });
    yield rows.filter((row) => isEnding(deps, row));
    after = rows.at(-1);
    if (rows.length < batch) return;
  }
}

/** Less than a tenth of its life is left, at most a quarter of an hour, less a random part that spreads many. */
export function isEnding({ clock, timings, random = systemRandom }: RefreshDeps, row: StoredCredential): boolean {
  const lifeMs = row.accessExpiresAt - row.refreshedAt;
  const aheadMs = Math.min(timings.refreshShare * lifeMs, timings.refreshAheadMs);
  const jitterMs = random() * Math.min(timings.refreshJitterShare * lifeMs, timings.refreshJitterMs);
  return row.accessExpiresAt - clock.now() < aheadMs - jitterMs;
}
