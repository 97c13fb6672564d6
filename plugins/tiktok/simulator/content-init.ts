import { z } from 'zod';
import { admit, readJson, type Caller } from './api-access.ts';
import type { Call } from './call.ts';
import { blockMessages, postingBlock } from './creator.ts';
import { fetchPhotos } from './photo-fetch.ts';
import { privacyLevels, type PrivacyLevel, type Publish } from './publishes.ts';
import { ApiRefusal, success, type Reply } from './replies.ts';
import { isVerified } from './url-properties.ts';
import { checkPrivacy, GUIDELINES } from './video-init.ts';
import type { World } from './world.ts';

const flag = z.boolean().optional();
/** UTF-16 code units, which is what a JavaScript string counts. */
const text = (most: number) =>
  z
    .string()
    .refine((typed) => typed.length <= most)
    .optional();

const initShape = z
  .object({
    media_type: z.literal('PHOTO'),
    post_mode: z.literal('DIRECT_POST'),
    post_info: z.object({
      privacy_level: z.enum(privacyLevels).optional(),
      title: text(90),
      description: text(4000),
      disable_comment: flag,
      auto_add_music: flag,
      brand_content_toggle: flag,
      brand_organic_toggle: flag,
      is_aigc: flag,
    }),
    source_info: z.object({
      source: z.literal('PULL_FROM_URL'),
      photo_images: z.array(z.url()).min(1).max(35),
      photo_cover_index: z.number().int().min(0),
    }),
  })
  .refine(({ source_info: { photo_images: photos, photo_cover_index: cover } }) => cover < photos.length, {
    path: ['source_info'],
  });

type Order = z.infer<typeof initShape>;

/** POST /v2/post/publish/content/init/ (content-posting-api-reference-photo-post): this call posts. Drafts are not played. */
export function answerContentInit(world: World, call: Call): Reply {
  const caller = admit(world, call, { anyScope: ['video.publish'], limit: 'content/init' });
  const body = readJson(world, call, initShape);
  if (!body.source_info.photo_images.every((address) => isVerified(caller.app, address)))
    throw new ApiRefusal(403, 'url_ownership_unverified', GUIDELINES);
  const privacy = checkPrivacy(world, caller, body.post_info);
  const block = postingBlock(world, caller);
  if (block !== undefined) throw new ApiRefusal(403, block, blockMessages[block]);
  const publish = order(world, caller, { body, privacy });
  call.noted.publish_id = publish.publishId;
  void fetchPhotos(world, publish);
  return success({ publish_id: publish.publishId }, call.logId);
}

function order(
  world: World,
  { account, app }: Caller,
  { body, privacy }: { readonly body: Order; readonly privacy: PrivacyLevel },
): Publish {
  const { post_info: post, source_info: source } = body;
  const now = world.clock.now();
  const publish = world.publishes.create(
    {
      clientKey: app.client_key,
      accountId: account.id,
      caption: post.description ?? '',
      privacy,
      flags: {
        disable_comment: post.disable_comment === true || account.comment_disabled,
        disable_duet: false,
        disable_stitch: false,
        brand_content_toggle: post.brand_content_toggle === true,
        brand_organic_toggle: post.brand_organic_toggle === true,
        is_aigc: post.is_aigc === true,
      },
      coverTimestampMs: undefined,
      plan: { videoSize: 0, chunkSize: 0, chunkCount: 0 },
      notes: notesAbout(post),
      photos: {
        title: post.title ?? '',
        addresses: source.photo_images,
        coverIndex: source.photo_cover_index,
        autoAddMusic: post.auto_add_music === true,
      },
    },
    { now, uploadSeconds: 0 },
  );
  // Nothing more is needed of the client: from here on it is a post, unless TikTok fails it.
  publish.arrivedAt = now;
  publish.sha256 = '';
  return publish;
}

function notesAbout(post: Order['post_info']): readonly string[] {
  return [
    ...(post.disable_comment === undefined ? ['disable_comment was not sent, so comments stay on.'] : []),
    ...(post.is_aigc === undefined ? [] : ['is_aigc is not documented for photos.']),
  ];
}
