import { openId, type Account } from './accounts.ts';
import { postId } from './ids.ts';
import { checkMedia } from './media-check.ts';
import { isAtWork, type Publish } from './publishes.ts';
import type { World } from './world.ts';

/** The last byte is in: decides what will come of it, and when. The decision itself never changes afterwards. */
export async function finishUpload(world: World, publish: Publish): Promise<void> {
  const account = world.accounts.get(publish.accountId);
  publish.arrivedAt = world.clock.now();
  publish.sha256 = publish.hash.digest('hex');
  const ordered = world.failures.take({ endpoint: 'publish', account: account.username });
  const { media_check: check, processing_seconds: wait, processing_hold: isHeld } = world.switches.values;
  const verdict = check === 'none' ? {} : await checkMedia(publish.file, account.max_video_post_duration_sec);
  publish.media = verdict.facts;
  publish.plannedFailure = ordered?.reason ?? (ordered === undefined ? verdict.failReason : 'internal');
  if (isHeld) return;
  world.agenda.at(publish.arrivedAt + wait * 1000, () => endProcessing(world, publish));
  world.agenda.runDue();
}

/** The photos are here, or cannot be had: processing ends a while later. */
export function finishFetching(world: World, publish: Publish, failReason: string | undefined): void {
  const account = world.accounts.get(publish.accountId);
  const ordered = world.failures.take({ endpoint: 'publish', account: account.username });
  publish.isFetched = true;
  publish.plannedFailure = ordered?.reason ?? (ordered === undefined ? failReason : 'internal');
  const { processing_seconds: wait, processing_hold: isHeld } = world.switches.values;
  if (isHeld) return;
  world.agenda.at(world.clock.now() + wait * 1000, () => endProcessing(world, publish));
  world.agenda.runDue();
}

export function endProcessing(world: World, publish: Publish): void {
  if (!isAtWork(publish)) return;
  if (publish.plannedFailure !== undefined) {
    failPublish(world, publish, publish.plannedFailure);
    return;
  }
  const now = world.clock.now();
  publish.status = 'PUBLISH_COMPLETE';
  publish.completedAt = now;
  tell(world, publish, { event: 'post.publish.complete' });
  if (publish.privacy !== 'PUBLIC_TO_EVERYONE') return;
  publish.postId = postId(now, publish.publishId);
  world.agenda.at(now + world.switches.values.post_id_delay_seconds * 1000, () => showPost(world, publish));
}

export function failPublish(world: World, publish: Publish, reason: string): void {
  publish.status = 'FAILED';
  publish.failReason = reason;
  publish.completedAt = world.clock.now();
  tell(world, publish, { event: 'post.publish.failed', reason });
}

/** The person (or we) throws the app out: tokens die, unfinished publishes fail, the app is told. Returns the apps' keys. */
export function removeAuthorization(
  world: World,
  { account, clientKey, reason }: { account: Account; clientKey?: string | undefined; reason: number },
): readonly string[] {
  const keys = world.grants.removeAuthorization(account.id, clientKey);
  for (const publish of world.publishes.all()) {
    const isTheirs = publish.accountId === account.id && keys.includes(publish.clientKey);
    if (isTheirs && isAtWork(publish)) failPublish(world, publish, 'auth_removed');
  }
  for (const app of world.apps.all()) {
    if (!keys.includes(app.client_key)) continue;
    const event = { app, event: 'authorization.removed', content: { reason } };
    world.webhooks.send({ ...event, openId: openId(app.client_key, account) });
  }
  return keys;
}

/** Moderation is through: the post gets its public id and its place in the video list. */
function showPost(world: World, publish: Publish): void {
  const now = world.clock.now();
  publish.postIdShownAt = now;
  world.videos.add(world.accounts.get(publish.accountId), {
    id: publish.postId ?? '',
    createdAt: publish.completedAt ?? now,
    caption: publish.caption,
    seconds: publish.media?.seconds ?? 0,
    width: publish.media?.width ?? 0,
    height: publish.media?.height ?? 0,
    isAigc: publish.flags.is_aigc,
  });
  tell(world, publish, { event: 'post.publish.publicly_available', post_id: publish.postId });
}

function tell(
  world: World,
  publish: Publish,
  { event, ...rest }: { event: string; reason?: string; post_id?: string | undefined },
): void {
  const app = world.apps.find(publish.clientKey);
  if (app === undefined) return;
  const account = world.accounts.get(publish.accountId);
  const content = { publish_id: publish.publishId, ...rest, publish_type: 'DIRECT_POST' };
  world.webhooks.send({ app, event, content, openId: openId(app.client_key, account) });
}
