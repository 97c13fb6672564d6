import type { Database } from '../../../core/db/database.ts';
import { nextNumber } from '../../support/factories.ts';

/** A scheduled delivery with the post and channel it needs. */
export async function addDelivery(
  db: Database,
  teamId: number,
): Promise<{ readonly deliveryId: number; readonly postId: number }> {
  const account = `account-${nextNumber()}`;
  const tokens = { access_token: 'x', refresh_token: 'x', scopes: '[]', state: 'valid', mode: 'live' };
  const times = { access_expires_at: 0, refresh_expires_at: 0, refreshed_at: 0 };
  const whose = { plugin: 'paperboy', account_id: account };
  const [credentialId = 0] = await db.knex('credentials').insert({ ...whose, app_key: 'app', ...tokens, ...times });
  const [channelId = 0] = await db
    .knex('channels')
    .insert({ ...whose, team_id: teamId, credential_id: credentialId, nickname: 'Rye Club', connected_at: 0 });
  const form = { nonce: `nonce-${nextNumber()}`, nonce_body: 'x' };
  const [postId = 0] = await db
    .knex('posts')
    .insert({ ...form, team_id: teamId, caption: 'Buns', created_at: 0, updated_at: 0, state: 'scheduled', due_at: 0 });
  const [deliveryId = 0] = await db.knex('deliveries').insert({
    ...{ post_id: postId, team_id: teamId, channel_id: channelId, plugin: 'paperboy' },
    ...{ state: 'scheduled', options: '{}', due_at: 0, updated_at: 0 },
  });
  return { deliveryId, postId };
}
