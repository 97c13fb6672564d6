import type { Clock } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { insertEvents } from '../events/event-store.ts';
import { markReconnectNeeded, selectChannelsOf } from './credential-store.ts';

/**
 * Why people must log in again. `refused`: the network refused the newest refresh token. `answer-lost`: it refused it
 * after the answer to an earlier refresh never reached us, so it was very likely replaced without us: the one way to
 * lose an access that is nobody's decision. `app-replaced`: an admin took the app away.
 */
type LostReason = 'refused' | 'answer-lost' | 'app-replaced';

export interface LostGrant {
  readonly credentialId: number;
  readonly reason: LostReason;
  /** The connected channels that used it, over all teams; a team is in it once. */
  readonly channels: readonly { readonly id: number; readonly teamId: number }[];
  /** UTC ms. */
  readonly at: number;
}

export interface GiveUpDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** The one place to tell people from: called once for each loss, in its transaction, so both stand or fall. */
  readonly onGrantLost?: (lost: LostGrant, sql: Sql) => Promise<void>;
}

/**
 * Marks the credential as needing a person, and leaves one event `channel.reconnect-needed` for each channel.
 * @param grant with a version only while the tokens are still those
 * @returns whether the credential went from valid to reconnect-needed by this call
 */
export async function giveUpGrant(
  { db, clock, onGrantLost }: GiveUpDeps,
  grant: { readonly id: number; readonly version?: number; readonly reason: LostReason },
): Promise<boolean> {
  return db.transaction(async (sql) => {
    if (!(await markReconnectNeeded(sql, grant.id, grant.version))) return false;
    const lost: LostGrant = {
      credentialId: grant.id,
      reason: grant.reason,
      channels: await selectChannelsOf(sql, grant.id),
      at: clock.now(),
    };
    await insertEvents(
      sql,
      lost.channels.map((channel) => eventOf(channel, lost.reason)),
      lost.at,
    );
    await onGrantLost?.(lost, sql);
    return true;
  });
}

function eventOf(channel: { readonly id: number; readonly teamId: number }, reason: LostReason) {
  const subject = { teamId: channel.teamId, actorId: null, subject: 'channel', subjectId: channel.id } as const;
  return { ...subject, kind: 'channel.reconnect-needed', facts: { reason } };
}
