import { z } from 'zod';
import { admit, readJson } from './api-access.ts';
import type { Call } from './call.ts';
import { failPublish } from './processing.ts';
import { isAtWork, type Publish } from './publishes.ts';
import { ApiRefusal, rawNumber, success, type Reply } from './replies.ts';
import type { World } from './world.ts';

const shape = z.object({ publish_id: z.string() });

/** POST /v2/post/publish/status/fetch/ (content-posting-api-reference-get-video-status). */
export function answerStatus(world: World, call: Call): Reply {
  const publish = findOwn(world, call, true);
  const isUploading = publish.status === 'PROCESSING_UPLOAD';
  const data = {
    status: publish.status,
    ...(publish.failReason === undefined ? {} : { fail_reason: publish.failReason }),
    ...postIds(world, publish),
    ...(isUploading ? { uploaded_bytes: publish.received } : {}),
    ...(publish.status === 'PROCESSING_DOWNLOAD' ? { downloaded_bytes: publish.received } : {}),
  };
  return success(data, call.logId);
}

/** POST /v2/post/publish/cancel/: best effort; once all bytes are in, processing has begun and cannot be stopped. */
export function answerCancel(world: World, call: Call): Reply {
  const publish = findOwn(world, call, false);
  const isComplete = publish.photos === undefined ? publish.arrivedAt !== undefined : publish.isFetched;
  if (!isAtWork(publish) || isComplete)
    throw new ApiRefusal(400, 'publish_not_cancellable', 'The publish cannot be cancelled any more.');
  failPublish(world, publish, 'publish_cancelled');
  return success(undefined, call.logId);
}

function findOwn(world: World, call: Call, isLimited: boolean): Publish {
  const limit = isLimited ? { limit: 'status/fetch' as const } : {};
  const { account, app } = admit(world, call, { anyScope: ['video.publish', 'video.upload'], ...limit });
  const { publish_id: publishId } = readJson(world, call, shape);
  call.noted.publish_id = publishId;
  const publish = world.publishes.find(publishId);
  if (publish === undefined) throw new ApiRefusal(400, 'invalid_publish_id', 'The publish_id does not exist.');
  if (publish.accountId !== account.id || publish.clientKey !== app.client_key) {
    const code = 'token_not_authorized_for_specified_publish_id';
    throw new ApiRefusal(400, code, 'The access token is not authorized for the publish_id.');
  }
  return publish;
}

/** The misspelt field holds 19-digit numbers in a list; older clients report other shapes. */
function postIds(world: World, publish: Publish): Record<string, unknown> {
  const shape = world.switches.values.post_id_shape;
  if (publish.postId === undefined || publish.postIdShownAt === undefined || shape === 'absent') return {};
  const id = shape === 'strings' ? publish.postId : rawNumber(publish.postId);
  return { publicaly_available_post_id: shape === 'scalar' ? id : [id] };
}
