import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { MediaView, Step } from '#plugin-api';
import type { Database } from '../../../core/db/database.ts';
import { openProgress } from '../../../core/deliveries/ledger-store.ts';
import { type Claim, claimDueJobs, rescueExpiredJobs } from '../../../core/queue/claim-store.ts';
import { lookAround } from '../../../core/queue/worker-store.ts';
import { readProgress } from '../../../plugins/tiktok/progress.ts';
import { type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { addPost, createEngineWorld, type EngineWorld, jobOf, schedule } from '../../support/engine-world.ts';
import { sha256Of } from '../../support/sha256.ts';
import { connectAccount } from '../../plugins/tiktok/login.ts';
import { asPhoto, publicOptions, video } from '../../plugins/tiktok/support.ts';
import { type CrashPoint, type Fate, fates, sentPoints } from './crash-points.ts';
import { DoomedProcess } from './doomed-process.ts';
import type { Scene, Standing } from './scene.ts';

/** Of a video, or its photos instead. */
type Pieces = 1 | 3 | 'photos';

export interface Trial {
  readonly point: CrashPoint;
  readonly fate: Fate;
  readonly pieces: Pieces;
}

/** What a trial came to, by TikTok's ledger and by ours. */
export interface Outcome {
  readonly hasCrashed: boolean;
  readonly state: string;
  readonly code: string | null;
  readonly posts: number;
  readonly isWhole: boolean;
  readonly claims: number;
}

const mostClaims = 60;

/** The product's engine and publisher on a clock that is moved, and a TikTok that judges them. */
export class MatrixStage implements Scene {
  readonly world: EngineWorld;
  readonly simulator: Simulator;
  readonly token: string;
  file: MediaView;
  readonly #files: Readonly<Record<Pieces, MediaView>>;
  readonly #folder: string;
  #deliveryId = 0;
  #trials = 0;

  private constructor(parts: {
    readonly world: EngineWorld;
    readonly simulator: Simulator;
    readonly token: string;
    readonly folder: string;
    readonly files: Readonly<Record<Pieces, MediaView>>;
  }) {
    this.world = parts.world;
    this.simulator = parts.simulator;
    this.token = parts.token;
    this.#folder = parts.folder;
    this.#files = parts.files;
    this.file = parts.files[1];
  }

  static async open(db: Database): Promise<MatrixStage> {
    const world = await createEngineWorld(db);
    const simulator = await startSimulator({ now: () => world.clock.now() });
    const { control } = simulator;
    control.setSwitches({ media_check: 'none', webhooks: 'off', rate_limits: 'off', processing_seconds: 0 });
    control.setSwitches({ chunk_plan: 'any', photo_fetch: 'none', access_token_seconds: 10 * 365 * 86_400 });
    control.putAccount({ username: 'hazelandrye', daily_post_cap: 100_000 });
    const { tokens } = await connectAccount(simulator.url);
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-chaos-'));
    const small = await sparse(folder, 1_000);
    const files = { 1: small, 3: await sparse(folder, 3_001), photos: asPhoto(small) };
    return new MatrixStage({ world, simulator, token: tokens.accessToken, folder, files });
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** One delivery whose worker dies at the given point; the fate strikes what was on its way and what the next one asks first. */
  async run({ point, fate, pieces }: Trial): Promise<Outcome> {
    await this.begin(pieces);
    const sent = sentPoints[point];
    const ofPhotos = pieces === 'photos' ? ({ endpoint: 'content/init' } as const) : {};
    this.#strike(sent === undefined ? [] : [{ ...sent, ...ofPhotos, ...fates[fate] }]);
    const first = new DoomedProcess(this, point);
    const claims = await this.#drive(first, () => this.#strike([{ endpoint: '*', ...fates[fate] }]));
    this.#strike([]);
    return { ...(await this.outcome()), hasCrashed: first.isDead, claims };
  }

  /** A new delivery of a file of so many pieces, due now. */
  async begin(pieces: Pieces): Promise<void> {
    this.#trials += 1;
    this.file = this.#files[pieces];
    const postId = await addPost(this.world, this.#caption);
    const delivery = await schedule(this.world, { postId, options: { ...publicOptions, privacy: 'SELF_ONLY' } });
    this.#deliveryId = delivery.id;
  }

  async outcome(): Promise<Omit<Outcome, 'hasCrashed' | 'claims'>> {
    const { state, outcomeCode } = await this.world.desk.find(this.world.teamId, this.#deliveryId);
    const posts = this.simulator.control.posts().filter(({ caption }) => caption === this.#caption);
    const isWhole = posts.every(({ sha256 }) => sha256 === this.file.sha256);
    return { state, code: outcomeCode, posts: posts.length, isWhole };
  }

  get #caption(): string {
    return `trial ${this.#trials}`;
  }

  /** Real pieces have ten megabytes: here the plan that the publisher has made is cut down to a thousand bytes each. */
  inSmallPieces(step: Step): Step {
    if (step.kind !== 'continue') return step;
    const progress = readProgress(step.progress);
    if (typeof progress === 'string' || progress.stage !== 'ready' || this.file.bytes < 3_000) return step;
    return { ...step, progress: { ...progress, plan: { size: this.file.bytes, chunkSize: 1_000, count: 3 } } };
  }

  async isFinished(): Promise<boolean> {
    return (await this.#job()).state === 'finished';
  }

  async standing(): Promise<Standing> {
    const { db, vault } = this.world;
    const rows: unknown = await db
      .knex('deliveries as d')
      .leftJoin('attempts as a', (join) => join.on('a.delivery_id', 'd.id').onIn('a.outcome', ['open', 'published']))
      .where('d.id', this.#deliveryId)
      .select('d.state', 'a.n', 'a.reference', 'a.progress', 'a.point_of_no_return_at');
    const [row] = z.array(standingRow).parse(rows);
    const stored = openProgress(vault, row?.progress ?? null, { deliveryId: this.#deliveryId, n: row?.n ?? 0 });
    const progress = readProgress(stored);
    return {
      state: row?.state ?? '',
      stage: typeof progress === 'string' ? progress : progress.stage,
      reference: row?.reference ?? null,
      isCommitted: (row?.point_of_no_return_at ?? null) !== null,
    };
  }

  /** Until nothing is left to do; when the first process has died, others take over once its lease has ended. */
  async #drive(first: DoomedProcess, taken: () => void): Promise<number> {
    let process = first;
    for (let claims = 0; claims < mostClaims;) {
      if (await this.isFinished()) return claims;
      for (const claim of await this.claimNext()) {
        claims += 1;
        await process.run(claim);
      }
      if (!process.isDead) continue;
      taken();
      process = new DoomedProcess(this);
    }
    return mostClaims;
  }

  /** The delivery's job, once it is due or the lease on it has ended. */
  async claimNext(): Promise<readonly Claim[]> {
    const { db, clock, timings } = this.world;
    const job = await this.#job();
    const at = job.state === 'running' ? (job.lease_until ?? 0) + 1 : job.run_at;
    if (at > clock.now()) clock.set(at);
    const now = clock.now();
    await rescueExpiredJobs(db.knex, (await lookAround(db.knex, now)).expired, now);
    return claimDueJobs(db, { owner: 'doomed', limit: 10, now, leaseUntil: now + timings.leaseMs });
  }

  #strike(failures: Parameters<Simulator['control']['setSwitches']>[0]['failures']): void {
    this.simulator.control.setSwitches({ clear_failures: true, failures });
  }

  async #job(): Promise<z.output<typeof jobRow>> {
    return jobRow.parse(await jobOf(this.world, { id: this.#deliveryId }));
  }
}

const jobRow = z.object({ state: z.string(), run_at: z.number(), lease_until: z.number().nullable() });

const standingRow = z.object({
  state: z.string(),
  n: z.number().nullable(),
  reference: z.string().nullable(),
  progress: z.string().nullable(),
  point_of_no_return_at: z.number().nullable(),
});

/** A file that takes no room on the disk. */
async function sparse(folder: string, bytes: number): Promise<MediaView> {
  const file = path.join(folder, `${bytes}.mp4`);
  const handle = await open(file, 'w');
  await handle.truncate(bytes);
  await handle.close();
  return video({ path: file, bytes, sha256: await sha256Of(file) });
}
