import { setTimeout as pause } from 'node:timers/promises';
import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import type { Attempt, PluginHttp, PublishingDelivery, PublishingTools, Step } from '#plugin-api';
import type { Database } from '../../../core/db/database.ts';
import { createPublishHandler } from '../../../core/deliveries/publish-delivery.ts';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import { createPluginHttp } from '../../../core/plugin-host/http.ts';
import type { Claim } from '../../../core/queue/claim-store.ts';
import { claimedJob, runJob } from '../../../core/queue/job-runner.ts';
import { TikTokClient } from '../../../plugins/tiktok/api/client.ts';
import { TikTokPublisher } from '../../../plugins/tiktok/publisher.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import { account, credentialSet, errors, pluginHost, unfetchedLinks } from '../../plugins/tiktok/support.ts';
import { liveApp } from '../../plugins/tiktok/login.ts';
import type { CrashPoint } from './crash-points.ts';
import type { Scene, Standing } from './scene.ts';

type Advance = (delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools) => Promise<Step>;

/** What stands between the engine and its surroundings; each part is left alone unless named. */
export interface Around {
  readonly advance?: (plain: Advance) => Advance;
  readonly request?: (
    config: AxiosRequestConfig,
    send: (config: AxiosRequestConfig) => Promise<unknown>,
  ) => Promise<unknown>;
  /** Called right after each point; the process goes on when it has come to its end. */
  readonly passes?: (point: CrashPoint) => Promise<void>;
}

/**
 * A worker of its own around the product's handler and publisher: its database and its HTTP client are wrapped, and at
 * one point of its way it ends there and then, as a process does that is killed: what it was waiting for never comes.
 */
export class DoomedProcess {
  readonly #stage: Scene;
  readonly #diesAt: CrashPoint | undefined;
  readonly #around: Around;
  readonly #publisher: TikTokPublisher;
  #isDead = false;
  #die: () => void = () => undefined;
  readonly died = new Promise<'dead'>((resolve) => {
    this.#die = () => resolve('dead');
  });

  constructor(stage: Scene, diesAt?: CrashPoint, around: Around = {}) {
    this.#stage = stage;
    this.#diesAt = diesAt;
    this.#around = around;
    const { url } = stage.simulator;
    const set = credentialSet({ ...liveApp(), isAddressVerified: true });
    const host = pluginHost({ url, clock: stage.world.clock, set, mediaLinks: unfetchedLinks });
    const client = new TikTokClient(this.#http(createPluginHttp({ mayCallLoopback: true })), url);
    this.#publisher = new TikTokPublisher({ host, client, errors, timings: standardTimings });
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Runs a claim until it waits, ends or the process dies. */
  async run(claim: Claim): Promise<void> {
    const around = { worker: 'doomed', signal: new AbortController().signal, isStopping: () => false };
    await Promise.race([this.#runClaimed(claimedJob(claim, around)), this.died]);
  }

  async #runClaimed(job: ReturnType<typeof claimedJob>): Promise<void> {
    const { world } = this.#stage;
    await this.#pass('claim commit');
    const plain: Advance = async (delivery, attempt, { signal }) => {
      const tools = { account: account(this.#stage.token), signal };
      const channel = { ...delivery.channel, appKey: liveApp().appKey };
      const own = { ...delivery, channel, media: [this.#stage.file] };
      const step = await this.#publisher.advance(own, attempt, tools);
      return this.#stage.inSmallPieces(step);
    };
    world.network.advance = this.#around.advance?.(plain) ?? plain;
    const deps = { ...world, db: this.#database(), log: world.log.log, random: () => 0.5 };
    const handler = createPublishHandler({ ...deps, mediaFolder: '/' });
    await runJob({ ...deps, handlers: new Map([[publishJobKind, handler]]) }, job);
    if (await this.#stage.isFinished()) await this.#pass('lease returned');
  }

  /** Goes on, or never. */
  async #pass(...points: readonly (CrashPoint | undefined)[]): Promise<void> {
    for (const point of points) if (point !== undefined) await this.#around.passes?.(point);
    if (this.#diesAt === undefined || !points.includes(this.#diesAt)) return;
    this.#isDead = true;
    this.#die();
    await new Promise(() => undefined);
  }

  #database(): Database {
    const { db } = this.#stage.world;
    const begun = async (answer: unknown): Promise<unknown> => {
      await this.#pass('attempt begun');
      return answer;
    };
    const knex = new Proxy(db.knex, {
      get: (target, name): unknown => {
        if (name !== 'raw') return Reflect.get(target, name);
        return (sql: string, values: readonly string[] = []): unknown => {
          const statement = target.raw(sql, values);
          return sql.startsWith('insert into attempts') ? statement.then(begun) : statement;
        };
      },
    });
    return {
      ...{ kind: db.kind, knex, close: () => db.close() },
      transaction: async (work) => {
        const before = await this.#stage.standing();
        const result = await db.transaction(work);
        await this.#pass(...pointsBetween(before, await this.#stage.standing()));
        return result;
      },
    };
  }

  #http(plain: PluginHttp): PluginHttp {
    const doomed = (client: AxiosInstance): AxiosInstance => {
      const send = (config: AxiosRequestConfig): Promise<unknown> => client.request(config);
      const request = (config: AxiosRequestConfig): Promise<unknown> => this.#request(config, send);
      return new Proxy(client, {
        get: (target, name): unknown => (name === 'request' ? request : Reflect.get(target, name)),
      });
    };
    return {
      heldUntil: (url) => plain.heldUntil(url),
      create: (defaults) => doomed(plain.create(defaults)),
      createReading: (defaults) => doomed(plain.createReading(defaults)),
    };
  }

  async #request(config: AxiosRequestConfig, send: (config: AxiosRequestConfig) => Promise<unknown>): Promise<unknown> {
    const call = callOf(config);
    const { control } = this.#stage.simulator;
    const known = control.requests().length;
    const answer = this.#around.request?.(config, send) ?? send(config);
    answer.catch(() => undefined);
    if (call.sent !== undefined && call.sent === this.#diesAt) {
      const over = new AbortController();
      const end = (): void => over.abort();
      answer.then(end, end);
      while (!over.signal.aborted && control.requests().length === known) await pause(1);
      await this.#pass(call.sent);
    }
    const heard = await Promise.race([answer, this.#silence(known, answer)]);
    await this.#pass(call.answered);
    return heard;
  }

  /** A request that TikTok took and never answers has run into its time-out. */
  async #silence(known: number, answer: Promise<unknown>): Promise<never> {
    const over = new AbortController();
    const end = (): void => over.abort();
    answer.then(end, end);
    const { control } = this.#stage.simulator;
    while (!over.signal.aborted) {
      const heard = control.requests().slice(known);
      if (heard.some(({ code }) => code === 'silence')) throw new Error('No answer in time.');
      await pause(1);
    }
    return new Promise<never>(() => undefined);
  }
}

interface Call {
  readonly sent?: CrashPoint;
  readonly answered?: CrashPoint;
}

function callOf({ url = '', method, headers = {} }: AxiosRequestConfig): Call {
  if (url.includes('/video/init/') || url.includes('/content/init/'))
    return { sent: 'init sent', answered: 'init answer received' };
  if (url.includes('/status/fetch/')) return { answered: 'status answer' };
  if (method !== 'PUT') return {};
  const range: unknown = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-range')?.[1];
  const [, last, total] = /-(\d+)\/(\d+)$/.exec(String(range)) ?? [];
  return Number(last) === Number(total) - 1
    ? { sent: 'last chunk sent', answered: 'last answer' }
    : { sent: 'chunk sent', answered: 'chunk answer' };
}

/** Which commit it was that led from one to the other. */
function pointsBetween(before: Standing, after: Standing): readonly CrashPoint[] {
  const isEnd = before.state !== after.state && ['published', 'failed', 'needs-attention'].includes(after.state);
  return [
    ...(before.stage !== 'ready' && after.stage === 'ready' ? ['look-before commit' as const] : []),
    ...(before.reference !== after.reference && after.reference !== null ? ['reference commit' as const] : []),
    ...(!before.isCommitted && after.isCommitted ? ['PNR commit' as const] : []),
    ...(before.stage !== 'processing' && after.stage === 'processing' ? ['processing commit' as const] : []),
    // What is told of an end is written in the same transaction.
    ...(isEnd ? (['terminal commit', 'notification queued'] as const) : []),
  ];
}
