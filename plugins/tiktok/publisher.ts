import { randomInt, randomUUID } from 'node:crypto';
import type {
  AccountAccess,
  Attempt,
  CallWindow,
  ChannelView,
  Draft,
  DraftProblem,
  FoundLink,
  MediaView,
  PluginHost,
  PostCap,
  Publisher,
  PublishingDelivery,
  PublishingTools,
  ReadLink,
  Step,
} from '#plugin-api';
import { planChunks } from './api/chunks.ts';
import { putTimeoutMs, workerTimeoutMs } from './api/client.ts';
import type { TikTokClient } from './api/client.ts';
import type { PublishStatus, Reply } from './api/replies.ts';
import { dayWindows } from './caps.ts';
import { askCreator, blocksPosting } from './creator.ts';
import { findProblems, isOfPhotos, withoutSubject } from './draft-rules.ts';
import type { ErrorBook } from './errors.ts';
import { nextCall, nextStep } from './next-step.ts';
import type { Answer, NextCall, Rules, Situation } from './next-step.ts';
import { videoPostInfo } from './post-info.ts';
import { hasPrivacy, readOptions } from './post-options.ts';
import type { ChosenOptions } from './post-options.ts';
import { photoAddressProblems, photoAddressState } from './photo-address.ts';
import { PhotoCalls } from './photo-calls.ts';
import { findInList } from './photo-list.ts';
import { windowOf, withPlace } from './places.ts';
import { readProgress } from './progress.ts';
import type { PhotosReady, Uploading } from './progress.ts';
import { readVideoLink } from './read-link.ts';
import type { ListedPhotos, NoRoom } from './situation.ts';
import { postUrl } from './step-parts.ts';
import type { Timings } from './timings.ts';
import { auditOf } from './unaudited.ts';
import { fileState, hasSize, readPiece } from './video-file.ts';

interface Work {
  readonly delivery: PublishingDelivery;
  readonly attempt: Attempt;
  readonly tools: PublishingTools;
  /** Absent only past the point of no return, where nothing is asked of them any more. */
  readonly options: ChosenOptions | undefined;
}

export interface PublisherParts {
  readonly host: PluginHost;
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
  readonly timings: Timings;
}

/**
 * Publishes a video by file upload, or photos by their addresses, one call at a time. What a call's answer means is
 * decided by `next-step.ts`, which is pure; here the calls are made.
 */
export class TikTokPublisher implements Publisher {
  readonly #host: PluginHost;
  readonly #client: TikTokClient;
  readonly #rules: Rules;
  /** Notes of another process are trusted only after TikTok was asked: it may have died between sending and noting. */
  readonly #writer = randomUUID();
  readonly #photos: PhotoCalls;

  constructor(parts: PublisherParts) {
    this.#host = parts.host;
    this.#client = parts.client;
    this.#rules = { errors: parts.errors, t: parts.host.t, timings: parts.timings };
    this.#photos = new PhotoCalls({ host: parts.host, client: parts.client, rules: this.#rules });
  }

  async check(draft: Draft, account: AccountAccess): Promise<readonly DraftProblem[]> {
    return (await this.checker(draft.channel, account))(draft);
  }

  async checker(
    { appKey }: Pick<ChannelView, 'appKey'>,
    account: AccountAccess,
  ): Promise<(draft: Draft) => readonly DraftProblem[]> {
    const { errors, timings } = this.#rules;
    const reply = await askCreator({ client: this.#client, errors, timings }, account);
    if (reply.ok) {
      const creator = reply.value;
      const isAudited = await auditOf(this.#host.settings, appKey);
      const closed = photoAddressProblems(await photoAddressState(this.#host, appKey), this.#host);
      return (draft) => [
        ...findProblems({ ...draft, isAudited }, creator, this.#host.t).map(withoutSubject),
        ...(isOfPhotos(draft.media) ? closed : []).map((problem) => ({ field: 'media', ...problem })),
      ];
    }
    if (!blocksPosting(reply.code)) throw this.#rules.errors.remoteError(reply);
    const { sentence, nextStep: next, code } = this.#rules.errors.explain(reply);
    return () => [{ field: 'channel', message: `${sentence} ${next}`, code }];
  }

  async advance(delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools): Promise<Step> {
    const read = readOptions(delivery.options);
    const options = read !== undefined && hasPrivacy(read) ? read : undefined;
    const situation = this.#situation({ delivery, attempt, tools, options });
    const work = { delivery, attempt, tools, options };
    const first = await this.#goOn(situation, work);
    const resumed = first.asked === 'status' ? resumedUpload(first.step) : undefined;
    if (resumed === undefined) return first.step;
    // Where TikTok says the upload stands is worth only what is sent right after it, by the process that asked.
    const { step } = await this.#goOn({ ...situation, progress: resumed }, work);
    return { ...step, timeline: [...(first.step.timeline ?? []), ...(step.timeline ?? [])] };
  }

  /** TikTok gives a public post's id minutes to hours after it was published. @throws RemoteError */
  async findLink(delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools): Promise<FoundLink> {
    const { reference } = attempt;
    if (reference === null) return { found: false };
    const reply = await this.#status(reference, tools);
    if (!('ok' in reply)) return { found: false };
    if (!reply.ok) {
      const { code } = this.#rules.errors.meaning(reply);
      if (code === 'invalid_publish_id') return { found: false };
      throw this.#rules.errors.remoteError(reply);
    }
    const [first] = reply.value.postIds;
    if (first === undefined) return { found: false };
    const progress = readProgress(attempt.progress);
    const noted = typeof progress === 'string' ? '' : progress.username;
    const username = noted === '' ? delivery.channel.username : noted;
    const of = isOfPhotos(delivery.media) ? 'photo' : 'video';
    return {
      found: true,
      remoteIds: reply.value.postIds,
      url: username === null ? null : postUrl(username, first, of),
    };
  }

  readLink(typed: string, channel: ChannelView): ReadLink {
    return readVideoLink(this.#host.t, typed, channel);
  }

  async #goOn(before: Situation, work: Work): Promise<{ readonly step: Step; readonly asked?: NextCall['call'] }> {
    const situation = { ...before, now: this.#host.clock.now() };
    const next = nextCall(this.#rules, situation);
    if ('kind' in next) return { step: next };
    const answer = await this.#make(next, work);
    return { step: nextStep(this.#rules, { ...situation, now: this.#host.clock.now() }, answer), asked: next.call };
  }

  #situation({ delivery, attempt, tools, options }: Work): Situation {
    const noted = readProgress(attempt.progress);
    const needsReference = typeof noted !== 'string' && noted.stage !== 'ready' && noted.stage !== 'photos-ready';
    const progress = needsReference && attempt.reference === null ? 'unreadable' : noted;
    return {
      progress,
      reference: attempt.reference,
      pointOfNoReturnAt: attempt.pointOfNoReturnAt,
      ...(attempt.askedAgainAt === undefined ? {} : { askedAgainAt: attempt.askedAgainAt }),
      attemptStartedAt: attempt.startedAt,
      earlier: attempt.earlier,
      privacy: options?.privacy ?? null,
      scopes: tools.account.scopes,
      now: this.#host.clock.now(),
      jitter: randomInt(0, 1000) / 1000,
      writer: this.#writer,
      ...(isOfPhotos(delivery.media) ? { photos: { holdsTicket: this.#photos.holdsTicket(noted) } } : {}),
    };
  }

  async #make(next: NextCall, work: Work): Promise<Answer> {
    switch (next.call) {
      case 'look':
        return this.#look(work);
      case 'init':
        return this.#init(next, work);
      case 'put':
        return this.#put(next, work);
      case 'status': {
        const reply = await this.#status(work.attempt.reference ?? '', work.tools);
        return 'ok' in reply ? { ...next, reply } : reply;
      }
      case 'look-at-photos':
        return this.#photos.look(work, await this.#dayWindows(work.delivery, work.tools.account));
      case 'content-init':
        return this.#photos.post(next.ready, work);
      case 'photo-status': {
        const reply = await this.#status(work.attempt.reference ?? '', work.tools);
        return 'ok' in reply ? { ...next, reply } : reply;
      }
      case 'photo-list':
        return { ...next, reply: await this.#listed(next.ready, work) };
    }
  }

  #listed(ready: PhotosReady, { delivery, attempt, tools }: Work): Promise<Reply<ListedPhotos>> {
    const sentAt = attempt.pointOfNoReturnAt ?? ready.lookedAt;
    const parts = { host: this.#host, client: this.#client, errors: this.#rules.errors };
    return findInList(parts, { delivery, sentAt, account: tools.account, signal: tools.signal });
  }

  async #look({ delivery, tools }: Work): Promise<Answer> {
    const limits = { timeoutMs: workerTimeoutMs, signal: tools.signal };
    const reply = await withPlace(this.#callers, tools.account, {
      name: 'creator_info/query',
      windows: [windowOf(this.#rules.timings, 'creator_info/query')],
      call: (token) => this.#client.creatorInfo(token, limits),
    });
    if (!('ok' in reply)) return reply;
    const isAudited = await auditOf(this.#host.settings, delivery.channel.appKey);
    const problems = reply.ok ? findProblems({ ...delivery, isAudited }, reply.value, this.#host.t) : [];
    const file = video(delivery);
    const state = reply.ok && problems.length === 0 ? await fileState(file, tools.signal) : 'right';
    return { call: 'look', reply, problems, file: state, plan: planChunks(file.bytes), sha256: file.sha256 };
  }

  async #init(next: Extract<NextCall, { call: 'init' }>, { delivery, tools, options }: Work): Promise<Answer> {
    if (options === undefined) throw new Error('An upload is opened with the options that a person chose.');
    const { plan } = next.ready;
    const post = {
      info: videoPostInfo(delivery, options),
      source: { video_size: plan.size, chunk_size: plan.chunkSize, total_chunk_count: plan.count },
    };
    let askedAt = this.#host.clock.now();
    const limits = { timeoutMs: workerTimeoutMs, signal: tools.signal };
    const reply = await withPlace(this.#callers, tools.account, {
      name: 'video/init',
      windows: [...(await this.#dayWindows(delivery, tools.account)), windowOf(this.#rules.timings, 'video/init')],
      call: (token) => {
        askedAt = this.#host.clock.now();
        return this.#client.videoInit(token, post, limits);
      },
    });
    if (!('ok' in reply)) return reply;
    const hostIsTrusted = reply.ok && this.#client.hosts.allowsUpload(reply.value.uploadUrl);
    return { ...next, askedAt, reply, hostIsTrusted };
  }

  async caps(appKey: string): Promise<readonly PostCap[]> {
    const set = await this.#host.settings.findByAppKey(appKey);
    const windows = dayWindows(set, { deliveryId: 0, accountId: '' });
    return windows.map(({ per, limit, withinMs }) => ({ per, limit, withinMs }));
  }

  /** Those of the app that the profile is connected with. */
  async #dayWindows(delivery: PublishingDelivery, account: AccountAccess): Promise<readonly CallWindow[]> {
    const set = await this.#host.settings.findByAppKey(delivery.channel.appKey);
    return dayWindows(set, { deliveryId: delivery.id, accountId: account.accountId });
  }

  async #put(next: Extract<NextCall, { call: 'put' }>, { delivery, tools }: Work): Promise<Answer> {
    const { upload, chunk } = next;
    const file = video(delivery);
    if (!(await hasSize(file))) {
      const reply = { ok: false, place: 'own', call: 'PUT', code: 'media_changed', status: null } as const;
      return { ...next, reply, tookMs: 0 };
    }
    const body = readPiece(file.path, chunk);
    const begunAt = this.#host.clock.now();
    const reply = await this.#client.putChunk(
      { uploadUrl: upload.uploadUrl, type: file.type, chunk, size: upload.plan.size, body },
      { timeoutMs: putTimeoutMs(chunk.bytes), signal: tools.signal },
    );
    return { ...next, reply, tookMs: this.#host.clock.now() - begunAt };
  }

  async #status(reference: string, { account, signal }: PublishingTools): Promise<Reply<PublishStatus> | NoRoom> {
    const limits = { timeoutMs: workerTimeoutMs, signal };
    return withPlace(this.#callers, account, {
      name: 'status/fetch',
      windows: [windowOf(this.#rules.timings, 'status/fetch')],
      call: (token) => this.#client.status(token, reference, limits),
    });
  }

  get #callers() {
    return { client: this.#client, errors: this.#rules.errors };
  }
}

function video(draft: Draft): MediaView {
  const [only] = draft.media;
  if (only === undefined) throw new Error('A delivery to TikTok has one video.');
  return only;
}

function resumedUpload(step: Step): Uploading | undefined {
  const progress = step.kind === 'continue' ? readProgress(step.progress) : 'none';
  if (typeof progress === 'string' || progress.stage !== 'uploading') return undefined;
  return progress.uncertain ? undefined : progress;
}
