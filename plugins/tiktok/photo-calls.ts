import { randomUUID } from 'node:crypto';
import type { CallWindow, MediaView, PluginHost, PublishingDelivery, PublishingTools } from '#plugin-api';
import { RemoteError } from '#plugin-api';
import { type PhotoPost, type TikTokClient, workerTimeoutMs } from './api/client.ts';
import type { ContentInit, Failure, Reply } from './api/replies.ts';
import { findProblems } from './draft-rules.ts';
import { photoAddressField, photoAddressState } from './photo-address.ts';
import { windowOf, withPlace } from './places.ts';
import { brandToggles } from './post-info.ts';
import type { ChosenOptions } from './post-options.ts';
import type { PhotosReady, Progress } from './progress.ts';
import type { ContentInitAnswer, NoRoom, PhotoLookAnswer, Rules } from './situation.ts';
import { auditOf } from './unaudited.ts';
import { fileState } from './video-file.ts';

interface Parts {
  readonly host: PluginHost;
  readonly client: TikTokClient;
  readonly rules: Rules;
}

export interface PhotoWork {
  readonly delivery: PublishingDelivery;
  readonly tools: PublishingTools;
  readonly options: ChosenOptions | undefined;
}

/** The calls that photos need, made for `next-photo-step.ts`, which decides. */
export class PhotoCalls {
  readonly #parts: Parts;
  /**
   * Of this process alone, as the one who may post: a ticket is given by a look, and used up by posting or by dying.
   * Whoever reads the point of no return without its ticket cannot know whether the photos were sent.
   */
  readonly #tickets = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  holdsTicket(progress: Progress | 'none' | 'unreadable'): boolean {
    return typeof progress !== 'string' && progress.stage === 'photos-ready' && this.#tickets.has(progress.ticket);
  }

  /** Takes the places of the call that posts as well: past the point of no return nothing may wait any more. */
  async look(work: PhotoWork, dayWindows: readonly CallWindow[]): Promise<PhotoLookAnswer | NoRoom> {
    const { host, client, rules } = this.#parts;
    const { delivery, tools } = work;
    const limits = { timeoutMs: workerTimeoutMs, signal: tools.signal };
    const address = await photoAddressState(host, delivery.channel.appKey);
    const { timings, errors } = rules;
    const reply = await withPlace({ client, errors }, tools.account, {
      name: 'creator_info/query',
      windows: [windowOf(timings, 'creator_info/query'), ...dayWindows, windowOf(timings, 'content/init')],
      call: (token) => client.creatorInfo(token, limits),
    });
    if (!('ok' in reply)) return reply;
    const isAudited = await auditOf(host.settings, delivery.channel.appKey);
    const problems = reply.ok ? findProblems({ ...delivery, isAudited }, reply.value, host.t) : [];
    const file = reply.ok && problems.length === 0 ? await worstState(delivery.media, tools.signal) : 'right';
    const ticket = randomUUID();
    // One that leads nowhere would never be used up.
    if (reply.ok && problems.length === 0 && file === 'right' && address === 'ready') this.#tickets.add(ticket);
    return { call: 'look-at-photos', reply, address, problems, file, ticket };
  }

  /** The one call that posts. Made once: it takes no second token, and no one stops it while its answer may still come. */
  async post(ready: PhotosReady, { delivery, tools, options }: PhotoWork): Promise<ContentInitAnswer> {
    const isFirst = this.#tickets.delete(ready.ticket);
    if (!isFirst || options === undefined) throw new Error('Photos are posted once, with the options a person chose.');
    const token = await tokenOf(tools);
    if (typeof token !== 'string') return { call: 'content-init', ready, reply: token };
    if (this.#isTooLate(ready, tools)) return { call: 'content-init', ready, reply: notSent };
    const post = this.#postOf(ready, { delivery, tools, options });
    const reply = await this.#parts.client.contentInit(token, post, { timeoutMs: workerTimeoutMs });
    await this.#heed(reply, delivery);
    return { call: 'content-init', ready, reply };
  }

  /** A token may take long to come: what was looked at is old by then, or this process has to go. */
  #isTooLate({ lookedAt }: PhotosReady, { signal }: PublishingTools): boolean {
    const { host, rules } = this.#parts;
    return signal.aborted || host.clock.now() - lookedAt >= rules.timings.lookIsFresh;
  }

  #postOf(ready: PhotosReady, { delivery, options }: PhotoWork & { readonly options: ChosenOptions }): PhotoPost {
    const { host, rules } = this.#parts;
    const until = ready.lookedAt + rules.timings.photoLinkLife;
    return {
      info: {
        title: options.title,
        description: delivery.caption,
        privacy_level: options.privacy,
        disable_comment: !options.allowComment,
        auto_add_music: options.autoMusic,
        ...brandToggles(options),
      },
      source: {
        photo_images: delivery.media.map((photo) => host.mediaLinks.make(photo, until)),
        photo_cover_index: delivery.cover ?? 0,
      },
    };
  }

  /** What an admin confirmed does not hold: nothing more is sent until somebody has looked. */
  async #heed(reply: Reply<ContentInit>, { channel }: PublishingDelivery): Promise<void> {
    if (reply.ok || reply.code !== 'url_ownership_unverified') return;
    const { host } = this.#parts;
    try {
      await host.settings.withdraw({ appKey: channel.appKey, fieldId: photoAddressField, code: reply.code });
    } catch (error) {
      // What TikTok answered is worth more than the check box: the next refusal takes it back.
      host.log.error({ err: error }, 'a confirmation that does not hold could not be withdrawn');
    }
  }
}

const notSent: Failure = { ok: false, place: 'own', call: 'content/init', code: 'not_sent', status: null };

/** Without a token nothing was sent. */
async function tokenOf({ account }: PublishingTools): Promise<string | Failure> {
  try {
    return await account.accessToken();
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return notSent;
  }
}

async function worstState(media: readonly MediaView[], signal: AbortSignal): Promise<'right' | 'missing' | 'changed'> {
  for (const photo of media) {
    const state = await fileState(photo, signal);
    if (state !== 'right') return state;
  }
  return 'right';
}
