import { publishJobKind } from '../../core/deliveries/publishing-context.ts';
import type { TestApp } from './app.ts';
import { createTeam } from './factories.ts';

/** What stands in a team of a database that has none yet; every number is 1 unless said. */
export interface TeamRecords {
  readonly team: Awaited<ReturnType<typeof createTeam>>;
  /** The number that the network gave the publish that is under way. */
  readonly reference: string;
  /** When the job of that publish runs. UTC ms. */
  readonly runAt: number;
}

/**
 * A channel, a file, post 1 whose delivery is at the network, post 2 that is scheduled (delivery 2), and draft 3:
 * written as rows, the same in every database.
 */
export async function addTeamRecords({ db, clock }: TestApp): Promise<TeamRecords> {
  const now = clock.now();
  const runAt = now + 3_600_000;
  const team = await createTeam(db, { name: 'Hazel & Rye' });
  const account = { plugin: 'tiktok', account_id: 'open-id-1' };
  await db.knex('credentials').insert({
    ...{ ...account, app_key: 'awexample0000000', mode: 'live', access_token: 'sealed', refresh_token: 'sealed' },
    ...{ scopes: '["video.publish"]', access_expires_at: runAt, refresh_expires_at: runAt, state: 'valid' },
    refreshed_at: now,
  });
  await db
    .knex('channels')
    .insert({ ...account, team_id: team.id, credential_id: 1, nickname: 'Hazel & Rye', connected_at: now });
  await db.knex('media').insert({
    ...{ team_id: team.id, file_name: 'Lucia.mp4', stored_name: 'none.mp4', kind: 'video', type: 'video/mp4' },
    ...{ bytes: 9, sha256: 'a'.repeat(64), width: 360, height: 640, duration_ms: 4_000, created_at: now },
  });
  for (const [n, state] of ['publishing', 'scheduled', 'draft'].entries()) {
    await db.knex('posts').insert({
      ...{ team_id: team.id, caption: `Post ${n + 1}`, nonce: `n${n}`, nonce_body: 'x', created_at: now },
      ...{ updated_at: now, state, due_at: state === 'draft' ? null : now },
    });
  }
  for (const [post, state] of [
    [1, 'publishing'],
    [2, 'scheduled'],
  ] as const) {
    await db.knex('deliveries').insert({
      ...{ post_id: post, team_id: team.id, channel_id: 1, plugin: 'tiktok', state, options: '{}' },
      ...{ due_wall: '2026-11-21T13:00', due_zone: team.zone, due_at: now, updated_at: now },
    });
    const times = { run_at: runAt, created_at: now, updated_at: now };
    await db
      .knex('jobs')
      .insert({ kind: publishJobKind, key: String(post), payload: '{}', state: 'waiting', ...times });
  }
  const reference = 'v_pub_file~v2-1.1';
  await db.knex('attempts').insert({
    ...{ delivery_id: 1, n: 1, plugin: 'tiktok', credential_id: 1, revision: 1, reference },
    ...{ started_at: now, outcome: 'open' },
  });
  return { team, reference, runAt };
}
