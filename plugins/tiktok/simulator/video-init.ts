import { z } from 'zod';
import { admit, invalidParams, readJson, type Caller } from './api-access.ts';
import { isUnaudited } from './apps.ts';
import type { Call } from './call.ts';
import { isDoubtfulPlan, refusedPlan, type ChunkPlan } from './chunk-plan.ts';
import { blockMessages, postingBlock, privacyOptions } from './creator.ts';
import { privacyLevels, type PrivacyLevel, type Publish } from './publishes.ts';
import { ApiRefusal, success, type Reply } from './replies.ts';
import type { World } from './world.ts';

const flag = z.boolean().optional();
const wholeNumber = z.number().int();

const initShape = z.object({
  post_info: z.object({
    privacy_level: z.enum(privacyLevels).optional(),
    /** UTF-16 code units, which is what a JavaScript string counts. */
    title: z
      .string()
      .refine((title) => title.length <= 2200)
      .optional(),
    disable_duet: flag,
    disable_stitch: flag,
    disable_comment: flag,
    video_cover_timestamp_ms: z.int32().optional(),
    brand_content_toggle: flag,
    brand_organic_toggle: flag,
    is_aigc: flag,
  }),
  source_info: z.discriminatedUnion('source', [
    z.object({
      source: z.literal('FILE_UPLOAD'),
      video_size: wholeNumber,
      chunk_size: wholeNumber,
      total_chunk_count: wholeNumber,
    }),
    z.object({ source: z.literal('PULL_FROM_URL'), video_url: z.url() }),
  ]),
});

type PostInfo = z.infer<typeof initShape>['post_info'];

export const GUIDELINES =
  'Please review our integration guidelines at https://developers.tiktok.com/doc/content-sharing-guidelines/';

/** POST /v2/post/publish/video/init/ (content-posting-api-reference-direct-post). */
export function answerVideoInit(world: World, call: Call): Reply {
  const caller = admit(world, call, { anyScope: ['video.publish'], limit: 'video/init' });
  const body = readJson(world, call, initShape);
  const source = body.source_info;
  // No URL property can be verified here, so every address is an unverified one.
  if (source.source === 'PULL_FROM_URL') throw new ApiRefusal(403, 'url_ownership_unverified', GUIDELINES);
  const plan = { videoSize: source.video_size, chunkSize: source.chunk_size, chunkCount: source.total_chunk_count };
  const { chunk_plan: check, megabytes } = world.switches.values;
  const refused = check === 'any' ? undefined : refusedPlan(plan, megabytes);
  if (refused !== undefined) throw invalidParams(world, refused);
  const privacy = checkPrivacy(world, caller, body.post_info);
  const block = postingBlock(world, caller);
  if (block !== undefined) throw new ApiRefusal(403, block, blockMessages[block]);
  const publish = order(world, caller, { post: body.post_info, privacy, plan });
  call.noted.publish_id = publish.publishId;
  const uploadUrl = `${world.url()}/upload/video/?upload_id=${publish.uploadId}&upload_token=${publish.uploadToken}`;
  return success({ publish_id: publish.publishId, upload_url: uploadUrl }, call.logId);
}

/** The same for videos and photos. */
export function checkPrivacy(
  world: World,
  caller: Caller,
  post: Pick<PostInfo, 'privacy_level' | 'brand_content_toggle'>,
): PrivacyLevel {
  const privacy = post.privacy_level;
  if (privacy === undefined || !privacyOptions(caller).includes(privacy))
    throw new ApiRefusal(403, 'privacy_level_option_mismatch', GUIDELINES);
  if (post.brand_content_toggle && privacy === 'SELF_ONLY' && world.switches.values.branded_self_only === 'refused')
    throw invalidParams(world, 'Branded content visibility cannot be set to private');
  if (isUnaudited(caller.app) && !(caller.account.private && privacy === 'SELF_ONLY'))
    throw new ApiRefusal(403, 'unaudited_client_can_only_post_to_private_accounts', GUIDELINES);
  return privacy;
}

/** TikTok forces interactions off where the account does not allow them, whatever was asked. */
function order(
  world: World,
  { account, app }: Caller,
  { post, privacy, plan }: { post: PostInfo; privacy: PrivacyLevel; plan: ChunkPlan },
): Publish {
  const flags = {
    disable_comment: post.disable_comment === true || account.comment_disabled,
    disable_duet: post.disable_duet === true || account.duet_disabled || account.private,
    disable_stitch: post.disable_stitch === true || account.stitch_disabled || account.private,
    brand_content_toggle: post.brand_content_toggle === true,
    brand_organic_toggle: post.brand_organic_toggle === true,
    is_aigc: post.is_aigc === true,
  };
  const notes = [
    ...(isDoubtfulPlan(plan) ? ['Only one reading of "MB" accepts this chunk plan.'] : []),
    ...omittedFlags(post).map((name) => `${name} was not sent, so the interaction stays on.`),
    ...omittedToggles(post).map((name) => `${name} was not sent: TikTok's table requires it, its examples omit it.`),
  ];
  const publish = {
    clientKey: app.client_key,
    accountId: account.id,
    caption: post.title ?? '',
    privacy,
    flags,
    coverTimestampMs: post.video_cover_timestamp_ms,
    plan,
    notes,
  };
  return world.publishes.create(publish, {
    now: world.clock.now(),
    uploadSeconds: world.switches.values.upload_url_seconds,
  });
}

function omittedToggles(post: PostInfo): readonly string[] {
  return (['brand_content_toggle', 'brand_organic_toggle'] as const).filter((name) => post[name] === undefined);
}

function omittedFlags(post: PostInfo): readonly string[] {
  return (['disable_comment', 'disable_duet', 'disable_stitch'] as const).filter((name) => post[name] === undefined);
}
