import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { RemoteError } from '#plugin-api';
import type { Attempt, CallWindow, Json, LinklessPosts, MediaView, PluginHost, PublishingDelivery } from '#plugin-api';
import type { PublishingTools, Step, WindowAnswer } from '#plugin-api';
import { TikTokClient } from '../../../plugins/tiktok/api/client.ts';
import { TikTokPublisher } from '../../../plugins/tiktok/publisher.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import { startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { connectAccount, liveApp } from './login.ts';
import { account, channel, credentialSet, draft, errors, pluginHost, publicOptions, video } from './support.ts';

const start = Date.UTC(2026, 10, 20, 9);

/** Pictures, and the addresses under which the simulator fetches them. */
export interface PhotosOfStage {
  readonly media: readonly MediaView[];
  readonly links: PluginHost['mediaLinks'];
}

interface Ledger {
  attempt: Attempt;
  steps: Step[];
}

/** A world with one profile, one file and a ledger that keeps what a step says, as the host's engine does. */
export class PublishingStage {
  readonly simulator: Simulator;
  readonly token: string;
  readonly folder: string;
  file: MediaView;
  options: Json = publicOptions;
  caption = 'Cardamom buns #fika';
  cover: number | null = null;
  /** Of the app that the profile is connected with. */
  mode = 'live';
  /** Posted instead of the file. */
  readonly photos: PhotosOfStage | undefined;
  isAddressVerified = true;
  /** What an admin has noted of the app; known to a process that begins after it. */
  isAudited: boolean | undefined;
  /** Codes by which confirmations were taken back. */
  readonly withdrawn: string[] = [];
  /** By a window's name: when it has room again. */
  readonly fullUntil = new Map<string, number>();
  readonly taken: CallWindow[] = [];
  /** What else of ours a public post may be. */
  rivals: LinklessPosts = { posts: [], linkedIds: new Set() };
  readonly ledger: Ledger = { attempt: newAttempt(1, start, []), steps: [] };
  readonly #http;
  #publisher: TikTokPublisher;

  constructor(parts: { simulator: Simulator; token: string; folder: string; file: MediaView; photos?: PhotosOfStage }) {
    this.simulator = parts.simulator;
    this.token = parts.token;
    this.folder = parts.folder;
    this.file = parts.file;
    this.photos = parts.photos;
    this.#http = pluginHost({ url: parts.simulator.url }).http;
    this.#publisher = this.publisher();
  }

  now(): number {
    return this.simulator.control.now();
  }

  publisher(): TikTokPublisher {
    const { url } = this.simulator;
    const clock = { now: () => this.now() };
    const host = pluginHost({
      ...{ url, clock },
      set: { ...credentialSet(liveApp()), isConfirmed: () => this.isAddressVerified, isAudited: this.isAudited },
      ...(this.photos === undefined ? {} : { mediaLinks: this.photos.links }),
      rivals: () => Promise.resolve(this.rivals),
      withdraw: ({ code }) => Promise.resolve(void this.withdrawn.push(code)),
    });
    return new TikTokPublisher({ host, client: new TikTokClient(this.#http, url), errors, timings: standardTimings });
  }

  /** Another process takes over: nothing kept in memory is left. */
  restart(): void {
    this.#publisher = this.publisher();
  }

  delivery(): PublishingDelivery {
    const { options, caption, cover, mode } = this;
    const own = { ...channel, mode, appKey: liveApp().appKey };
    const media = this.photos?.media ?? [this.file];
    return { ...draft({ channel: own, media, options, caption, cover }), id: 1, dueAt: start };
  }

  tools(signal = new AbortController().signal): PublishingTools {
    return { account: { ...account(this.token), take: (window) => this.#take(window) }, signal };
  }

  /** As the host's windows answer: until a moment set by the test there is no room. */
  #take(window: CallWindow): Promise<WindowAnswer> {
    const at = this.fullUntil.get(window.name) ?? 0;
    if (at > this.now()) return Promise.resolve({ taken: false, at });
    this.taken.push(window);
    return Promise.resolve({ taken: true });
  }

  /** One call, whose step is not stored: what a process does that dies right after it. */
  call(): Promise<Step> {
    return this.#publisher.advance(this.delivery(), this.ledger.attempt, this.tools());
  }

  /** One call, stored as the engine stores it; time goes on to when the next one is due. */
  async step(): Promise<Step> {
    const step = await this.call().catch((error: unknown) => this.#waitAfter(error));
    this.ledger.steps.push(step);
    this.#store(step);
    if ('at' in step && step.at > this.now()) this.simulator.control.advanceClock(step.at - this.now());
    return step;
  }

  /** Steps until the delivery has come to an end. */
  async finish(most = 120): Promise<Step> {
    for (let count = 0; count < most; count += 1) {
      const step = await this.step();
      if (!['continue', 'start-over', 'wait'].includes(step.kind)) return step;
    }
    throw new Error(`No end after ${most} steps.`);
  }

  /** What the simulator got, to compare with the file. */
  posted(): readonly { sha256: string; bytes: number }[] {
    return this.simulator.control.posts();
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #waitAfter(error: unknown): Step {
    if (!(error instanceof RemoteError)) throw error;
    const at = Math.max(error.retryAt ?? 0, this.now() + 2_000);
    return { kind: 'wait', at, because: error.explanation };
  }

  #store(step: Step): void {
    const { attempt } = this.ledger;
    if (step.kind === 'start-over') {
      const { startedAt } = attempt;
      const earlier = [...attempt.earlier, { startedAt, outcome: 'superseded', reason: step.reason }];
      this.ledger.attempt = newAttempt(attempt.n + 1, Math.max(step.at, this.now()), earlier);
    }
    if (step.kind !== 'continue') return;
    this.ledger.attempt = {
      ...attempt,
      progress: z.json().parse(JSON.parse(JSON.stringify(step.progress))),
      reference: step.reference ?? attempt.reference,
      pointOfNoReturnAt: attempt.pointOfNoReturnAt ?? (step.pointOfNoReturn === true ? this.now() : null),
    };
  }
}

function newAttempt(n: number, startedAt: number, earlier: Attempt['earlier']): Attempt {
  return { n, startedAt, reference: null, progress: null, pointOfNoReturnAt: null, earlier };
}

export async function openStage(bytes: number): Promise<PublishingStage> {
  const simulator = await startSimulator({ now: () => start });
  simulator.control.setSwitches({ media_check: 'none', webhooks: 'off' });
  const { tokens } = await connectAccount(simulator.url);
  const folder = await mkdtemp(path.join(tmpdir(), 'publishing-'));
  return new PublishingStage({ simulator, token: tokens.accessToken, folder, file: await newFile(folder, bytes) });
}

async function newFile(folder: string, bytes: number): Promise<MediaView> {
  const content = randomBytes(bytes);
  const file = path.join(folder, 'buns.mp4');
  await writeFile(file, content);
  return video({ path: file, bytes, sha256: createHash('sha256').update(content).digest('hex') });
}
