import { DoomedProcess, type Around } from './doomed-process.ts';
import { LatePiece } from './late-piece.ts';
import type { Course } from './planted-bugs.ts';
import type { MatrixStage, Outcome } from './stage.ts';

interface CoursePlan {
  readonly course: Course;
  readonly around: Around;
  readonly isUnfenced: boolean;
}

const mostClaims = 60;

/** One delivery whose first worker stands still, is slow or dies as its course says; others go on. */
export class CourseRun {
  readonly #stage: MatrixStage;
  readonly #plan: CoursePlan;
  readonly #piece = new LatePiece();
  #openedAt = 0;
  #goOn: () => void = () => undefined;
  #stalled: () => void = () => undefined;
  /** True while the first worker stands still. */
  #hasStalled = new Promise<boolean>((resolve) => {
    this.#stalled = () => resolve(true);
  });

  constructor(stage: MatrixStage, plan: CoursePlan) {
    this.#stage = stage;
    this.#plan = plan;
  }

  async run(): Promise<Outcome> {
    const { course, around } = this.#plan;
    await this.#stage.begin(1);
    const { control } = this.#stage.simulator;
    const lost = { endpoint: 'upload', chunk: 'last', kind: 'hang-after' } as const;
    control.setSwitches({ clear_failures: true, failures: course.losesLastAnswer === true ? [lost] : [] });
    const first = new DoomedProcess(this.#stage, course.diesAt, { ...around, ...this.#ofFirst() });
    const claims = await this.#drive(first);
    if (this.#piece.isOnItsWay) await this.#piece.land();
    return { ...(await this.#stage.outcome()), hasCrashed: first.isDead, claims };
  }

  #ofFirst(): Around {
    const { course, around } = this.#plan;
    const { clock } = this.#stage.world;
    let stalls = course.stallsAt === undefined ? 0 : 1;
    return {
      passes: async (point) => {
        if (point === 'init answer received') this.#openedAt = clock.now();
        if (point !== course.stallsAt || stalls === 0) return;
        stalls -= 1;
        const goesOn = new Promise<void>((resolve) => (this.#goOn = resolve));
        this.#stalled();
        await goesOn;
      },
      request: async (config, send) => {
        if (course.pieceLandsAfterMs === undefined || config.method !== 'PUT' || this.#piece.isOnItsWay)
          return around.request?.(config, send) ?? send(config);
        await this.#piece.begin(config, this.#stage.file.path);
        throw new Error('No answer in time.');
      },
    };
  }

  async #drive(first: DoomedProcess): Promise<number> {
    let claims = 0;
    let worker = first;
    for (; claims < mostClaims && !(await this.#stage.isFinished());) {
      for (const claim of await this.#claimNext()) {
        claims += 1;
        const run = worker.run(claim);
        if (await Promise.race([this.#hasStalled, run.then(() => false)])) await this.#whileItStands(claim.fence);
        await run;
      }
      if (worker.isDead) worker = this.#follower();
    }
    return claims;
  }

  #follower(): DoomedProcess {
    const { clock } = this.#stage.world;
    const { followedAfterMs } = this.#plan.course;
    if (followedAfterMs !== undefined) clock.set(this.#openedAt + followedAfterMs);
    return new DoomedProcess(this.#stage, undefined, this.#plan.around);
  }

  async #claimNext() {
    const { clock } = this.#stage.world;
    const claims = await this.#stage.claimNext();
    const landsAt = this.#openedAt + (this.#plan.course.pieceLandsAfterMs ?? 0);
    if (this.#piece.isOnItsWay && clock.now() >= landsAt) await this.#piece.land();
    return claims;
  }

  /** The clock goes on, or another worker takes over; then the first goes on as if nothing had been. */
  async #whileItStands(fence: number): Promise<void> {
    this.#hasStalled = Promise.resolve(false);
    const { world } = this.#stage;
    const { goesOnAfterMs } = this.#plan.course;
    if (goesOnAfterMs === undefined) {
      const other = new DoomedProcess(this.#stage, undefined, this.#plan.around);
      for (const claim of await this.#stage.claimNext()) await other.run(claim);
      if (this.#plan.isUnfenced)
        await world.db
          .knex('jobs')
          .where('fence', fence + 1)
          .update({ fence });
    } else world.clock.set(this.#openedAt + goesOnAfterMs);
    this.#goOn();
  }
}
